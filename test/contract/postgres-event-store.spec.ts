import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { APPEND_FUNCTION } from '../../src/database/migrations/0008-append-with-keys.js';
import { canonicalJson } from '../../src/event-store/canonical-json.js';
import { type NewEvent, START, type StoredEvent } from '../../src/event-store/event-store.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { everyEventStore } from './event-store.contract.js';
import { append, collect, follow, ids, insist, newEvent, newEvents, newStream } from './store-under-test.js';

const open = (url: string, max = 4) => Database.open({ url, applicationName: 'spec-store', max });

everyEventStore('PostgreSQL', async () => {
  const test = await startTestDatabase();
  const database = open(test.url);
  const admin = Database.open({ url: test.ownerUrl, applicationName: 'spec-admin', max: 1 });
  const store = new PostgresEventStore(database);
  return {
    store,
    reopen: async () => new PostgresEventStore(database),
    disconnect: async () => {
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spec-store'`);
    },
    stop: async () => {
      await store.close();
      await Promise.all([database.close(), admin.close()]);
      await test.stop();
    },
  };
});

describe('the event store in PostgreSQL', () => {
  let test: TestDatabase;
  let owner: Database;
  let database: Database;
  let store: PostgresEventStore;

  beforeAll(async () => {
    test = await startTestDatabase();
    owner = Database.open({ url: test.ownerUrl, applicationName: 'spec-admin', max: 2 });
    database = open(test.url);
    store = new PostgresEventStore(database);
  });
  afterAll(async () => {
    await store.close();
    await Promise.all([database.close(), owner.close()]);
    await test.stop();
  });

  it('answers a repeat with the first result, and something else at that place with a conflict', async () => {
    const stream = newStream();
    const events = newEvents(3);
    const send = async (expectedRevision: number | 'no-stream', sent: NewEvent[]) =>
      (await store.append([{ stream, expectedRevision, events: sent }]))[0]!;
    const first = await send('no-stream', events);
    expect(await send('no-stream', events)).toEqual({ ...first, outcome: 'duplicate' });
    expect(await send('no-stream', events.slice(0, 2))).toMatchObject({ outcome: 'duplicate', revision: 1 });
    expect(await send(0, events.slice(1))).toEqual({ ...first, outcome: 'duplicate' });
    expect(await send(0, events)).toEqual({ outcome: 'conflict' });
    expect(await send('no-stream', [...events, newEvent()])).toEqual({ outcome: 'conflict' });
    expect(await send('no-stream', events.toReversed())).toEqual({ outcome: 'conflict' });
  });

  it('keeps the text that proofs are made over, byte for byte', async () => {
    const stream = newStream();
    const event = newEvent({ z: 1, a: { c: '\u2028 "quoted" \\ \n', b: [1e21 / 1e10, 0.1] }, ö: '😀' });
    await store.append([{ stream, expectedRevision: 'no-stream', events: [event] }]);
    const { rows } = await database.query<{ data: string; metadata: string }>(
      'SELECT data::text, metadata::text FROM ledger.events WHERE stream = $1',
      [stream],
    );
    expect(rows[0]).toEqual({ data: canonicalJson(event.data), metadata: canonicalJson(event.metadata) });
  });

  it.each([
    'UPDATE ledger.events SET type = type',
    'DELETE FROM ledger.events',
    'TRUNCATE ledger.events',
    'DROP TABLE ledger.events',
    'ALTER TABLE ledger.events ADD COLUMN x int',
    'UPDATE ledger.store SET store_id = gen_random_uuid()',
    `SELECT setval('ledger.position', 1)`,
    'CREATE TABLE ledger.mine (x int)',
  ])('does not let the service %s', async statement => {
    await expect(database.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('reads no more than one row for whoever wants the last event alone', async () => {
    const stream = newStream();
    const events = newEvents(40);
    await append(store, stream, 'no-stream', events);
    const asked = jest.spyOn(database, 'query');
    for await (const batch of store.readStream(stream, { direction: 'backwards' })) {
      expect(ids(batch)).toEqual(ids(events.slice(-1)));
      break;
    }
    const answers = await Promise.all(asked.mock.results.map(({ value }) => value as ReturnType<Database['query']>));
    asked.mockRestore();
    expect(answers.map(({ rows }) => rows.length)).toEqual([1]);
  });

  it('looks ahead for the next page of a long stream, and leaves alone whoever stops before it', async () => {
    const stream = newStream();
    await append(store, stream, 'no-stream', newEvents(2_300));
    const broken = open('postgres://nobody@127.0.0.1:1/nothing');
    const passing = jest.spyOn(broken, 'query');
    for (let page = 0; page < 2; page++) passing.mockImplementationOnce((query, values) => database.query(query, values));
    const over = new PostgresEventStore(broken);
    let read = 0;
    for await (const batch of over.readStream(stream)) {
      read += batch.length;
      await sleep(50);
      if (read > 1_000) break;
    }
    expect([read, passing.mock.calls.length]).toEqual([1_032, 3]);
    await over.close();
    await broken.close();
  });

  it('rejects a faulty append alone, and stores those that shared its batch', async () => {
    await owner.query(`ALTER TABLE ledger.events ADD CONSTRAINT spec CHECK (type <> 'Faulty')`);
    const requests = Array.from({ length: 20 }, (_, n) => ({
      stream: newStream(),
      expectedRevision: 'no-stream' as const,
      events: [{ ...newEvent(), type: n === 13 ? 'Faulty' : 'Sound' }],
    }));
    const results = await Promise.allSettled(requests.map(request => store.append([request])));
    expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([13]);
    expect((results[13] as PromiseRejectedResult).reason).toMatchObject({ code: '23514' });
    await owner.query('ALTER TABLE ledger.events DROP CONSTRAINT spec');
  });

  it('skips nothing for a reader while two processes write with random delays before their commits', async () => {
    await replaceAppend(owner, delayed('random() * 0.01'));
    const stores = [new PostgresEventStore(open(test.url)), new PostgresEventStore(open(test.url))];
    const after = await store.newest();
    const streams = stores.flatMap(writer => Array.from({ length: 16 }, () => ({ writer, stream: newStream() })));
    const following = follow(store.subscribeToAll({ after, signal: new AbortController().signal }), ({ length }) => length >= 32 * 10);
    await Promise.all(
      streams.map(async ({ writer, stream }) => {
        for (let n = 0; n < 10; n++) {
          const expectedRevision = n === 0 ? ('no-stream' as const) : n - 1;
          const [result] = await writer.append([{ stream, expectedRevision, events: newEvents(1) }]);
          expect(result).toMatchObject({ outcome: 'ok' });
        }
      }),
    );
    expect(ids(await following)).toEqual(ids(await collect(store.readAll({ after }))));
    await Promise.all(stores.map(writer => writer.close()));
    await replaceAppend(owner, APPEND_FUNCTION);
  });

  describe('when one writer is slow between taking its positions and committing', () => {
    it('lets nobody overtake it: a reader sees both', async () => {
      const { slow, fast, seen } = await overtake(held());
      expect(ids(seen)).toEqual([slow.id, fast.id]);
    });

    it('would lose its event for readers if the lock were taken out', async () => {
      const { fast, seen } = await overtake(held().replace(LOCK, ''));
      expect(ids(seen)).toEqual([fast.id]);
    });
  });
});

describe('when PostgreSQL is killed under load', () => {
  let directory: string;
  let server: EmbeddedPostgres;
  let database: Database;
  let store: PostgresEventStore;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'caseledger-kill-'));
    server = await EmbeddedPostgres.open(directory);
    await migrate(server.ownerUrl, SERVICE_ROLE);
    database = open(server.serviceUrl);
    store = new PostgresEventStore(database);
  });
  afterAll(async () => {
    await store.close();
    await database.close();
    await server.close();
    await rm(directory, { recursive: true });
  });

  it('keeps every acknowledged event, once and in order, and misses none in a subscription', async () => {
    const acknowledged = new Map<string, string[]>();
    const last = newEvent();
    const following = follow(store.subscribeToAll({ signal: new AbortController().signal }), seen => seen.at(-1)?.id === last.id);
    const load = { on: true };
    const writers = Array.from({ length: 32 }, async () => {
      const stream = newStream();
      const events: string[] = [];
      acknowledged.set(stream, events);
      while (load.on) {
        const event = newEvent();
        const expectedRevision = events.length === 0 ? 'no-stream' : events.length - 1;
        // On a slow machine the server may be away for longer than an append waits.
        expect(await insist(() => append(store, stream, expectedRevision, [event]))).toMatchObject({ revision: events.length });
        events.push(event.id);
        await sleep(5);
      }
    });

    for (let kills = 0; kills < 3; kills++) {
      await sleep(300);
      const { pid } = server;
      process.kill(pid, 'SIGKILL');
      while (server.pid === pid) await sleep(20);
    }
    await sleep(300);
    load.on = false;
    await Promise.all(writers);
    await insist(() => append(store, newStream(), 'no-stream', [last]));

    const stored = await collect(store.readAll());
    for (const [stream, events] of acknowledged) expect(ids(stored.filter(event => event.stream === stream))).toEqual(events);
    expect(ids(await following)).toEqual(ids(stored));
  });
});

/** A reader that keeps a checkpoint reads while the fast writer tries to pass the slow one, which goes on after it has tried. */
async function overtake(definition: string): Promise<{ slow: NewEvent; fast: NewEvent; seen: StoredEvent[] }> {
  const own = await startTestDatabase();
  const admin = Database.open({ url: own.ownerUrl, applicationName: 'spec-admin', max: 2 });
  await replaceAppend(admin, definition);
  const [one, other] = [open(own.url), open(own.url)];
  const [first, second] = [new PostgresEventStore(one), new PostgresEventStore(other)];
  const [slow, fast] = [newEvent(), newEvent()];
  const seen: StoredEvent[] = [];
  const readOn = async () => seen.push(...(await collect(second.readAll({ after: seen.at(-1)?.position ?? START }))));

  const holder = await admin.session(() => undefined);
  await holder.query(`SELECT pg_advisory_lock(${HELD})`);
  const late = append(first, 'case-slow', 'no-stream', [slow]);
  await until(admin, waiting(1));
  let passed = false;
  const passing = append(second, 'case-fast', 'no-stream', [fast]).finally(() => {
    passed = true;
  });
  await until(admin, waiting(2), () => passed);
  await readOn();
  await holder.query(`SELECT pg_advisory_unlock(${HELD})`);
  await Promise.all([late, passing]);
  await readOn();
  await holder.close();

  await Promise.all([first.close(), second.close()]);
  await Promise.all([one.close(), other.close(), admin.close()]);
  await own.stop();
  return { slow, fast, seen };
}

const LOCK = /PERFORM pg_advisory_xact_lock\([^;]*;/;

const HELD = 4711;
const waiting = (count: number): string =>
  `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' HAVING count(*) >= ${count}`;

/** The function with a delay after it has taken its positions. */
const delayed = (seconds: string): string => afterPositions(`PERFORM pg_sleep(${seconds});`);

/** The function that waits there for whoever holds it, where it is the slow one's. */
const held = (): string => afterPositions(`IF streams[1] = 'case-slow' THEN PERFORM pg_advisory_xact_lock(${HELD}); END IF;`);

function afterPositions(statement: string): string {
  expect(APPEND_FUNCTION).toMatch(LOCK);
  const changed = APPEND_FUNCTION.replace('heads := ', `${statement}\n  heads := `);
  expect(changed).not.toBe(APPEND_FUNCTION);
  return changed;
}

async function replaceAppend(owner: Database, definition: string): Promise<void> {
  await owner.query(definition);
}

async function until(database: Database, query: string, over = () => false): Promise<void> {
  while (!over() && (await database.query(query)).rows.length === 0) await sleep(10);
}
