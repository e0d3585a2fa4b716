import { expect, test } from '@jest/globals';
import { START, type EventStore, type SubscriptionMessage } from '../../src/event-store/event-store.js';
import { SharedFollowing } from '../../src/event-store/shared-following.js';
import { everyEventStore } from '../contract/event-store.contract.js';
import { append, ids, newEvents } from '../contract/store-under-test.js';
import { InMemoryEventStore } from '../support/in-memory-event-store.js';

everyEventStore('memory, followed together', async () => {
  const memory = new InMemoryEventStore();
  const store = new SharedFollowing(memory);
  const reopen = async () => new SharedFollowing(new InMemoryEventStore(memory.contents));
  return { store, reopen, disconnect: async () => {}, stop: () => store.close() };
});

/** Counts the subscriptions that are open, and breaks them when told to. */
class Counting extends InMemoryEventStore {
  open = 0;
  begun = 0;
  broken = new AbortController();

  override async *subscribeToAll(options: Parameters<EventStore['subscribeToAll']>[0]): AsyncIterable<SubscriptionMessage> {
    this.open += 1;
    this.begun += 1;
    const { broken } = this;
    try {
      for await (const message of super.subscribeToAll({ ...options, signal: AbortSignal.any([options.signal, broken.signal]) }))
        yield message;
      if (broken.signal.aborted) throw new Error('cut off');
    } finally {
      this.open -= 1;
    }
  }

  cut(): void {
    this.broken.abort();
    this.broken = new AbortController();
  }
}

const turns = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(setImmediate);
};

/** Follows as its reader allows. */
function follower(store: EventStore) {
  const controller = new AbortController();
  const follower = {
    seen: [] as string[],
    caughtUp: 0,
    reads: true,
    failure: undefined as unknown,
    leave: () => controller.abort(),
    ended,
  };
  async function run(): Promise<void> {
    for await (const message of store.subscribeToAll({ after: START, signal: controller.signal })) {
      if (message.kind === 'events') follower.seen.push(...ids(message.events));
      if (message.kind === 'caught-up') follower.caughtUp += 1;
      await turns(() => follower.reads);
    }
  }
  const running = run().catch((error: unknown) => {
    follower.failure = error;
  });
  function ended(): Promise<void> {
    return running;
  }
  return follower;
}

async function threeAtTheEnd() {
  const memory = new Counting();
  const store = new SharedFollowing(memory);
  const before = newEvents(3);
  await append(memory, 'jar-a', 'no-stream', before);
  const all = [follower(store), follower(store), follower(store)] as const;
  await turns(() => all.every(({ caughtUp }) => caughtUp > 0) && memory.open === 1);
  return { memory, store, all, before: ids(before) };
}

test('who has come to the end shares one subscription, which ends with the last of them', async () => {
  const { memory, all, before } = await threeAtTheEnd();
  const news = newEvents(20);
  for (const [index, event] of news.entries()) await append(memory, 'jar-a', 2 + index, [event]);
  await turns(() => all.every(({ seen }) => seen.length === 23));
  for (const { seen } of all) expect(seen).toEqual([...before, ...ids(news)]);
  expect(memory.begun).toBe(4);
  for (const one of all) one.leave();
  await Promise.all(all.map(one => one.ended()));
  await turns(() => memory.open === 0);
});

test('who comes later takes part too', async () => {
  const { memory, store, all, before } = await threeAtTheEnd();
  const late = follower(store);
  await turns(() => late.caughtUp > 0 && memory.open === 1);
  const news = newEvents(2);
  await append(memory, 'jar-a', 2, news);
  await turns(() => [...all, late].every(({ seen }) => seen.length === 5));
  expect(late.seen).toEqual([...before, ...ids(news)]);
  for (const one of [...all, late]) one.leave();
});

test('who falls behind follows alone, holds up nobody and misses nothing', async () => {
  const { memory, all, before } = await threeAtTheEnd();
  const [slow, ...others] = all;
  slow.reads = false;
  const news = newEvents(6_000);
  for (let from = 0; from < news.length; from += 500) {
    await append(memory, 'jar-a', 2 + from, news.slice(from, from + 500));
    await turns(() => others.every(({ seen }) => seen.length === 3 + from + 500));
  }
  expect(slow.seen.length).toBeLessThan(1_000);
  slow.reads = true;
  await turns(() => slow.seen.length === 6_003 && memory.open === 1);
  for (const { seen } of all) expect(seen).toEqual([...before, ...ids(news)]);
  for (const one of all) one.leave();
});

test('where the shared subscription breaks each goes on, and hears of what is wrong', async () => {
  const { memory, all, before } = await threeAtTheEnd();
  memory.cut();
  const news = newEvents(5);
  await append(memory, 'jar-a', 2, news);
  await turns(() => all.every(({ seen }) => seen.length === 8));
  for (const { seen, failure } of all) expect([seen, failure]).toEqual([[...before, ...ids(news)], undefined]);

  const alone = follower(new SharedFollowing(memory));
  memory.cut();
  await alone.ended();
  expect(alone.failure).toEqual(new Error('cut off'));
  for (const one of all) one.leave();
});
