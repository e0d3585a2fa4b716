import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, START } from '../../src/event-store/event-store.js';
import type { EventStoreDbEventStore, EventStoreDbOptions } from '../../src/event-store/eventstoredb/eventstoredb-event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import type { AppendFault } from '../support/eventstoredb/faults.js';
import type { StandIn as Server } from '../support/eventstoredb/stand-in.js';
import { append, collect, follow, ids, insist, newEvent, newEvents, newStream } from './store-under-test.js';

export type Scheme = 'esdb' | 'kurrentdb';

/** What an event store does must hold on a machine that has no time for it, too. */
export const PATIENT: EventStoreDbOptions = {
  appends: { deadlineMs: 120_000, attemptMs: 60_000 },
  pages: { deadlineMs: 120_000, attemptMs: 60_000 },
};

/**
 * Tried again soon, so that what fails is seen to be; KurrentDB's client takes half a second for the first read of a connection.
 * @param deadlineMs short where giving up is to be seen
 */
export const impatient = (scheme: Scheme, deadlineMs = 60_000): EventStoreDbOptions => ({
  appends: { deadlineMs, attemptMs: 600 },
  pages: { deadlineMs, attemptMs: scheme === 'esdb' ? 600 : 1_500 },
  quietMs: 400,
});
export const GIVES_UP_MS = 4_000;

/** A server of its own for each test, and a store over it. */
export interface OverStandIn {
  server: Server;
  store: EventStore;
  readonly reports: string[];
  open(options?: EventStoreDbOptions): Promise<EventStoreDbEventStore>;
  /** Another store in the place of the one that there is. */
  exchange(options: EventStoreDbOptions): Promise<EventStore>;
}

export function overStandIn(scheme: Scheme, StandIn: typeof Server): OverStandIn {
  const reports: string[] = [];
  const under = {
    reports,
    open: (options: EventStoreDbOptions = {}) =>
      openEventStoreDb(`${scheme}://${under.server.address}?tls=false`, {
        ...impatient(scheme),
        report: line => reports.push(line),
        ...options,
      }),
    exchange: async (options: EventStoreDbOptions) => {
      await under.store.close();
      under.store = await under.open(options);
      return under.store;
    },
  } as OverStandIn;
  beforeEach(async () => {
    reports.length = 0;
    under.server = await StandIn.start();
    under.store = await under.open();
  });
  afterEach(async () => {
    const { server, store } = under;
    await store.close();
    await until(() => server.subscriptions === 0);
    await server.kill();
    expect(server.faults.unused).toBe(0);
  });
  afterAll(() => {
    delete process.env['STAND_IN_SPEAKS'];
  });
  return under;
}

/** Many write while `disturb` runs; what they were told must be what is stored, and what a subscription delivers. */
export async function everythingIsKept(
  { store }: OverStandIn,
  disturb: () => Promise<void>,
  { writers = 8, forMs = 1_500 } = {},
): Promise<void> {
  const last = newEvent();
  const following = follow(
    store.subscribeToAll({ after: START, signal: new AbortController().signal }),
    seen => seen.at(-1)?.id === last.id,
  );
  const acknowledged = new Map<string, string[]>();
  const over = Date.now() + forMs;
  const writing = Array.from({ length: writers }, async () => {
    const stream = newStream();
    const stored: string[] = [];
    acknowledged.set(stream, stored);
    // However slow the machine, every writer has stored some by the end.
    while (Date.now() < over || stored.length < 4) {
      const event = newEvent({ filler: 'x'.repeat(300) });
      const result = await insist(() => append(store, stream, stored.length === 0 ? 'no-stream' : stored.length - 1, [event]));
      expect(result).toMatchObject({ revision: stored.length });
      stored.push(event.id);
      await sleep(30);
    }
  });
  await disturb();
  await Promise.all(writing);
  await insist(() => append(store, newStream(), 'no-stream', [last]));
  const all = await insist(() => collect(store.readAll()));
  for (const [stream, stored] of acknowledged) expect(ids(all.filter(event => event.stream === stream))).toEqual(stored);
  expect(new Set(ids(all)).size).toBe(all.length);
  expect(ids(await following)).toEqual(ids(all));
}

/** Many append at once, one of which the fault befalls: each is stored once, and the store goes on. */
export async function storedOnce({ server, store }: OverStandIn, fault: AppendFault): Promise<void> {
  const streams = Array.from({ length: 12 }, newStream);
  const events = streams.map(() => newEvents(2));
  await append(store, newStream(), 'no-stream', newEvents(1));
  server.faults.next(fault);
  const results = await Promise.all(streams.map((stream, index) => append(store, stream, 'no-stream', events[index]!)));
  for (const result of results) expect(result).toMatchObject({ outcome: 'ok', revision: 1 });
  await sleep(100);
  for (const [index, stream] of streams.entries()) expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events[index]!));
  expect(await append(store, streams[0]!, 1, newEvents(1))).toMatchObject({ outcome: 'ok', revision: 2 });
}

/** Waits, a second or two, for what ends in its own time. */
export async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !condition(); round++) await sleep(10);
}
