import { beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, START, StoreUnavailable } from '../../src/event-store/event-store.js';
import { PROBED } from '../../src/event-store/eventstoredb/writing-probe.js';
import type { AppendFault } from '../support/eventstoredb/faults.js';
import type { StandIn as Server } from '../support/eventstoredb/stand-in.js';
import { everythingIsKept, GIVES_UP_MS, impatient, overStandIn, PATIENT, type Scheme, storedOnce } from './over-stand-in.js';
import { append, collect, ids, insist, newEvent, newEvents, newStream } from './store-under-test.js';

/** What appends do by our own calls, window and deadlines: the same over either client, so that one of them shows it. */
export function appendingWhateverFails(scheme: Scheme, StandIn: typeof Server): void {
  describe(`over ${scheme}://, whatever befalls an append:`, () => {
    const under = overStandIn(scheme, StandIn);
    const { open } = under;
    let server: Server;
    let store: EventStore;
    beforeEach(() => {
      ({ server, store } = under);
    });

    it.each<[string, AppendFault]>([
      ['is answered after the caller gave up', { answerAfterMs: 900 }],
      ['is answered slowly', { answerAfterMs: 300 }],
      ['times out at the server', 'times-out'],
      ['times out at the server and is stored later', { timesOutAndStoredAfterMs: 20 }],
      ['meets an error that means nothing', 'unknown'],
    ])('an append that %s is stored once, and its neighbours too', (_, fault) => storedOnce(under, fault));

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
      const without = await open(impatient(scheme, GIVES_UP_MS));
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
      store = await under.exchange(impatient(scheme, GIVES_UP_MS));
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

    it('loses nothing when the server stands still for a while', () =>
      everythingIsKept(
        under,
        async () => {
          await sleep(300);
          server.faults.freeze();
          await sleep(1_500);
          server.faults.thaw();
        },
        { forMs: 2_500 },
      ));

    it('answers an append that waits for a frozen server, and stores it once when it runs again', async () => {
      const [stream, events] = [newStream(), newEvents(2)];
      store = await under.exchange(impatient(scheme, GIVES_UP_MS));
      await append(store, newStream(), 'no-stream', newEvents(1));
      server.faults.freeze();
      await expect(append(store, stream, 'no-stream', events)).rejects.toThrow(StoreUnavailable);
      server.faults.thaw();
      expect(await insist(() => append(store, stream, 'no-stream', events))).toMatchObject({ outcome: 'ok', revision: 1 });
      expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    });
  });
}
