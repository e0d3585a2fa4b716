import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { Children, worldOf, type ChildService } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

/* A reporting job that is killed anywhere counts each fact once, whatever happens to the service meanwhile. */

const JOB = 'test/support/case-facts-job.mjs';
const CLOCK = '2020-01-13T15:00:00Z';
const children = new Children();
let database: TestDatabase;
let owner: Database;
let service: ChildService;
let dataDir: string;
let env: Readonly<Record<string, string>>;
let job: ChildProcess | undefined;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  dataDir = children.folder();
  env = { CLOCK: `simulated:${CLOCK}`, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
  service = await children.start(env, { dataDir });
});
afterAll(async () => {
  job?.kill('SIGKILL');
  await children.end();
  await owner.close();
  await database.stop();
});

const file = (): string => join(dataDir, 'case-facts.ndjson');

async function startJob(): Promise<void> {
  const token = await issueLocalToken(readConfig({ DATA_DIR: dataDir }), { sub: 'rep-night', roles: ['reporting'], office: 'ELP' });
  const { PATH = '' } = process.env;
  job = spawn(process.execPath, [JOB], {
    env: { PATH, SERVICE: `http://127.0.0.1:${service.port}`, TOKEN: token, FILE: file() },
    stdio: 'ignore',
  });
}

async function killJob(): Promise<void> {
  const ended = job && once(job, 'close');
  job?.kill('SIGKILL');
  await ended;
}

/** What the job has, each fact once; a torn line is none. */
function counted(): Record<string, number> {
  const facts = new Map<string, string>();
  for (const line of readFileSync(file(), 'utf8').split('\n')) {
    try {
      const { factId, type } = JSON.parse(line) as { factId?: string; type: string };
      if (factId !== undefined) facts.set(factId, type);
    } catch {
      // Torn, or between two pages.
    }
  }
  return inOrder([...facts.values()].map(type => [type, 1] as const));
}

const inOrder = (counts: readonly (readonly [string, number])[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const [type, n] of counts.toSorted()) sum[type] = (sum[type] ?? 0) + n;
  return sum;
};

async function recorded(): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ type: string; n: number }>(
    "SELECT type, count(*) AS n FROM ledger.events WHERE stream LIKE 'case-%' GROUP BY type",
  );
  return inOrder(rows.map(({ type, n }) => [type, n] as const));
}

test('the job is killed five times, the service twice, the read model is built anew: every fact is counted, none twice', async () => {
  const world = await worldOf((...who) => service.person(...who), CLOCK);
  await world.begin(CLOCK);
  await startJob();
  const night = new AbortController();
  const office = (async () => {
    while (!night.signal.aborted) {
      // What is under way when the service dies may or may not be stored: only what is stored is counted.
      await world.staff.worker.post('cases', world.intake());
      await sleep(5);
    }
  })();
  const rebuild = async (): Promise<void> => {
    const { PATH = '', HOME = '' } = process.env;
    const cli = spawn(process.execPath, ['dist/cli.js', 'rebuild', 'case-facts'], {
      env: { PATH, HOME, DATA_DIR: dataDir, ...env },
      stdio: 'ignore',
    });
    expect(await once(cli, 'close')).toEqual([0, null]);
  };
  for (let kill = 0; kill < 5; kill++) {
    await sleep(200 + Math.random() * 800);
    await killJob();
    await startJob();
    if (kill === 1 || kill === 3) {
      await service.kill();
      service = await children.start(env, { dataDir, port: service.port });
    }
    if (kill === 2) await rebuild();
  }
  night.abort();
  await office;
  const all = await recorded();
  expect(all['CaseOpened']).toBeGreaterThan(50);
  await eventually('the job has them all', counted, counts => JSON.stringify(counts) === JSON.stringify(all));
});

test('the README shows this very job', () => {
  const shown = readFileSync('README.md', 'utf8');
  expect(shown).toContain(readFileSync(JOB, 'utf8'));
});
