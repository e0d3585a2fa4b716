// Guarded in every run by journeys/feed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Children, worldOf, type ChildService } from '../support/child-service.js';
import { FactsJob, recordedFacts } from '../support/facts-job.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

/* A reporting job that is killed anywhere counts each fact once, whatever happens to the service meanwhile. */

const CLOCK = '2020-01-13T15:00:00Z';
const children = new Children();
let database: TestDatabase;
let owner: Database;
let service: ChildService;
let dataDir: string;
let env: Readonly<Record<string, string>>;
let job: FactsJob;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  dataDir = children.folder();
  env = { CLOCK: `simulated:${CLOCK}`, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
  service = await children.start(env, { dataDir });
  job = new FactsJob(service);
});
afterAll(async () => {
  await job.kill();
  await children.end();
  await owner.close();
  await database.stop();
});

test('the job is killed five times, the service twice, the read model is built anew: every fact is counted, none twice', async () => {
  const world = await worldOf((...who) => service.person(...who), CLOCK);
  await world.begin(CLOCK);
  await job.start();
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
    await job.kill();
    await job.start();
    if (kill === 1 || kill === 3) {
      await service.kill();
      service = await children.start(env, { dataDir, port: service.port });
    }
    if (kill === 2) await rebuild();
  }
  night.abort();
  await office;
  const all = await recordedFacts(owner);
  expect(all['CaseOpened']).toBeGreaterThan(50);
  const { longestPage } = await eventually(
    'the job has them all',
    async () => job.counted(),
    ({ facts }) => JSON.stringify(facts) === JSON.stringify(all),
  );
  expect(longestPage).toBeLessThanOrEqual(500);
});
