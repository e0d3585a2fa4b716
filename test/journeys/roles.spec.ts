import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, World } from '../support/world.js';

/* One process answers requests and another follows the events: each is asked what it is for, and tells when the other is gone. */

/** Until those who look believe that nobody takes over. */
const GIVEN_UP_MS = 45_000;

const dataDir = mkdtempSync(join(tmpdir(), 'caseledger-'));
let database: TestDatabase;
let api: Caseledger;
let followers: Caseledger;
let world: World;

const start = (role: 'api' | 'followers', at = database): Promise<Caseledger> =>
  startCaseledger({ DATA_DIR: dataDir, DATABASE_URL: at.url, MIGRATION_DATABASE_URL: at.ownerUrl, ROLE: role });

beforeAll(async () => {
  database = await startTestDatabase();
  followers = await start('followers');
  api = await start('api');
  world = await World.in(api);
});
afterAll(async () => {
  await api.stop();
  await followers.stop();
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What a probe is told, who has no token. */
const ask = async (service: Caseledger, path: string): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(`${service.url}${path}`);
  return { status: answer.status, text: await answer.text() };
};
const health = async (service: Caseledger): Promise<number> => (await ask(service, '/health/ready')).status;
const statusOf = async (service: Caseledger, name: string): Promise<unknown> => {
  const { details = {} } = JSON.parse((await ask(service, '/health/ready')).text) as { details?: Record<string, { status?: string }> };
  return details[name]?.status;
};
const running = async (service: Caseledger): Promise<string | undefined> =>
  /^followers_running (\d)$/m.exec((await ask(service, '/metrics')).text)?.[1];

test('who follows answers monitors and nobody else', async () => {
  expect((await ask(followers, '/health/live')).status).toBe(200);
  expect(await running(followers)).toBe('1');
  for (const path of ['/v1/cases', '/v1/manifests', '/docs']) expect((await ask(followers, path)).status).toBe(404);
});

test('who answers requests shows what the other has followed, and tells when nobody follows any more', async () => {
  const { worker, supervisor } = world.staff;
  const caseId = await world.open();
  const noted = done(await worker.post(`cases/${caseId}/add-note`, { text: 'Synthetic note.' }), 200);
  const token = noted.headers.get('consistency-token') ?? '';
  expect(done(await worker.get(`/v1/cases/${caseId}`, { token }), 200).body).toMatchObject({ noteCount: 1 });
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [caseId] }), 201);
  await eventually(
    'the order holds the case',
    async () => JSON.stringify((await worker.get(`/v1/cases/${caseId}`)).body['holds'] ?? ''),
    holds => holds.includes('court-order'),
  );
  expect([await health(api), await statusOf(api, 'followers'), await running(api)]).toEqual([200, 'up', '1']);

  await followers.stop();
  await eventually(
    'nobody is sent to it, though nothing waits',
    () => health(api),
    status => status === 503,
    GIVEN_UP_MS,
  );
  expect([await statusOf(api, 'followers'), await statusOf(api, 'read-models'), await running(api)]).toEqual(['down', 'up', '0']);
  done(await worker.post(`cases/${caseId}/add-note`, { text: 'Synthetic note of the time between.' }), 200);

  followers = await start('followers');
  await eventually(
    'it is ready again',
    () => health(api),
    status => status === 200,
  );
  await eventually(
    'what was stored meanwhile is shown',
    async () => (await worker.get(`/v1/cases/${caseId}`)).body['noteCount'],
    count => count === 2,
  );
});

test('without anybody who ever followed it is not ready', async () => {
  const empty = await startTestDatabase();
  const lonely = await startCaseledger({ DATABASE_URL: empty.url, MIGRATION_DATABASE_URL: empty.ownerUrl, ROLE: 'api' });
  try {
    expect((await ask(lonely, '/health/live')).status).toBe(200);
    expect([await health(lonely), await statusOf(lonely, 'followers')]).toEqual([503, 'down']);
    // Nor is there anything to read: every list is refused.
    expect(await statusOf(lonely, 'read-models')).toBe('down');
  } finally {
    await lonely.stop();
    await empty.stop();
  }
});
