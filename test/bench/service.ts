import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Over what was stored without a service all read models are built first, and on a slow disk that is a while. */
const STARTS_WITHIN_MS = 1_800_000;
/** Until then it is looked often, so that what is measured is the start. */
const SOON_MS = 5_000;
const LOADER = new URL('../support/typescript.mjs', import.meta.url).href;

export interface RunningService {
  readonly port: number;
  readonly pid: number;
  /** From the command to the first answer that it is ready. */
  readonly readyAfterMs: number;
  stop(): Promise<void>;
}

/** What Node.js is given, as package.json says. */
export function commandOf(script: 'start' | 'cli'): string[] {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const words = (scripts[script] ?? '').split(' ');
  return words.slice(words.indexOf('node') + 1);
}

/**
 * The built service as an operator runs it, with its own DATA_DIR; its events are there too, but where an event store is named.
 * @throws Error with its last words when it does not start
 */
export async function startService(dataDir: string, eventStoreUrl?: string): Promise<RunningService> {
  const port = await freePort();
  const logFile = join(dataDir, 'service.log');
  const log = openSync(logFile, 'a');
  const begun = performance.now();
  const child = spawn(process.execPath, commandOf('start'), {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dataDir,
      PORT: String(port),
      ...(eventStoreUrl !== undefined && { EVENT_STORE_URL: eventStoreUrl }),
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const gone = exitOf(child);
  while (!(await isReady(port))) {
    if (child.exitCode !== null || performance.now() - begun > STARTS_WITHIN_MS) {
      child.kill();
      throw new Error(`the service did not start: ${readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? ''}`);
    }
    // To look is work for the service too, and more where it is behind.
    await sleep(performance.now() - begun < SOON_MS ? 10 : 1_000);
  }
  return {
    port,
    pid: child.pid ?? 0,
    readyAfterMs: performance.now() - begun,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Runs one of the files beside this one as a process of its own, and resolves with what it answers to the message. */
export async function inProcessOfItsOwn<Answer>(file: string, message: object, begun?: (child: ChildProcess) => void): Promise<Answer> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: ['--import', LOADER] });
  begun?.(child);
  const answered = new Promise<Answer>((resolve, reject) => {
    child.once('message', answer => resolve(answer as Answer));
    child.once('exit', code => reject(new Error(`${file} ended with ${code} and no answer`)));
  });
  child.send(message);
  const answer = await answered;
  await exitOf(child);
  return answer;
}

/** Megabytes of a process and nothing that it started. */
export const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Megabytes of all processes below a server's, shared pages counted once. */
export function proportionalMb(serverPid: number): number {
  const pids = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => pid === String(serverPid) || parentOf(pid) === serverPid);
  return (
    pids.reduce((sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0), 0) / 1024
  );
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

function isReady(port: number): Promise<boolean> {
  return new Promise(resolve => {
    request({ host: '127.0.0.1', port, path: '/health/ready', agent: false }, response => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', () => resolve(false))
      .end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => {
    server.close(resolve);
  });
  return port;
}
