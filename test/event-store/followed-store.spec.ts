import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { Leadership } from '../../src/database/leadership.js';
import { StoreUnavailable, type EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { FollowedStore } from '../../src/event-store/followed-store.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { InUse, keepServicesAway } from '../../src/operating/relocation.js';
import { collect, newEvents, newStream } from '../contract/store-under-test.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/*
 * A service that was frozen, or cut off from the database, has lost its locks: somebody may have moved all events to another event store
 * meanwhile, and what it stored in the one that it knows would be acknowledged and seen by nobody.
 */

const NAME = 'spec-followed';
let test: TestDatabase;
let database: Database;
let owner: Database;
let leadership: Leadership;
let inner: EventStore;
let store: FollowedStore;

beforeAll(async () => {
  test = await startTestDatabase();
  database = Database.open({ url: test.url, applicationName: NAME, max: 3 });
  owner = Database.open({ url: test.ownerUrl, applicationName: `${NAME}-owner`, max: 2 });
  leadership = new Leadership(database);
  inner = new PostgresEventStore(database);
  store = new FollowedStore(inner, leadership, database);
  await owner.query(`INSERT INTO ledger.processes (name, position, store_id) VALUES ('some-process', '', $1)`, [await inner.storeId()]);
});
afterAll(async () => {
  await leadership.close();
  await inner.close();
  await database.close();
  await owner.close();
  await test.stop();
});

const append = (): ReturnType<EventStore['append']> =>
  store.append([{ stream: newStream(), expectedRevision: 'no-stream', events: newEvents(1) }]);
const stored = async (): Promise<number> => (await collect(inner.readAll())).length;
/** As the server does with a session of which nothing is heard. */
async function cutOff(): Promise<void> {
  const heard = new Promise<void>(resolve => {
    const end = leadership.onLoss(() => {
      end();
      resolve();
    });
  });
  await owner.query(`SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted`);
  await heard;
}
const followed = (storeId: string): Promise<unknown> => owner.query('UPDATE ledger.processes SET store_id = $1', [storeId]);

it('stores, and lets nobody move the events meanwhile', async () => {
  expect(await append()).toMatchObject([{ outcome: 'ok' }]);
  await expect(keepServicesAway(owner)).rejects.toThrow(InUse);
});

it('stores nothing while events are moved, nor once they were', async () => {
  const before = await stored();
  await cutOff();
  const moving = await keepServicesAway(owner);
  await expect(append()).rejects.toThrow('events are being moved to another event store');
  await followed('11111111-1111-4111-8111-111111111111');
  await moving.close();
  await expect(append()).rejects.toThrow('some-process follows the event store 11111111-1111-4111-8111-111111111111');
  await expect(store.assertWritable()).rejects.toThrow(StoreUnavailable);
  expect(await stored()).toBe(before);

  await followed(await inner.storeId());
  await expect(append()).resolves.toMatchObject([{ outcome: 'ok' }]);
});

it('goes on after a session was lost, also with what waited when it was', async () => {
  await append();
  const before = await stored();
  await cutOff();
  const results = await Promise.all(Array.from({ length: 20 }, append));
  expect(results.flat().every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(await stored()).toBe(before + 20);
});

it('stores nothing in an older copy, where followers stand already', async () => {
  await append();
  const [before, head] = [await stored(), await inner.head()];
  await owner.query('UPDATE ledger.processes SET position = $1', [`9${head.slice(1)}`]);
  await cutOff();
  await expect(append()).rejects.toThrow(`beyond the event store's end ${head}: an older copy was restored`);
  await expect(store.assertWritable()).rejects.toThrow(StoreUnavailable);
  expect(await stored()).toBe(before);

  await owner.query('UPDATE ledger.processes SET position = $1', [head]);
  await expect(append()).resolves.toMatchObject([{ outcome: 'ok' }]);
});

it('stores nothing in an older copy that has grown since', async () => {
  await append();
  const all = await collect(inner.readAll());
  const [last] = all.slice(-1) as [StoredEvent];
  const logged = async ({ stream, revision, id }: Pick<StoredEvent, 'stream' | 'revision' | 'id'>): Promise<void> => {
    await owner.query(
      `INSERT INTO ledger.log (origin, public_key, store_id, position, size, last_stream, last_revision, last_event_id)
       VALUES ('some-log', '', $1, '', 1, $2, $3, $4)
       ON CONFLICT (one) DO UPDATE SET last_stream = $2, last_revision = $3, last_event_id = $4`,
      [await inner.storeId(), stream, revision, id],
    );
  };
  await cutOff();
  for (const gone of [
    { ...last, revision: last.revision + 1 },
    { ...last, id: '22222222-2222-4222-8222-222222222222' },
  ]) {
    await logged(gone);
    await expect(append()).rejects.toThrow(`${gone.stream} at revision ${gone.revision}, and the event store has not: an older copy`);
    await expect(store.assertWritable()).rejects.toThrow(StoreUnavailable);
  }
  expect(await stored()).toBe(all.length);

  await logged(last);
  await expect(append()).resolves.toMatchObject([{ outcome: 'ok' }]);
});
