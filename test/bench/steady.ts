import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './table.js';

// A process of its own that asks at a steady pace, whether or not the answers keep up: each is timed from when it was due.

export interface Pace {
  readonly port: number;
  readonly token: string;
  /** Asked in turn. */
  readonly paths: readonly string[];
  readonly perSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface Kept {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 64;
/** Requests that are due are sent so often. */
const TICK_MS = 2;

process.once('message', (pace: Pace) => {
  void run(pace).then(answer => process.send?.(answer, () => process.disconnect()));
});

async function run({ port, token, paths, perSecond, warmUpSeconds, seconds }: Pace): Promise<Kept> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const [first, last] = [warmUpSeconds * perSecond, (warmUpSeconds + seconds) * perSecond];
  const took = new Float64Array(last - first);
  const begun = performance.now();
  const dueAt = (turn: number): number => begun + (turn * 1_000) / perSecond;
  const ask = (turn: number): Promise<void> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: paths[turn % paths.length], agent, headers: { authorization: `Bearer ${token}` } }, answer => {
        if (answer.statusCode !== 200) reject(new Error(`${paths[turn % paths.length]} answered ${answer.statusCode}`));
        answer.resume().on('end', () => {
          if (turn >= first) took[turn - first] = performance.now() - dueAt(turn);
          resolve();
        });
      }).on('error', reject);
    });
  const asked: Promise<void>[] = [];
  for (let turn = 0; turn < last; await sleep(TICK_MS)) while (turn < last && dueAt(turn) <= performance.now()) asked.push(ask(turn++));
  await Promise.all(asked);
  agent.destroy();
  const sorted = took.toSorted();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}
