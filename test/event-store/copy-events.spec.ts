import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import { canonicalEvent, compareStores, copyEvents } from '../../src/event-store/copy-events.js';
import { type AppendRequest, type AppendResult, EventStore, type NewEvent } from '../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { append, collect, ids, newEvent, newEvents, newStream } from '../contract/store-under-test.js';
import type { AppendFault } from '../support/eventstoredb/faults.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { startTestDatabase } from '../support/postgres.js';

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function inPostgres(): Promise<EventStore> {
  const test = await startTestDatabase();
  const database = Database.open({ url: test.url, applicationName: 'spec-copy', max: 3 });
  const store = new PostgresEventStore(database);
  closing.push(
    () => test.stop(),
    () => database.close(),
    () => store.close(),
  );
  return store;
}

async function inEventStoreDb(): Promise<{ store: EventStore; server: StandIn }> {
  const server = await StandIn.start();
  const store = await openEventStoreDb(`esdb://${server.address}?tls=false`, { appends: { attemptMs: 500 }, report: () => undefined });
  closing.push(
    () => server.kill(),
    () => store.close(),
  );
  return { store, server };
}

/** Streams that grow by turns, one event or several at a time. */
async function tell(store: EventStore, turns: number): Promise<void> {
  const streams = new Map<string, number>(Array.from({ length: 12 }, () => [newStream(), 0]));
  for (let turn = 0; turn < turns; turn++) {
    const [stream, length] = [...streams][(turn * 7) % streams.size]!;
    const events = Array.from({ length: 1 + (turn % 3) }, (_, n) =>
      newEvent({ turn, n, text: 'ü'.repeat(turn % 40) }, turn % 2 ? 'c2VhbGVk' : undefined),
    );
    await append(store, stream, length === 0 ? 'no-stream' : length - 1, events);
    streams.set(stream, length + events.length);
  }
}

/** A target that is lost after so many calls, as with the process that copies. */
class Breaking extends EventStore {
  override readonly keepsOrderOfCall: boolean;
  constructor(
    private readonly store: EventStore,
    private left: number,
  ) {
    super();
    this.keepsOrderOfCall = store.keepsOrderOfCall;
  }
  override append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    if (this.left-- <= 0) throw new Error('killed');
    return this.store.append(requests);
  }
  override readStream: EventStore['readStream'] = (...asked) => this.store.readStream(...asked);
  override readAll: EventStore['readAll'] = (...asked) => this.store.readAll(...asked);
  override subscribeToAll: EventStore['subscribeToAll'] = (...asked) => this.store.subscribeToAll(...asked);
  override newest: EventStore['newest'] = () => this.store.newest();
  override isPosition: EventStore['isPosition'] = text => this.store.isPosition(text);
  override head: EventStore['head'] = () => this.store.head();
  override storeId: EventStore['storeId'] = () => this.store.storeId();
  override close: EventStore['close'] = () => this.store.close();
}

const everything = async (store: EventStore): Promise<string[]> => (await collect(store.readAll())).map(canonicalEvent);

describe('copying from PostgreSQL to EventStoreDB', () => {
  let source: EventStore;
  let told: string[];
  beforeAll(async () => {
    source = await inPostgres();
    await tell(source, 300);
    told = await everything(source);
  });

  it('keeps ids, contents and order, and comes back the same', async () => {
    const [{ store: target }, back] = [await inEventStoreDb(), await inPostgres()];
    let passed = 0;
    await copyEvents(source, target, { progress: events => (passed += events) });
    expect(await everything(target)).toEqual(told);
    expect(passed).toBe(told.length);
    await copyEvents(target, back);
    const hash = createHash('sha256')
      .update(told.map(text => `${text}\n`).join(''))
      .digest('hex');
    for (const [from, to] of [
      [source, target],
      [target, back],
      [back, source],
    ] as const) {
      const pairs: (readonly [string, string])[] = [];
      expect(await compareStores(from, to, async more => void pairs.push(...more))).toEqual({ events: told.length, hash });
      expect(pairs.map(([here]) => here)).toEqual((await collect(from.readAll())).map(({ position }) => position));
      expect(pairs.map(([, there]) => there)).toEqual((await collect(to.readAll())).map(({ position }) => position));
    }
  });

  it('goes on wherever it was ended, and stores nothing twice', async () => {
    const { store: target } = await inEventStoreDb();
    for (const calls of [0, 1, 3, 10]) {
      await expect(copyEvents(source, new Breaking(target, calls))).rejects.toThrow('killed');
      const held = await everything(target);
      expect(held).toEqual(told.slice(0, held.length));
    }
    await copyEvents(source, target);
    await copyEvents(source, new Breaking(target, 0));
    expect(await everything(target)).toEqual(told);
  });

  it('takes over what came after an earlier copy', async () => {
    const [from, { store: target }] = [await inPostgres(), await inEventStoreDb()];
    await tell(from, 10);
    await copyEvents(from, target);
    const stream = (await collect(from.readAll())).at(-1)!;
    await append(from, stream.stream, (await collect(from.readStream(stream.stream))).length - 1, newEvents(2));
    await copyEvents(from, target);
    expect(await everything(target)).toEqual(await everything(from));
  });

  it('stores nothing that the check refuses', async () => {
    const { store: target } = await inEventStoreDb();
    const check = async (): Promise<void> => {
      throw new Error('not these');
    };
    await expect(copyEvents(source, target, { check })).rejects.toThrow('not these');
    expect(await everything(target)).toEqual([]);
  });

  it.each<[string, (first: NewEvent & { stream: string }) => [string, NewEvent[]], RegExp]>([
    [
      'holds an event of its own',
      () => [newStream(), newEvents(1)],
      /from event 1 on: the source has CaseOpened .*; the target has CaseOpened/,
    ],
    [
      'holds the same event with another content',
      ({ stream, id }) => [stream, [{ ...newEvent({ other: true }), id }]],
      /from event 1 on: .* with another content/,
    ],
  ])('refuses a target that %s, and stores nothing', async (_, other, says) => {
    const { store: target } = await inEventStoreDb();
    const [first] = await collect(source.readAll());
    const [stream, events] = other(first!);
    await append(target, stream, 'no-stream', events);
    await expect(copyEvents(source, target)).rejects.toThrow(says);
    await expect(compareStores(source, target)).rejects.toThrow(says);
    expect(ids(await collect(target.readAll()))).toEqual(ids(events));
  });

  it('refuses a target that holds more, or less, and says from where on', async () => {
    const [from, { store: target }] = [await inPostgres(), await inEventStoreDb()];
    await tell(from, 5);
    await copyEvents(from, target);
    const count = (await everything(from)).length;
    const [stream, more] = [newStream(), newEvents(1)];
    await append(target, stream, 'no-stream', more);
    for (const work of [copyEvents(from, target), compareStores(from, target)]) {
      await expect(work).rejects.toThrow(
        `from event ${count + 1} on: the source has nothing any more; the target has CaseOpened ${more[0]!.id}, revision 0 of ${stream}`,
      );
    }
    await expect(compareStores(target, from)).rejects.toThrow(`from event ${count + 1} on: the source has CaseOpened ${more[0]!.id}`);
  });

  it.each<AppendFault>(['cut-before', 'cut-after', 'silent', 'times-out', 'stored-and-breaks-call', { answerAfterMs: 700 }])(
    'survives an append that befalls %p',
    async fault => {
      const { store: target, server } = await inEventStoreDb();
      server.faults.next(fault);
      await copyEvents(source, target);
      expect(server.faults.unused).toBe(0);
      expect(await everything(target)).toEqual(told);
    },
  );
});
