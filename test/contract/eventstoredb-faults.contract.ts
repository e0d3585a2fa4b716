import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendResult,
  type EventStore,
  type NewEvent,
  type Position,
  START,
  StoreUnavailable,
} from '../../src/event-store/event-store.js';
import type { EventStoreDbOptions } from '../../src/event-store/eventstoredb/eventstoredb-event-store.js';
import { StoreExchanged } from '../../src/event-store/eventstoredb/identity.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { PROBED } from '../../src/event-store/eventstoredb/writing-probe.js';
import type { AppendFault } from '../support/eventstoredb/faults.js';
import type { StandIn as Server } from '../support/eventstoredb/stand-in.js';
import { append, collect, follow, ids, insist, newEvent, newEvents, newStream } from './store-under-test.js';

/** What an event store does must hold on a machine that has no time for it, too. */
export const PATIENT: EventStoreDbOptions = {
  appends: { deadlineMs: 120_000, attemptMs: 60_000 },
  pages: { deadlineMs: 120_000, attemptMs: 60_000 },
};

/** Short, so that giving up can be seen; KurrentDB's client takes half a second for the first read of a connection. */
const impatient = (scheme: 'esdb' | 'kurrentdb'): EventStoreDbOptions => ({
  appends: { deadlineMs: 4_000, attemptMs: 600 },
  pages: { deadlineMs: 4_000, attemptMs: scheme === 'esdb' ? 600 : 1_500 },
  quietMs: 400,
});

/** What must hold when a server of this kind, or the way to it, fails. */
export function survivingFaults(scheme: 'esdb' | 'kurrentdb', StandIn: typeof Server): void {
  describe(`over ${scheme}://, whatever fails:`, () => {
    let server: Server;
    let store: EventStore;
    const reports: string[] = [];
    const url = () => `${scheme}://${server.address}?tls=false`;
    const open = (options: EventStoreDbOptions = {}) =>
      openEventStoreDb(url(), { ...impatient(scheme), report: line => reports.push(line), ...options });

    beforeEach(async () => {
      reports.length = 0;
      server = await StandIn.start();
      store = await open();
    });
    afterEach(async () => {
      await store.close();
      await until(() => server.subscriptions === 0);
      await server.kill();
      expect(server.faults.unused).toBe(0);
    });

    /** Many write while `disturb` runs; what they were told must be what is stored, and what a subscription delivers. */
    async function everythingIsKept(disturb: () => Promise<void>, { writers = 8, forMs = 1_500 } = {}): Promise<void> {
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
          await sleep(15);
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

    it.each<[string, AppendFault, AppendResult['outcome'] | 'unavailable']>([
      ['breaks before it is stored', 'cut-before', 'ok'],
      ['is stored and the connection breaks', 'cut-after', 'ok'],
      ['is stored and never answered', 'silent', 'ok'],
      ['is answered after the caller gave up', { answerAfterMs: 900 }, 'ok'],
      ['is answered slowly', { answerAfterMs: 300 }, 'ok'],
      ['times out at the server', 'times-out', 'ok'],
      ['times out at the server and is stored later', { timesOutAndStoredAfterMs: 20 }, 'ok'],
      ['meets an error that means nothing', 'unknown', 'ok'],
      ['breaks the call that all appends share', 'breaks-call', 'ok'],
      ['is stored and breaks the call that all appends share', 'stored-and-breaks-call', 'ok'],
    ])('an append that %s is stored once, and its neighbours too', async (_, fault, outcome) => {
      const streams = Array.from({ length: 12 }, newStream);
      const events = streams.map(() => newEvents(2));
      await append(store, newStream(), 'no-stream', newEvents(1));
      server.faults.next(fault);
      const results = await Promise.all(streams.map((stream, index) => append(store, stream, 'no-stream', events[index]!)));
      for (const result of results) expect(result).toMatchObject({ outcome, revision: 1 });
      await sleep(100);
      for (const [index, stream] of streams.entries()) expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events[index]!));
      expect(await append(store, streams[0]!, 1, newEvents(1))).toMatchObject({ outcome: 'ok', revision: 2 });
    });

    it('keeps the order of appends to one stream while they are tried again', async () => {
      const stream = newStream();
      const events = newEvents(6);
      server.faults.next('cut-before', 'times-out', 'cut-after', 'unknown');
      const results = await store.append(
        events.map((event, n) => ({ stream, expectedRevision: n === 0 ? ('no-stream' as const) : n - 1, events: [event] })),
      );
      expect(results.map(({ outcome }) => outcome)).toEqual(events.map(() => 'ok'));
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    });

    it.each<AppendFault>(['cut-after', 'silent', 'stored-and-breaks-call'])(
      'knows for its own an append that befell %p, and refuses what is sent once more',
      async fault => {
        const [stream, events] = [newStream(), newEvents(2)];
        const send = async () =>
          (await insist(() => store.append([{ stream, expectedRevision: 'no-stream', events, tellRepeats: true }])))[0];
        await append(store, newStream(), 'no-stream', newEvents(1));
        server.faults.next(fault);
        expect(await send()).toMatchObject({ outcome: 'ok', revision: 1 });
        expect(await send()).toEqual({ outcome: 'conflict' });
        expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
      },
    );

    it('is writable only while something can be stored, and asks by itself only where nothing else was stored', async () => {
      const stored = () => server.log.stream(PROBED).length;
      await append(store, newStream(), 'no-stream', newEvents(1));
      await store.assertWritable();
      expect(stored()).toBe(0);
      const idle = await open();
      await Promise.all([idle.assertWritable(), idle.assertWritable()]);
      await idle.assertWritable();
      expect(stored()).toBe(1);
      await idle.close();
      server.faults.withoutMajority = true;
      const without = await open();
      await expect(without.assertWritable()).rejects.toBeInstanceOf(StoreUnavailable);
      expect(await without.newest()).not.toBe(START);
      await without.close();
      server.faults.withoutMajority = false;
      const again = await open();
      await again.assertWritable();
      expect(stored()).toBe(2);
      await again.close();
    });

    it.each<AppendFault>(['breaks-call', 'stored-and-breaks-call'])(
      'sends again what shared a call with an append that %s, once, and nothing else, in whichever store of the process',
      async fault => {
        const stores = [await open(PATIENT), await open(PATIENT)];
        const late = Array.from({ length: 39 }, (): AppendFault => ({ answerAfterMs: 200 }));
        server.faults.next(...late.slice(0, 20), fault, ...late.slice(20));
        const streams = Array.from({ length: 40 }, newStream);
        const events = streams.map(() => newEvents(2));
        const results = await Promise.all(streams.map((stream, n) => append(stores[n % 2]!, stream, 'no-stream', events[n]!)));
        for (const result of results) expect(result).toMatchObject({ outcome: 'ok', revision: 1 });
        for (const [n, stream] of streams.entries()) expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events[n]!));
        // Twenty of a store go over sixteen calls: no more than two share one.
        const again = server.calls.get('batched')! - streams.length;
        expect(again).toBeGreaterThanOrEqual(1);
        expect(again).toBeLessThanOrEqual(2);
        expect(server.calls.get('append')).toBeUndefined();
        await Promise.all(stores.map(one => one.close()));
      },
    );

    it('fails an append that breaks every call it is in, and stores those beside it', async () => {
      const poison = newEvent();
      server.faults.poison.add(poison.id);
      const streams = Array.from({ length: 20 }, newStream);
      const results = await Promise.allSettled([
        append(store, newStream(), 'no-stream', [poison]),
        ...streams.map(stream => append(store, stream, 'no-stream', newEvents(1))),
      ]);
      expect(results[0]).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      for (const result of results.slice(1)) expect(result).toMatchObject({ status: 'fulfilled', value: { outcome: 'ok' } });
    });

    it('loses nothing while connections break again and again', () =>
      everythingIsKept(async () => {
        for (let cuts = 0; cuts < 6; cuts++) {
          await sleep(200);
          server.line.cut();
        }
      }));

    it('loses nothing when the server is killed and comes back', () =>
      everythingIsKept(
        async () => {
          for (let kills = 0; kills < 2; kills++) {
            await sleep(300);
            await server.kill();
            await sleep(300);
            await server.startAgain();
          }
        },
        { forMs: 2_000 },
      ));

    it('loses nothing while the server refuses everything for seconds', () =>
      everythingIsKept(
        async () => {
          await sleep(200);
          server.faults.unavailableUntil = Date.now() + 2_000;
          await sleep(2_200);
        },
        { forMs: 3_000 },
      ));

    it('loses nothing when the server stands still for a while', () =>
      everythingIsKept(
        async () => {
          await sleep(300);
          server.faults.freeze();
          await sleep(1_500);
          server.faults.thaw();
        },
        { forMs: 2_500 },
      ));

    it('loses nothing when the line is silent for a while', () =>
      everythingIsKept(
        async () => {
          await sleep(300);
          server.line.freeze();
          await sleep(1_500);
          server.line.thaw();
        },
        { forMs: 2_500 },
      ));

    it('says so within its deadline when the server is away, and works again by itself', async () => {
      await server.kill();
      const begun = Date.now();
      const attempts = await Promise.allSettled([
        append(store, newStream(), 'no-stream', newEvents(1)),
        collect(store.readStream(newStream())),
        store.newest(),
        store.head(),
      ]);
      for (const attempt of attempts) expect(attempt).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      expect(Date.now() - begun).toBeLessThan(6_000);
      await server.startAgain();
      expect(await insist(() => append(store, newStream(), 'no-stream', newEvents(1)))).toMatchObject({ outcome: 'ok' });
      expect(await store.newest()).not.toBe(START);
    });

    it('answers an append that waits for a frozen server, and stores it once when it runs again', async () => {
      const [stream, events] = [newStream(), newEvents(2)];
      await append(store, newStream(), 'no-stream', newEvents(1));
      server.faults.freeze();
      await expect(append(store, stream, 'no-stream', events)).rejects.toThrow(StoreUnavailable);
      server.faults.thaw();
      expect(await insist(() => append(store, stream, 'no-stream', events))).toMatchObject({ outcome: 'ok', revision: 1 });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    });

    it('refuses to follow from beyond the end, which the server would answer with silence', async () => {
      const { position } = (await append(store, newStream(), 'no-stream', newEvents(1))) as { position: string };
      const beyond = position.replaceAll(/\d{19}/g, digits => String(Number(digits) + 10_000_000).padStart(19, '0'));
      const following = follow(store.subscribeToAll({ after: beyond, signal: new AbortController().signal }), () => false);
      await expect(following).rejects.toThrow(StoreExchanged);
    });

    it('notices that another store answers in the place of the one that was followed', async () => {
      await append(store, newStream(), 'no-stream', newEvents(3));
      let caughtUp = false;
      const following = follow(store.subscribeToAll({ signal: new AbortController().signal }), (_, { kind }) => {
        caughtUp ||= kind === 'caught-up';
        return false;
      });
      await until(() => caughtUp);
      const other = await StandIn.start();
      const { target } = server.line;
      server.line.target = other.line.port;
      server.line.cut();
      await expect(following).rejects.toThrow(StoreExchanged);
      // What is acknowledged there would be gone with it.
      const [stream, events] = [newStream(), newEvents(2)];
      for (const asked of [() => append(store, stream, 'no-stream', events), () => collect(store.readStream(stream)), () => store.newest()])
        await expect(asked()).rejects.toThrow(StoreUnavailable);
      await expect(store.assertWritable()).rejects.toThrow(StoreUnavailable);
      server.line.target = target;
      server.line.cut();
      expect(await insist(() => append(store, stream, 'no-stream', events))).toMatchObject({ outcome: 'ok', revision: 1 });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
      await store.close();
      await other.kill();
    });

    it('tells what was passed without an event of ours, and starts from there again', async () => {
      await store.close();
      store = await open({ pages: {} });
      await append(store, newStream(), 'no-stream', newEvents(1));
      const newest = await store.newest();
      server.log.writeSystemEvents(2_000);
      let passed = START;
      await follow(store.subscribeToAll({ after: newest, signal: new AbortController().signal }), (_, message) => {
        if (message.kind === 'passed') passed = message.position;
        return message.kind === 'caught-up';
      });
      expect(passed > newest).toBe(true);
      expect(await store.newest()).toBe(newest);
      const event = newEvent();
      await append(store, newStream(), 'no-stream', [event]);
      const seen = await follow(store.subscribeToAll({ after: passed, signal: new AbortController().signal }), ({ length }) => length > 0);
      expect(ids(seen)).toEqual([event.id]);
      expect(ids(await collect(store.readAll({ after: passed })))).toEqual([event.id]);
    });

    it.each([
      ['nothing can have', undefined],
      ['lies beyond the end', 2n ** 62n],
    ])('takes no mark for a position that %s, and hears of what comes', async (_, firstMark) => {
      server.faults.firstMark = firstMark;
      server.log.writeSystemEvents(3);
      const { signal } = new AbortController();
      const event = newEvent();
      const positions: Position[] = [];
      const seen = await follow(store.subscribeToAll({ after: START, signal }), ({ length }, message) => {
        if (message.kind === 'caught-up') void append(store, newStream(), 'no-stream', [event]);
        else positions.push(message.position);
        return length > 0;
      });
      expect(ids(seen)).toEqual([event.id]);
      expect(positions.filter(position => position > seen[0]!.position)).toEqual([]);
    });

    it('passes over what is not ours, and reports that a stream of ours was deleted', async () => {
      const [deleted, stream] = [newStream(), newStream()];
      await append(store, deleted, 'no-stream', newEvents(1));
      server.log.append('other-1', 'any', [
        { id: newEvent().id, type: 'Other', contentType: 'application/json', data: Buffer.from('{}'), metadata: new Uint8Array() },
      ]);
      server.log.tombstone(deleted);
      const [event] = newEvents(1);
      await append(store, stream, 'no-stream', [event!]);
      const seen = await follow(store.subscribeToAll({ signal: new AbortController().signal }), ({ length }) => length === 2);
      expect(seen.map(one => one.stream)).toEqual([deleted, stream]);
      expect(reports.join()).toContain(deleted);
      await expect(append(store, deleted, 0, newEvents(1))).rejects.toThrow('deleted');
    });

    it('tells what was done to streams of ours, and to no others', async () => {
      expect(await store.irregularities()).toEqual([]);
      const [limited, mended, aged, cut, deleted, again, gone] = Array.from({ length: 7 }, newStream) as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      for (const stream of [limited, mended, aged, cut, deleted, again, gone]) await append(store, stream, 'no-stream', newEvents(3));
      server.log.writeSystemEvents(2_000);
      for (const stream of [limited, mended, 'other-1', '$stats']) server.log.setMetadata(stream, { $maxCount: 2, $acl: {} });
      server.log.setMetadata(mended, {});
      server.log.setMetadata(aged, { $maxAge: 60 });
      server.log.setMetadata(cut, { $tb: 1 });
      for (const stream of [deleted, again]) server.log.softDelete(stream);
      expect(await append(store, again, 'no-stream', newEvents(1))).toMatchObject({ outcome: 'ok', revision: 3 });
      server.log.tombstone(gone);
      server.log.writeSystemEvents(100);
      expect((await store.irregularities()).map(line => line.split(':')[0]).sort()).toEqual(
        [
          `${limited} is limited by $maxCount 2`,
          `${aged} is limited by $maxAge 60`,
          `${cut} is limited by $tb 1`,
          `${deleted} was deleted ($tb)`,
          `${again} is limited by $tb 3`,
          `${gone} was deleted for good (a tombstone)`,
        ].sort(),
      );
      const revisions = async (stream: string): Promise<number[]> =>
        (await collect(store.readStream(stream))).map(({ revision }) => revision);
      expect(await Promise.all([limited, mended, cut, deleted, again].map(revisions))).toEqual([[1, 2], [0, 1, 2], [1, 2], [], [3]]);
      await until(() => server.subscriptions === 0);
    });

    it('leaves no subscription open, however it ends', async () => {
      await append(store, newStream(), 'no-stream', newEvents(10));
      const controller = new AbortController();
      setMaxListeners(0, controller.signal);
      const running = Array.from({ length: 12 }, () => follow(store.subscribeToAll({ signal: controller.signal }), () => false));
      for (let round = 0; round < 12; round++)
        await follow(store.subscribeToAll({ signal: controller.signal }), ({ length }) => length > 0);
      server.line.cut();
      await until(() => server.subscriptions >= 12);
      controller.abort();
      await Promise.all(running);
      await until(() => server.subscriptions === 0);
      expect(server.subscriptions).toBe(0);
    });

    it('does not take more than it is asked for', async () => {
      // 48 MB: far more than the sockets of both sides hold, and the client keeps ready.
      for (let n = 0; n < 60; n++)
        await append(
          store,
          newStream(),
          'no-stream',
          Array.from({ length: 100 }, () => newEvent({ filler: 'x'.repeat(8_000) })),
        );
      const [before, iterator] = [
        server.sentEvents,
        store.subscribeToAll({ signal: new AbortController().signal })[Symbol.asyncIterator](),
      ];
      await iterator.next();
      for (let sent = -1; sent !== server.sentEvents; await sleep(500)) sent = server.sentEvents;
      expect(server.sentEvents - before).toBeLessThan(5_000);
      await iterator.return?.();
    });
  });

  describe(`over ${scheme}://, in a cluster:`, () => {
    let nodes: Server[];
    let store: EventStore;
    const hosts = () => nodes.map(({ address }) => address).join(',');
    afterEach(async () => {
      await store.close();
      await Promise.all(nodes.map(node => node.kill()));
    });
    beforeEach(async () => {
      nodes = await StandIn.cluster(3);
    });

    it('is led to the leader from a node that is not', async () => {
      store = await openEventStoreDb(`${scheme}://${nodes[1]!.address}?tls=false`, impatient(scheme));
      const [stream, events] = [newStream(), newEvents(2)];
      expect(await append(store, stream, 'no-stream', events)).toMatchObject({ outcome: 'ok' });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    });

    it('finds the next leader when one is killed, and loses nothing', async () => {
      store = await openEventStoreDb(`${scheme}://${hosts()}?tls=false&nodePreference=follower`, impatient(scheme));
      const written: NewEvent[] = [];
      const stream = newStream();
      for (let n = 0; n < 40; n++) {
        const event = newEvent();
        if (n === 20) {
          await nodes[0]!.kill();
          void sleep(700).then(() => nodes.forEach(node => void (node.leader = nodes[1]!)));
        }
        expect(await insist(() => append(store, stream, n === 0 ? 'no-stream' : n - 1, [event]))).toMatchObject({ outcome: 'ok' });
        written.push(event);
      }
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(written));
      expect(ids(await follow(store.subscribeToAll({ signal: new AbortController().signal }), ({ length }) => length === 40))).toEqual(
        ids(written),
      );
    });
  });

  afterAll(() => {
    delete process.env['STAND_IN_SPEAKS'];
  });
}

/** Waits, a second or two, for what ends in its own time. */
async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !condition(); round++) await sleep(10);
}
