import { beforeAll, describe, expect, it } from '@jest/globals';
import { getEventListeners, setMaxListeners } from 'node:events';
import { type EventStore, START, type StoredEvent } from '../../src/event-store/event-store.js';
import { append, collect, follow, ids, newEvents, newStream, of, type StoreUnderTest } from './store-under-test.js';

export function subscribing(under: () => StoreUnderTest): void {
  describe('subscribing', () => {
    let store: EventStore;
    beforeAll(() => {
      ({ store } = under());
    });

    it('delivers what was there, says that it caught up, then what comes, each once and in order', async () => {
      const start = await store.newest();
      const stream = newStream();
      const [old, fresh] = [newEvents(5), newEvents(5)];
      await append(store, stream, 'no-stream', old);
      let caughtUp = false;
      const ours: StoredEvent[] = [];
      for await (const message of store.subscribeToAll({ after: start, signal: new AbortController().signal })) {
        if (message.kind === 'events') ours.push(...message.events.filter(of([stream])));
        if (message.kind === 'caught-up' && !caughtUp) {
          caughtUp = true;
          expect(ids(ours)).toEqual(ids(old));
          for (const [index, event] of fresh.entries()) await append(store, stream, 4 + index, [event]);
        }
        if (ours.length === 10) break;
      }
      expect(ids(ours)).toEqual(ids([...old, ...fresh]));
    });

    it('resumes from a position in the middle, and reports the position of the last event', async () => {
      const start = await store.newest();
      const stream = newStream();
      await append(store, stream, 'no-stream', newEvents(10));
      const stored = (await collect(store.readAll({ after: start }))).filter(of([stream]));
      const seen: StoredEvent[] = [];
      for await (const message of store.subscribeToAll({ after: stored[3]!.position, signal: new AbortController().signal })) {
        if (message.kind !== 'events') continue;
        expect(message.position >= message.events.at(-1)!.position).toBe(true);
        seen.push(...message.events.filter(of([stream])));
        if (seen.length >= 6) break;
      }
      expect(ids(seen)).toEqual(ids(stored.slice(4)));
    });

    it('skips and repeats nothing while many write', async () => {
      const start = await store.newest();
      const streams = Array.from({ length: 16 }, newStream);
      const expected = 16 * 12;
      const following = follow(
        store.subscribeToAll({ after: start, signal: new AbortController().signal }),
        seen => seen.filter(of(streams)).length >= expected,
      );
      await Promise.all(
        streams.map(async stream => {
          await append(store, stream, 'no-stream', newEvents(1));
          for (let revision = 0; revision < 11; revision++) await append(store, stream, revision, newEvents(1));
        }),
      );
      const seen = (await following).filter(of(streams));
      expect(new Set(ids(seen)).size).toBe(expected);
      for (const stream of streams) {
        expect(seen.filter(of([stream])).map(({ revision }) => revision)).toEqual(Array.from({ length: 12 }, (_, n) => n));
      }
    });

    it('ends when it is cancelled, and leaves no listener behind', async () => {
      const controller = new AbortController();
      // So many on one signal are a leak anywhere else.
      setMaxListeners(0, controller.signal);
      const running = Array.from({ length: 12 }, () =>
        follow(store.subscribeToAll({ after: START, signal: controller.signal }), () => false),
      );
      const waiting = follow(store.subscribeToAll({ signal: controller.signal, after: await store.newest() }), (_, { kind }) => {
        if (kind === 'caught-up') controller.abort();
        return false;
      });
      await Promise.all([waiting, ...running]);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      expect(await follow(store.subscribeToAll({ signal: controller.signal }), () => false)).toEqual([]);
    });

    it('leaves no listener behind when its reader leaves', async () => {
      const { signal } = new AbortController();
      const after = await store.newest();
      for (let round = 0; round < 12; round++) {
        await follow(store.subscribeToAll({ after, signal }), (_, { kind }) => kind === 'caught-up');
      }
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    });

    it('carries on where it was after its connections were cut', async () => {
      const start = await store.newest();
      const stream = newStream();
      const events = newEvents(60);
      const { signal } = new AbortController();
      const following = follow(store.subscribeToAll({ after: start, signal }), seen => seen.filter(of([stream])).length >= 60);
      for (const [index, event] of events.entries()) {
        if (index % 20 === 10) await under().disconnect();
        const { outcome } = await append(store, stream, index === 0 ? 'no-stream' : index - 1, [event]);
        expect(['ok', 'duplicate']).toContain(outcome);
      }
      expect(ids((await following).filter(of([stream])))).toEqual(ids(events));
    });
  });
}
