import { Children, worldOf, type ChildService } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, refused, type World } from '../support/world.js';

/* One process answers requests and another follows the events: each is asked what it is for, and tells when the other is gone. */

const CLOCK = '2020-01-13T15:00:00Z';
/** Until those who look believe that nobody takes over. */
const GIVEN_UP_MS = 45_000;

const children = new Children();
let database: TestDatabase;
let api: ChildService;
let followers: ChildService;
let world: World;
let env: Readonly<Record<string, string>>;
let dataDir: string;

beforeAll(async () => {
  database = await startTestDatabase();
  dataDir = children.folder();
  env = { CLOCK: `simulated:${CLOCK}`, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
  followers = await children.start({ ...env, ROLE: 'followers' }, { dataDir });
  api = await children.start({ ...env, ROLE: 'api' }, { dataDir });
  world = await worldOf((...who) => api.person(...who), CLOCK);
  await world.begin(CLOCK);
});
afterAll(async () => {
  await children.end();
  await database.stop();
});

const statusOf = async (service: ChildService, name: string): Promise<unknown> =>
  (((await service.ask('/health/ready')).body['details'] ?? {}) as Record<string, { status?: string }>)[name]?.status;
const running = async (service: ChildService): Promise<string | undefined> =>
  /^followers_running (\d)$/m.exec((await service.ask('/metrics')).text)?.[1];

test('who follows answers monitors and nobody else', async () => {
  expect((await followers.ask('/health/live')).status).toBe(200);
  expect(await running(followers)).toBe('1');
  const worker = await followers.person('cw-ana', 'caseworker');
  refused(await worker.get('/v1/cases'), 404, 'not-found');
  refused(await worker.post('cases', {}), 404, 'not-found');
  expect((await followers.ask('/docs')).status).toBe(404);
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
  expect([await api.health(), await statusOf(api, 'followers'), await running(api)]).toEqual([200, 'up', '1']);

  await followers.terminate();
  await eventually(
    'nobody is sent to it, though nothing waits',
    () => api.health(),
    status => status === 503,
    GIVEN_UP_MS,
  );
  expect([await statusOf(api, 'followers'), await statusOf(api, 'read-models'), await running(api)]).toEqual(['down', 'up', '0']);
  done(await worker.post(`cases/${caseId}/add-note`, { text: 'Synthetic note of the time between.' }), 200);

  const next = await children.start({ ...env, ROLE: 'followers' }, { dataDir });
  await eventually(
    'it is ready again',
    () => api.health(),
    status => status === 200,
  );
  await eventually(
    'what was stored meanwhile is shown',
    async () => (await worker.get(`/v1/cases/${caseId}`)).body['noteCount'],
    count => count === 2,
  );
  expect(next.alive).toBe(true);
});

test('without anybody who ever followed it is not ready', async () => {
  const empty = await startTestDatabase();
  const lonely = await children.spawn(
    { ...env, DATABASE_URL: empty.url, MIGRATION_DATABASE_URL: empty.ownerUrl, ROLE: 'api' },
    { dataDir: children.folder() },
  );
  await eventually(
    'it answers',
    () => lonely.ask('/health/live'),
    ({ status }) => status === 200,
  );
  expect([await lonely.health(), await statusOf(lonely, 'followers')]).toEqual([503, 'down']);
  await lonely.terminate();
  await empty.stop();
});
