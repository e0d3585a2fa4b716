// Guarded in every run by read-models/outcomes-recount, read-models/screening-recount.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { AppModule } from '../../src/app.module.js';
import { Config, readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { cohort } from '../../src/demo/cohort.js';
import { loadOffline } from '../../src/demo/load/offline.js';
import { Office } from '../../src/demo/office.js';
import { staffOf, Story } from '../../src/demo/story.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { createApplication } from '../../src/http/application.js';
import { examine } from '../../src/operating/doctor.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { compareReports, rawCasesIn } from '../support/recount/whole-store.js';
import { done, eventually } from '../support/world.js';

/* What a whole service reports of the demo's cohort, and of load, and the same counted from the tables of events by hand. */

const SMALL = 60;
const CASES = Number(process.env['CASES'] ?? SMALL);
/** 17 are the whole cohort. */
const FLIGHTS = Number(process.env['FLIGHTS'] ?? 2);
const SEED = Number(process.env['SEED'] ?? 14);
const PATIENCE_MS = 600_000 + 20 * CASES + 60_000 * FLIGHTS;

const open: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of open.toReversed()) await close();
});

async function database(): Promise<TestDatabase & { env: Record<string, string> }> {
  const started = await startTestDatabase();
  open.push(started.stop);
  return { ...started, env: { DATABASE_URL: started.url, MIGRATION_DATABASE_URL: started.ownerUrl } };
}

async function service(env: Readonly<Record<string, string>>): Promise<Caseledger> {
  const caseledger = await startCaseledger(env);
  open.push(() => caseledger.stop());
  return caseledger;
}

/** @returns the total of outcomes */
async function compare({ app, person, settled }: Caseledger, ownerUrl: string): Promise<{ readonly transferred: number }> {
  await settled();
  const reporting = await person('rep', 'reporting');
  const token = await app.get(EventStore).newest();
  const ask = async (path: string) => {
    const answer = await eventually(
      `read models have come to what ${path} shows`,
      () => reporting.get(`/v1/reports/${path}`, { token }),
      ({ body }) => body['code'] !== 'read-model-behind',
      PATIENCE_MS,
    );
    return done(answer, 200).body;
  };
  const owner = Database.open({ url: ownerUrl, applicationName: 'spec owner', max: 1 });
  open.push(() => owner.close());
  let compared = 0;
  for await (const { asked, answered, counted } of compareReports(await rawCasesIn(owner), ask)) {
    expect({ asked, answered }).toEqual({ asked, answered: counted });
    compared++;
  }
  expect(compared).toBe(160);
  return (await ask('outcomes'))['total'] as { transferred: number };
}

it(
  `tells of ${FLIGHTS} flights of the demo's cohort what is counted by hand`,
  async () => {
    const { env, ownerUrl } = await database();
    const caseledger = await service(env);
    const office = new Office([caseledger.url]);
    open.push(async () => office.close());
    const config = caseledger.app.get(Config);
    const staff = await staffOf(async (sub, role, at) => ({
      sub,
      token: await issueLocalToken(config, { sub, roles: [role], office: at }),
    }));
    const flights = cohort(SEED).slice(0, FLIGHTS);
    await new Story(office, staff, SEED, () => undefined, flights).tell();
    const told = flights.flatMap(({ travellers }) => travellers);
    expect(await compare(caseledger, ownerUrl)).toMatchObject({
      transferred: told.filter(({ fate }) => fate === 'transferred').length,
      applied: told.filter(({ applies }) => applies).length,
      refused: FLIGHTS - 1,
    });
  },
  PATIENCE_MS,
);

it(
  `tells of ${CASES} cases of load what is counted by hand, and the doctor finds nothing`,
  async () => {
    const { env, ownerUrl } = await database();
    const dataDir = mkdtempSync(join(tmpdir(), 'caseledger-'));
    open.push(async () => rmSync(dataDir, { recursive: true, force: true }));
    const settings = { DATA_DIR: dataDir, ...env, LOG_LEVEL: 'silent' };
    const config = readConfig(settings);
    const load = { cases: CASES, seed: SEED, progress: () => undefined };
    const offline = await createApplication(AppModule, config);
    open.push(() => offline.close());
    await offline.init();
    await loadOffline(offline, config, load);
    const caseledger = await service(settings);
    expect((await compare(caseledger, ownerUrl)).transferred).toBeGreaterThan(CASES / 2);
    const { lines, healthy } = await examine(caseledger.app, { deep: CASES <= SMALL });
    expect([healthy, lines.filter(line => !line.startsWith('ok'))]).toEqual([true, []]);
    // It answers requests, and is no place for an invented time.
    await expect(loadOffline(offline, config, load)).rejects.toThrow('a service runs');
  },
  PATIENCE_MS,
);
