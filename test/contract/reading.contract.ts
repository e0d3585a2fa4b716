import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, Position, StreamedEvent, StreamPlace } from '../../src/event-store/event-store.js';
import { append, collect, ids, newEvents, newStream, of, type StoreUnderTest } from './store-under-test.js';

export function reading(under: () => StoreUnderTest): void {
  describe('reading', () => {
    let store: EventStore;
    const read = (stream: string) => collect(store.readStream(stream));
    beforeAll(() => {
      ({ store } = under());
    });

    it('reads a stream in both directions, and any range of it', async () => {
      const stream = newStream();
      const events = newEvents(2_300);
      await append(store, stream, 'no-stream', events);
      expect(ids(await read(stream))).toEqual(ids(events));
      const backwards = await collect(store.readStream(stream, { direction: 'backwards' }));
      expect(ids(backwards)).toEqual(ids(events.toReversed()));
      const revisions = async (range: Parameters<EventStore['readStream']>[1]) =>
        (await collect(store.readStream(stream, range))).map(({ revision }) => revision);
      expect(await revisions({ from: 7, to: 9 })).toEqual([7, 8, 9]);
      expect(await revisions({ from: 7, to: 9, direction: 'backwards' })).toEqual([9, 8, 7]);
      expect(await revisions({ from: 2_298 })).toEqual([2_298, 2_299]);
      expect(await revisions({ to: 0 })).toEqual([0]);
      expect(await revisions({ from: 2_300 })).toEqual([]);
    });

    it('reads many streams at once, each from its own place and up to its own', async () => {
      const lengths = Array.from({ length: 50 }, (_, one) => (one % 10 === 0 ? 32 + one : one % 10));
      const streams = await Promise.all(
        lengths.map(async length => {
          const [stream, events] = [newStream(), newEvents(length)];
          if (length > 0) await append(store, stream, 'no-stream', events);
          return { stream, events };
        }),
      );
      const ranges = [{}, { from: 3 }, { from: 2, to: 5 }, { from: 31 }, { to: 31 }, { to: 40 }, { from: 5, to: 4 }];
      const asked = streams.flatMap(one => ranges.map(range => ({ ...one, ...range })));
      const answers = await Promise.all(asked.map(({ stream, from, to }) => collect(store.readStream(stream, { from, to }))));
      for (const [index, { stream, events, from = 0, to = Infinity }] of asked.entries()) {
        expect(ids(answers[index] ?? [])).toEqual(ids(events.slice(from, to + 1)));
        expect(answers[index]?.every(event => event.stream === stream)).toBe(true);
      }
    });

    it('finds an unknown stream empty', async () => {
      expect(await read(newStream())).toEqual([]);
    });

    it('reads all events in one order that keeps the order of each stream', async () => {
      const start = await store.newest();
      const streams = Array.from({ length: 20 }, newStream);
      await Promise.all(
        streams.map(async stream => {
          await append(store, stream, 'no-stream', newEvents(2));
          for (let revision = 1; revision < 9; revision += 2) await append(store, stream, revision, newEvents(2));
        }),
      );
      const all = await collect(store.readAll({ after: start, limit: 7 }));
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted());
      expect(new Set(positions).size).toBe(positions.length);
      for (const stream of streams) {
        expect(all.filter(of([stream])).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }
    });

    it('reads all events up to a position stream by stream, from any place, where it can', async () => {
      const start = await store.newest();
      const streams = Array.from({ length: 20 }, newStream);
      for (const stream of streams) await append(store, stream, 'no-stream', newEvents(1));
      await append(store, streams[7]!, 0, newEvents(2_300));
      for (const stream of streams.toReversed()) await append(store, stream, stream === streams[7] ? 2_300 : 0, newEvents(3));
      const upTo = await store.newest();
      await append(store, streams[3]!, 3, newEvents(2));
      await append(store, newStream(), 'no-stream', newEvents(2));
      const read = async (after: StreamPlace) => {
        const batches = store.readByStream({ upTo, after });
        return batches && ((await collect(batches)) as StreamedEvent[]).filter(of(streams));
      };
      const whole = await read({ begun: start, revision: Number.MAX_SAFE_INTEGER });
      if (!whole) return;
      const all = (await collect(store.readAll({ after: start }))).filter(of(streams)).filter(({ position }) => position <= upTo);
      const expected = streams.flatMap(stream => all.filter(of([stream])));
      expect(ids(whole)).toEqual(ids(expected));
      const begun = new Map(all.filter(({ revision }) => revision === 0).map(({ stream, position }) => [stream, position]));
      for (const event of whole) expect(event.begun).toBe(begun.get(event.stream));
      for (const last of [0, 3, 27, 28, 29, 1_500, 2_331, whole.length - 1])
        expect(ids((await read(whole[last]!)) ?? [])).toEqual(ids(expected.slice(last + 1)));
    });

    it('resumes from any position', async () => {
      const start = await store.newest();
      const stream = newStream();
      const events = newEvents(25);
      await append(store, stream, 'no-stream', events);
      const stored = (await collect(store.readAll({ after: start }))).filter(of([stream]));
      for (const [index, { position }] of stored.entries()) {
        const rest = (await collect(store.readAll({ after: position, limit: 10 }))).filter(of([stream]));
        expect(ids(rest)).toEqual(ids(events.slice(index + 1)));
      }
    });

    it('knows its newest event, and no position beyond its head', async () => {
      const result = await append(store, newStream(), 'no-stream', newEvents(3));
      const newest = await store.newest();
      expect(newest >= (result as { position: Position }).position).toBe(true);
      expect((await store.head()) >= newest).toBe(true);
    });

    it('knows how its positions are written', async () => {
      const result = await append(store, newStream(), 'no-stream', newEvents(1));
      const { position } = result as { position: Position };
      for (const text of [position, await store.newest(), await store.head()]) expect([text, store.isPosition(text)]).toEqual([text, true]);
      for (const text of [
        '',
        'nonsense',
        `${position}0`,
        position.slice(1),
        ` ${position.slice(1)}`,
        position.replace(/^\d/, 'x'),
        '9'.repeat(position.length),
        position.replaceAll(/\d/g, '9'),
      ]) {
        // Where positions are no wider than numbers are exact, every row of digits is one.
        expect([text, store.isPosition(text) && !/^\d{12}$/.test(text)]).toEqual([text, false]);
      }
    });

    it('loses nothing by loops that are left early', async () => {
      const [stream, short] = [newStream(), newStream()];
      await append(store, stream, 'no-stream', newEvents(1_100));
      await append(store, short, 'no-stream', newEvents(1));
      // More often than a store reads at once; and from the midst of a long stream more often than it has connections.
      for (let round = 0; round < 60; round++) {
        for await (const batch of store.readStream(round % 6 === 0 ? stream : short)) {
          expect(batch.length).toBeGreaterThan(0);
          break;
        }
      }
      expect(await read(stream)).toHaveLength(1_100);
    });
  });
}
