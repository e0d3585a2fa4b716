import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appending } from './appending.contract.js';
import { reading } from './reading.contract.js';
import { append, collect, ids, newEvents, newStream, type StoreUnderTest } from './store-under-test.js';
import { subscribing } from './subscribing.contract.js';

/** What every event store must do; the store may hold other events, and other writers may be at work. */
export function everyEventStore(name: string, factory: () => Promise<StoreUnderTest>): void {
  describe(`${name} does what every event store must do:`, () => {
    let under: StoreUnderTest;

    beforeAll(async () => {
      under = await factory();
    });
    afterAll(async () => {
      await under.stop();
    });

    appending(() => under);
    reading(() => under);
    subscribing(() => under);

    it('is the same store after a restart', async () => {
      const { store } = under;
      const stream = newStream();
      const events = newEvents(3);
      await append(store, stream, 'no-stream', events);
      const again = await under.reopen();
      try {
        expect(await again.storeId()).toBe(await store.storeId());
        expect(ids(await collect(again.readStream(stream)))).toEqual(ids(events));
        expect((await again.append([{ stream, expectedRevision: 2, events: newEvents(1) }]))[0]).toMatchObject({ revision: 3 });
        expect(await append(store, stream, 2, newEvents(1))).toEqual({ outcome: 'conflict' });
      } finally {
        await again.close();
      }
    });
  });
}
