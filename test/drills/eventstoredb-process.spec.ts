// Guarded in every run by contract/eventstoredb-event-store.
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of its own, and what it said. */
class Child {
  output = '';
  errors = '';
  readonly ended: Promise<unknown[]>;
  private readonly process: ChildProcess;

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(
      process.execPath,
      ['--import', './test/support/typescript.mjs', `./test/support/eventstoredb/${script}.ts`, ...args],
      {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.ended = once(this.process, 'exit');
    this.process.stdout!.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
    this.process.stderr!.on('data', (bytes: Buffer) => (this.errors += bytes.toString()));
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.process.exitCode !== null) throw new Error(`it ended without saying ${pattern}: ${this.errors}`);
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}

describe('a process whose event store is killed, stopped and started under load', () => {
  const children: Child[] = [];
  const start = (...args: ConstructorParameters<typeof Child>): Child => {
    const child = new Child(...args);
    children.push(child);
    return child;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.signal('SIGKILL');
  });

  it.each(['esdb', 'kurrentdb'])('goes on living, and ends by itself (%s://)', async scheme => {
    const server = start('serve', ['0'], { STAND_IN_SPEAKS: scheme });
    const [, port] = await server.says(/localhost:(\d+)/);
    const writer = start('write-under-load', [`${scheme}://localhost:${port}?tls=false`, '3800']);
    await writer.says(/writing/);
    for (const [after, signal] of [
      [500, 'SIGUSR2'],
      [900, 'SIGSTOP'],
      [1_800, 'SIGCONT'],
    ] as const) {
      await sleep(after);
      server.signal(signal);
    }
    expect({ ended: await writer.ended, errors: writer.errors }).toEqual({ ended: [0, null], errors: '' });
    const [, acknowledged] = await writer.says(/"acknowledged":(\d+)/);
    expect(Number(acknowledged)).toBeGreaterThanOrEqual(2 * 96);
  });
});
