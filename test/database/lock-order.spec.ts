import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { moveCheckpoints, type Member } from '../../src/projecting/checkpoints.js';
import { Generations } from '../../src/projecting/generations.js';
import type { Projection } from '../../src/projecting/projection.js';
import { receive } from '../../src/reacting/inbox-receiving.js';
import { rank } from '../../src/reacting/inbox-upkeep.js';
import { forgetAll, noteAll, setTimers } from '../../src/reacting/inbox-writes.js';
import { ProcessInbox, type Trigger } from '../../src/reacting/process-inbox.js';
import { URGENCY } from '../../src/reacting/process.js';
import { until } from '../projecting/support.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/* Two statements that take the same rows in different orders end one of them with 40P01: all take them in the order of their keys. */

const NAME = 'spec of lock order';
const KEYS = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'] as const;
let postgres: TestDatabase;
let owner: Database;
let database: Database;
let inbox: ProcessInbox;

beforeAll(async () => {
  postgres = await startTestDatabase();
  owner = Database.open({ url: postgres.ownerUrl, applicationName: 'spec owner' });
  database = Database.open({ url: postgres.url, applicationName: NAME });
  inbox = new ProcessInbox(database);
});
afterAll(async () => {
  await database.close();
  await owner.close();
  await postgres.stop();
});

// The later of each two lies before the earlier one, where a scan comes by it first.
beforeEach(async () => {
  await owner.query(
    'TRUNCATE ledger.read_models, ledger.processes, ledger.process_inbox, ledger.process_lists, ledger.process_timers CASCADE',
  );
  await owner.query('DELETE FROM ledger.data_keys');
  await owner.query(`INSERT INTO ledger.read_models (name, generation, code_version, state, position, store_id)
    VALUES ('b', 1, 1, 'building', '1', 's'), ('a', 1, 1, 'building', '1', 's')`);
  await owner.query("INSERT INTO ledger.processes (name, position, store_id) VALUES ('b', '1', 's'), ('a', '1', 's')");
  await owner.query("INSERT INTO ledger.process_lists (process, list, item) VALUES ('a', 'l', 'b'), ('a', 'l', 'a')");
  await owner.query(
    `INSERT INTO ledger.data_keys (key_id, wrapped, wrapped_by) SELECT key_id, '\\x00', 'm' FROM unnest($1::uuid[]) AS key_id`,
    [KEYS.toReversed()],
  );
});

const member = (name: string): Member => ({
  projection: {} as Projection,
  name,
  generation: 1,
  categories: new Set(),
  storeId: 's',
  position: '1',
  parked: new Set(),
  parkedVersion: 0,
  building: true,
  unfinished: false,
});
const trigger = (position: string): Trigger => ({
  process: 'a',
  position,
  triggerId: KEYS[0],
  stream: `case-${position}`,
  revision: 0,
  type: 'CaseOpened',
  timer: '',
  urgency: URGENCY.mayWait,
});
const waiting = (state: string) =>
  owner.query(
    `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, state)
     SELECT 'a', position, $1, 'case-' || position, 0, 'CaseOpened', $2 FROM unnest('{b,a}'::text[]) AS position`,
    [KEYS[0], state],
  );
const timers = () =>
  owner.query(
    `INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at)
     SELECT 'a', position, 't', $1, 'case-' || position, 0, 'CaseOpened', '2020-01-01' FROM unnest('{b,a}'::text[]) AS position`,
    [KEYS[0]],
  );
const noted = ['b', 'a'].map(item => ({ process: 'a', list: 'l', item, position: '9' }));
const ranked = [
  { name: 'a', on: ['CaseOpened'], startsFrom: 'beginning' as const, urgency: () => URGENCY.protects, react: async () => undefined },
];

const nothing = async (): Promise<unknown> => undefined;
type Case = [does: string, locks: string, statement: () => Promise<unknown>, before?: () => Promise<unknown>];

const CASES: readonly Case[] = [
  [
    'moving checkpoints',
    'ledger.read_models WHERE name',
    () => database.transaction(tx => moveCheckpoints(tx, ['b', 'a'].map(member), '2')),
  ],
  [
    'noting that read models stopped',
    'ledger.read_models WHERE name',
    () => new Generations(database).noteStopped(['b', 'a'].map(member), 'no'),
  ],
  ['noting that processes stopped', 'ledger.processes WHERE name', () => inbox.noteStopped(['b', 'a'], 'no')],
  [
    'receiving triggers',
    'ledger.processes WHERE name',
    () =>
      receive(
        database,
        ['b', 'a'].map(name => ({ name, position: '1', storeId: 's' })),
        [],
        '2',
      ),
  ],
  ['noting', 'ledger.process_lists WHERE item', () => noteAll(database, noted)],
  ['forgetting', 'ledger.process_lists WHERE item', () => forgetAll(database, noted)],
  [
    'taking out what was answered',
    'ledger.process_inbox WHERE position',
    () => Promise.all(['b', 'a'].map(position => inbox.done(trigger(position)))),
    () => waiting('pending'),
  ],
  ['trying again what failed', 'ledger.process_inbox WHERE position', () => inbox.retry('a'), () => waiting('failed')],
  ['ranking what waits', 'ledger.process_inbox WHERE position', () => rank(database, ranked), () => waiting('pending')],
  [
    'setting timers',
    'ledger.process_inbox WHERE position',
    () =>
      setTimers(
        database,
        ['b', 'a'].map(position => ({ trigger: trigger(position), timer: 't', dueAt: '2020-01-01T00:00:00Z' })),
      ),
    () => waiting('pending'),
  ],
  ['firing timers', 'ledger.process_timers WHERE position', () => inbox.fire('2020-01-02T00:00:00Z'), timers],
  [
    'destroying data keys',
    'ledger.data_keys WHERE key_id::text',
    () => new DataKeys(database, Buffer.alloc(32)).destroy(KEYS.toReversed()),
  ],
];

test.each(CASES)('%s takes rows in the order of their keys', async (_, locked, statement, before = nothing) => {
  await before();
  const [first, last] = locked.includes('data_keys') ? KEYS : ['a', 'b'];
  const stands = await owner.transaction(async tx => {
    await tx.query(`SELECT FROM ${locked} = $1 FOR UPDATE`, [first]);
    const running = statement();
    running.catch(() => undefined);
    await someoneWaits();
    // Whoever holds the later row while waiting for the earlier would be met here.
    await tx.query(`SELECT FROM ${locked} = $1 FOR UPDATE NOWAIT`, [last]);
    return { running };
  });
  await expect(stands.running).resolves.not.toThrow();
});

test('wrapping data keys anew leaves none out that somebody is about to destroy, and may not', async () => {
  const keys = new DataKeys(database, Buffer.alloc(32, 1));
  await owner.query('DELETE FROM ledger.data_keys');
  await owner.query('DELETE FROM ledger.master_key');
  await keys.start();
  const next = new DataKeys(database, Buffer.alloc(32, 2), { previous: Buffer.alloc(32, 1) });
  const [kept] = (await owner.query<{ id: string }>('SELECT key_id AS id FROM ledger.data_keys LIMIT 1')).rows;
  const { rotating } = await owner.transaction(async tx => {
    await tx.query('SELECT FROM ledger.data_keys WHERE key_id = $1 FOR UPDATE', [kept?.id]);
    const begun = next.wrapping.rotate();
    begun.catch(() => undefined);
    await someoneWaits();
    return { rotating: begun };
  });
  expect(await rotating).toBe(256);
  expect(await next.wrapping.rotate()).toBe(0);
  await Promise.all([keys.close(), next.close()]);
});

function someoneWaits(): Promise<void> {
  return until(async () => {
    const { rows } = await owner.query("SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'", [NAME]);
    return rows.length > 0;
  });
}
