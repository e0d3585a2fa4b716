import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Children, worldOf, type ChildService } from '../support/child-service.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, type Stored, type World } from '../support/world.js';

/*
 * A leading process that is frozen, its connections as open as before, loses the lead; and when it wakes it writes nothing
 * that another has done, or left undone, meanwhile.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const CASES = 60;
/** Longer than its session, and its transactions, may be silent. */
const FROZEN_MS = 25_000;

const children = new Children();
let database: TestDatabase;
let owner: Database;
let leader: ChildService;
let other: ChildService;
let world: World;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  const dataDir = children.folder();
  const env = { CLOCK: `simulated:${CLOCK}`, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
  leader = await children.start(env, { dataDir });
  other = await children.start(env, { dataDir });
  world = await worldOf((...who) => other.person(...who), CLOCK);
  await world.begin(CLOCK);
});
afterAll(async () => {
  if (leader.alive) process.kill(leader.pid, 'SIGCONT');
  await children.end();
  await owner.close();
  await database.stop();
});

const count = async (sql: string): Promise<number> =>
  (await owner.query<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)).rows[0]?.n ?? 0;
const holdsPlaced = (): Promise<number> => count("ledger.events WHERE type = 'TransferHoldPlaced'");
const eventsOf = async (caseId: string): Promise<readonly Stored[]> =>
  done(await world.staff.auditor.get(`/v1/audit/cases/${caseId}/events`), 200).body['events'] as readonly Stored[];

it('another places the holds that the frozen one left, and a hold that was released by hand stays released when it wakes', async () => {
  const { supervisor } = world.staff;
  const caseIds = await Promise.all(Array.from({ length: CASES }, () => world.open()));
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds }), 201);
  await eventually('the leader is at work', holdsPlaced, placed => placed > 0);
  process.kill(leader.pid, 'SIGSTOP');
  try {
    const [first = ''] = caseIds;
    const later = await world.open();
    done(await supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [later] }), 201);
    await eventually('every hold stands', holdsPlaced, placed => placed === CASES + 1, FROZEN_MS);
    await eventually(
      'the file shows it',
      () => supervisor.get(`/v1/cases/${later}`),
      ({ body }) => JSON.stringify(body['holds'] ?? '').includes('court-order'),
    );
    const [hold] = (await supervisor.get(`/v1/cases/${first}`)).body['holds'] as readonly { holdId: string }[];
    await world.act(supervisor, first, 'release-hold', { holdId: hold?.holdId, reference: 'order lifted' });
    await eventually(
      'its session is gone',
      () =>
        count(
          "pg_stat_activity WHERE application_name LIKE 'caseledger %' AND state = 'idle in transaction' AND datname = current_database()",
        ),
      left => left === 0,
    );
    const before = await count('ledger.events');
    process.kill(leader.pid, 'SIGCONT');
    await eventually(
      'it is ready again',
      () => leader.health(),
      status => status === 200,
    );
    await sleep(2_000);
    expect(await count('ledger.events')).toBe(before);
    expect((await eventsOf(first)).filter(({ type }) => type.startsWith('TransferHold')).map(({ type }) => type)).toEqual([
      'TransferHoldPlaced',
      'TransferHoldReleased',
    ]);
  } finally {
    process.kill(leader.pid, 'SIGCONT');
  }
  // It answers like the other, and takes over when that one is gone.
  await other.kill();
  const again = await leader.person('sup-dina', 'supervisor');
  const [, second = ''] = caseIds;
  done(await again.post('hold-orders', { kind: 'medical', reference: 'order', caseIds: [second] }), 201);
  await eventually(
    'the woken one leads',
    () => again.get(`/v1/cases/${second}`),
    ({ body }) => JSON.stringify(body['holds'] ?? '').includes('medical'),
  );
});
