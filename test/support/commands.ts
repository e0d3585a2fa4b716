import { type ChildProcess, spawn } from 'node:child_process';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Command {
  readonly child: ChildProcess;
  readonly said: Promise<Said>;
}

/** Commands of the built command line, each a process of its own; none outlives the test. */
export class Commands {
  private readonly running = new Set<ChildProcess>();

  run(args: readonly string[], settings: Readonly<Record<string, string>>): Command {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, ['dist/cli.js', ...args], {
      env: { PATH, HOME, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return {
      child,
      said: new Promise(resolve => {
        child.once('close', code => {
          this.running.delete(child);
          resolve({ code, stdout, stderr });
        });
      }),
    };
  }

  end(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }
}
