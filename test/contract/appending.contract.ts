import { beforeAll, describe, expect, it } from '@jest/globals';
import { NotCanonical } from '../../src/event-store/canonical-json.js';
import type { AppendResult, EventStore } from '../../src/event-store/event-store.js';
import { append, collect, ids, newEvent, newEvents, newStream, type StoreUnderTest } from './store-under-test.js';

export function appending(under: () => StoreUnderTest): void {
  describe('appending', () => {
    let store: EventStore;
    const read = (stream: string) => collect(store.readStream(stream));
    beforeAll(() => {
      ({ store } = under());
    });

    it('gives back what was appended, with its place', async () => {
      const stream = newStream();
      const events = [newEvent({ nested: { list: [1, 'é', null, true] }, amount: 0.1 }, 'c2VhbGVk'), newEvent({})];
      const result = await append(store, stream, 'no-stream', events);
      const stored = await read(stream);
      expect(stored).toEqual(events.map((event, revision) => ({ ...event, stream, revision, position: expect.any(String) })));
      expect(result).toEqual({ outcome: 'ok', revision: 1, position: stored[1]!.position });
      expect(stored[0]!.position < stored[1]!.position).toBe(true);
    });

    it('lets each request of a call stand alone', async () => {
      const [taken, free, other] = [newStream(), newStream(), newStream()];
      await append(store, taken, 'no-stream', newEvents(1));
      const results = await store.append([
        { stream: free, expectedRevision: 'no-stream', events: newEvents(2) },
        { stream: taken, expectedRevision: 'no-stream', events: newEvents(1) },
        { stream: other, expectedRevision: 'no-stream', events: newEvents(1) },
      ]);
      expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'conflict', 'ok']);
      expect(await read(free)).toHaveLength(2);
      expect(await read(taken)).toHaveLength(1);
      expect(await read(other)).toHaveLength(1);
    });

    it('stores nothing of who may not write any more, and all of the others', async () => {
      const [free, forbidden] = [newStream(), newStream()];
      const lost = new Error('another has the lead');
      const asked = store.append([
        { stream: free, expectedRevision: 'no-stream', events: newEvents(1), assertMayWrite: () => undefined },
        {
          stream: forbidden,
          expectedRevision: 'no-stream',
          events: newEvents(1),
          assertMayWrite: () => {
            throw lost;
          },
        },
      ]);
      await expect(asked).rejects.toBe(lost);
      expect(await read(free)).toHaveLength(1);
      expect(await read(forbidden)).toHaveLength(0);
      await append(store, forbidden, 'no-stream', newEvents(1));
    });

    it('asks who may write when their turn has come, not before', async () => {
      const stream = newStream();
      let leads = true;
      const first = store.append([
        {
          stream,
          expectedRevision: 'no-stream',
          events: newEvents(1),
          assertMayWrite: () => {
            leads = false;
          },
        },
      ]);
      const second = store.append([
        {
          stream,
          expectedRevision: 0,
          events: newEvents(1),
          assertMayWrite: () => {
            if (!leads) throw new Error('lost');
          },
        },
      ]);
      await first;
      await expect(second).rejects.toThrow('lost');
      expect(await read(stream)).toHaveLength(1);
    });

    it('keeps the order of requests to one stream in one call', async () => {
      const stream = newStream();
      const results = await store.append([
        { stream, expectedRevision: 'no-stream', events: newEvents(1) },
        { stream, expectedRevision: 0, events: newEvents(2) },
        { stream, expectedRevision: 2, events: newEvents(1) },
      ]);
      expect(results.map(result => result.outcome === 'ok' && result.revision)).toEqual([0, 2, 3]);
    });

    it('lets exactly one of 100 writers win each revision', async () => {
      const stream = newStream();
      const winners: string[] = [];
      for (const expected of ['no-stream', 0] as const) {
        const attempts = Array.from({ length: 100 }, () => newEvent());
        const results = await Promise.all(attempts.map(event => append(store, stream, expected, [event])));
        const won = attempts.filter((_, index) => results[index]!.outcome === 'ok');
        expect(won).toHaveLength(1);
        expect(results.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(99);
        winners.push(won[0]!.id);
      }
      expect(ids(await read(stream))).toEqual(winners);
    });

    it('refuses no-stream on a stream that exists, and every wrong revision', async () => {
      const stream = newStream();
      await append(store, stream, 'no-stream', newEvents(3));
      for (const wrong of ['no-stream', 0, 1, 3, 1_000_000] as const) {
        expect(await append(store, stream, wrong, newEvents(1))).toEqual({ outcome: 'conflict' });
      }
      expect(await append(store, newStream(), 0, newEvents(1))).toEqual({ outcome: 'conflict' });
      expect(await read(stream)).toHaveLength(3);
    });

    it('stores nothing twice when the same ids are sent again to the same place', async () => {
      const stream = newStream();
      const [first, second, third] = [newEvents(2), newEvents(3), newEvents(1)];
      const before = [await append(store, stream, 'no-stream', first), await append(store, stream, 1, second)];
      await append(store, stream, 4, third);
      const again = [await append(store, stream, 'no-stream', first), await append(store, stream, 1, second)];
      again.forEach((result, index) => {
        expect(['ok', 'duplicate']).toContain(result.outcome);
        expect(result).toMatchObject({ revision: (before[index] as { revision: number }).revision });
      });
      expect(ids(await read(stream))).toEqual(ids([...first, ...second, ...third]));
    });

    it('stores one copy of an append that is sent many times at once', async () => {
      const stream = newStream();
      const events = newEvents(2);
      const results = await Promise.all(Array.from({ length: 20 }, () => append(store, stream, 'no-stream', events)));
      for (const { outcome } of results) expect(['ok', 'duplicate']).toContain(outcome);
      expect(ids(await read(stream))).toEqual(ids(events));
    });

    it('tells whose append stands, where others send the same ids with other contents', async () => {
      const reopened = await under().reopen();
      const writers = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? store : reopened));
      for (let round = 0; round < 5; round++) {
        const stream = newStream();
        const events = newEvents(2);
        const sent = writers.map((_, by) => events.map((event, index) => ({ ...event, data: { by, index } })));
        const results = (
          await Promise.all(
            writers.map((writer, by) => writer.append([{ stream, expectedRevision: 'no-stream', events: sent[by]!, tellRepeats: true }])),
          )
        ).flat();
        const [winner, ...others] = results
          .map((result, by) => ({ result, by }))
          .sort((one, other) => Number(other.result.outcome === 'ok') - Number(one.result.outcome === 'ok'));
        const stored = await read(stream);
        expect(winner!.result).toEqual({ outcome: 'ok', revision: 1, position: stored[1]!.position });
        expect(stored.map(({ id, data }) => ({ id, data }))).toEqual(sent[winner!.by]!.map(({ id, data }) => ({ id, data })));
        for (const { result } of others) expectNotStored(result, { revision: 1, position: stored[1]!.position });
      }
      await reopened.close();
    });

    it('tells a repeat from what was stored, long after and in part', async () => {
      const stream = newStream();
      const events = newEvents(3);
      const send = async (sent: typeof events) =>
        (await store.append([{ stream, expectedRevision: 'no-stream', events: sent, tellRepeats: true }]))[0]!;
      const first = await send(events);
      expect(first).toMatchObject({ outcome: 'ok', revision: 2 });
      expect(await append(store, stream, 2, newEvents(1))).toMatchObject({ outcome: 'ok', revision: 3 });
      expectNotStored(await send(events), { ...first, outcome: 'duplicate' });
      expectNotStored(await send(events.slice(0, 2)), { revision: 1 });
      expect(ids(await read(stream)).slice(0, 3)).toEqual(ids(events));
      expect(await read(stream)).toHaveLength(4);
    });

    it('appends with any, wherever the stream stands', async () => {
      const stream = newStream();
      await Promise.all(Array.from({ length: 20 }, () => append(store, stream, 'any', newEvents(1))));
      expect((await read(stream)).map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    });

    it('holds large events, and many in one append', async () => {
      const stream = newStream();
      const large = newEvent({ text: 'ü'.repeat(250_000) });
      const many = newEvents(1_500);
      await append(store, stream, 'no-stream', [large]);
      expect(await append(store, stream, 0, many)).toMatchObject({ outcome: 'ok', revision: 1_500 });
      const stored = await read(stream);
      expect(stored[0]!.data).toEqual(large.data);
      expect(ids(stored)).toEqual(ids([large, ...many]));
    });

    it('refuses what would not survive parsing, and stores nothing of the call', async () => {
      const stream = newStream();
      const call = store.append([
        { stream, expectedRevision: 'no-stream', events: newEvents(1) },
        { stream: newStream(), expectedRevision: 'no-stream', events: [newEvent({ text: '\ud800' })] },
      ]);
      await expect(call).rejects.toThrow(NotCanonical);
      expect(await read(stream)).toEqual([]);
    });
  });
}

/** A repeat: a store that knows the ids again tells the place where they stand. */
function expectNotStored(result: AppendResult, place: object): void {
  if (result.outcome === 'duplicate') expect(result).toMatchObject(place);
  else expect(result).toEqual({ outcome: 'conflict' });
}
