import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './asking.js';
import { commandOf, type RunningService } from './service.js';
import { quantile } from './table.js';

export interface Rebuilt {
  readonly seconds: number;
  /** The most that the command took, in megabytes. */
  readonly peakMb: number;
  /** Milliseconds of what the service answered meanwhile, one question after the other. */
  readonly p50: number;
  readonly p99: number;
  /** Questions that were not answered, and what came of the last of them. */
  readonly failed: number;
  readonly failure?: string;
}

interface Asked {
  readonly took: number[];
  failed: number;
  failure?: string;
}

/**
 * All read models, by the operator's command, beside a service that is asked all the while.
 * @throws Error where the command does not come to its end
 */
export async function measureRebuilding(service: RunningService, dataDir: string): Promise<Rebuilt> {
  const done = new AbortController();
  const asked = meanwhile(service, dataDir, done.signal);
  const begun = performance.now();
  const child = spawn(process.execPath, [...commandOf('cli'), 'rebuild', 'all'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir },
    stdio: 'ignore',
  });
  const over = once(child, 'exit') as Promise<[number | null]>;
  let peakMb = 0;
  const watch = setInterval(() => (peakMb = Math.max(peakMb, peakOf(child.pid))), 50);
  const [code] = await over;
  clearInterval(watch);
  const seconds = (performance.now() - begun) / 1_000;
  done.abort();
  const { took, ...refused } = await asked;
  const sorted = took.toSorted((a, b) => a - b);
  if (code !== 0) throw new Error(`rebuild all ended with ${code}`);
  return { seconds, peakMb, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), ...refused };
}

/** What people and jobs go on with: a file is opened, and lists and a report are read. */
async function meanwhile(service: RunningService, dataDir: string, signal: AbortSignal): Promise<Asked> {
  const caseworker = await Caller.of(service, dataDir, 'caseworker');
  const job = await Caller.of(service, dataDir, 'reporting');
  const turns = [
    () => caseworker.ask('/v1/cases', SOMEBODY),
    () => caseworker.ask('/v1/cases?limit=50'),
    () => caseworker.ask('/v1/cases/search', { q: 'synthetic' }),
    () => job.ask('/v1/reports/outcomes?by=month'),
  ];
  const asked: Asked = { took: [], failed: 0 };
  for (let turn = 0; !signal.aborted; turn++) {
    const begun = performance.now();
    try {
      await turns[turn % turns.length]?.();
      asked.took.push(performance.now() - begun);
    } catch (error) {
      asked.failed++;
      asked.failure = (error as Error).message;
    }
    await sleep(20);
  }
  return asked;
}

const SOMEBODY = {
  applicant: {
    givenNames: 'Ana',
    familyName: 'Synthetic',
    birthDate: '1990-05-17',
    nationalities: ['HN'],
    languages: ['es'],
    accompaniedBy: 'none',
  },
  encounter: { at: '2020-01-12T15:00:00Z', day: '2020-01-12', place: 'Paso del Norte', manner: 'between-ports' },
  documents: 'none',
};

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
