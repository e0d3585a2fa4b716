import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Children, type ChildService } from '../support/child-service.js';
import { FactsJob, recordedFacts } from '../support/facts-job.js';
import { startTestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

/*
 * A night: load running, all read models rebuilt again and again, the reporting job killed five times, the service twice.
 * What the job has counted must be what is stored, no page over its limit, and the doctor must find nothing.
 */

const MINUTES = Number(process.env['MINUTES'] ?? 10);
const KILLS = 5;
const KILLS_THE_SERVICE_TOO = new Set([1, 3]);
const PAGE = 500;
const SETTLED_WITHIN_MS = 600_000;
const SAMPLE_MS = 1_000;
const STRETCH_S = 30;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const children = new Children();
const database = await startTestDatabase();
const owner = Database.open({ url: database.ownerUrl, applicationName: 'night', max: 2 });
const dataDir = children.folder();
const env = { CLOCK: 'simulated:2020-01-13T15:00:00Z', DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
let service: ChildService = await children.start(env, { dataDir });
const job = new FactsJob(service);
const night = new AbortController();

const cli = async (...args: readonly string[]): Promise<boolean> => {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--max-semi-space-size=32', '--heap-growing-percent=60', 'dist/cli.js', ...args], {
    env: { PATH, HOME, DATA_DIR: dataDir, ...env },
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
};

/** A wave of people after the other; one that meets the service dead is over sooner. */
async function load(): Promise<number> {
  let waves = 0;
  while (!night.signal.aborted) {
    const whole = await cli(
      'load',
      '--cases',
      '200',
      '--concurrency',
      '8',
      '--seed',
      String(++waves),
      '--url',
      `http://127.0.0.1:${service.port}`,
    );
    if (!whole) await sleep(SAMPLE_MS);
  }
  return waves;
}

async function rebuild(): Promise<{ whole: number; failed: number }> {
  const outcomes = { whole: 0, failed: 0 };
  while (!night.signal.aborted) outcomes[(await cli('rebuild', 'all')) ? 'whole' : 'failed']++;
  return outcomes;
}

/** Resident memory of each process of the service, in MB, once a second. */
async function sample(): Promise<Map<number, number[]>> {
  const samples = new Map<number, number[]>();
  while (!night.signal.aborted) {
    await sleep(SAMPLE_MS);
    try {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1];
      if (kilobytes) samples.set(service.pid, [...(samples.get(service.pid) ?? []), Number(kilobytes) / 1_024]);
    } catch {
      // Dead for the moment.
    }
  }
  return samples;
}

async function killing(): Promise<void> {
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep((MINUTES * 60_000) / (KILLS + 1));
    await job.kill();
    await job.start();
    if (!KILLS_THE_SERVICE_TOO.has(kill)) continue;
    await service.kill();
    service = await children.start(env, { dataDir, port: service.port });
  }
  await sleep((MINUTES * 60_000) / (KILLS + 1));
  night.abort();
}

/** Garbage goes up and down: whether the least and the median climb tells whether something is kept. */
function stretchesOf(megabytes: readonly number[]): string[] {
  return Array.from({ length: Math.ceil(megabytes.length / STRETCH_S) }, (_, index) => {
    const sorted = megabytes.slice(index * STRETCH_S, (index + 1) * STRETCH_S).toSorted((a, b) => a - b);
    return [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map(each => each?.toFixed(0)).join('/');
  });
}

const faults: string[] = [];
try {
  await job.start();
  const [waves, rebuilt, samples] = await Promise.all([load(), rebuild(), sample(), killing()]);
  const all = await recordedFacts(owner);
  const { facts, longestPage } = await eventually(
    'the job has them all',
    async () => job.counted(),
    counted => isDeepStrictEqual(counted.facts, all),
    SETTLED_WITHIN_MS,
  );
  if (longestPage > PAGE) faults.push(`a page had ${longestPage} rows`);
  if (rebuilt.whole === 0) faults.push('no rebuild came to its end');
  if (!(await cli('doctor'))) faults.push('doctor found something');
  const events = Object.values(facts).reduce((sum, n) => sum + n, 0);
  say(`${MINUTES} minutes, ${waves} waves of people, ${events} events of cases: the job has each once`);
  say(`all read models rebuilt ${rebuilt.whole} times, ${rebuilt.failed} times not to the end; longest page ${longestPage} of ${PAGE}`);
  say(`resident memory of the service in MB, least, median and most of each ${STRETCH_S} s:`);
  for (const [pid, megabytes] of samples) say(`service ${pid}, ${megabytes.length} s: ${stretchesOf(megabytes).join('  ')}`);
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error));
} finally {
  await job.kill();
  await children.end();
  await owner.close();
  await database.stop();
}
for (const fault of faults) say(`WRONG: ${fault}`);
say(faults.length === 0 ? 'all well' : 'not well');
process.exitCode = faults.length === 0 ? 0 : 1;
