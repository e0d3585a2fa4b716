import { expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { START, type SubscriptionMessage } from '../../src/event-store/event-store.js';
import type { Client, NativeEvent, NativeSubscription } from '../../src/event-store/eventstoredb/clients.js';
import { followOnce } from '../../src/event-store/eventstoredb/subscription.js';

const event = (place: number): { readonly event: NativeEvent } => ({
  event: {
    streamId: `case-${place}`,
    id: String(place),
    revision: 0n,
    type: 'CaseOpened',
    data: {},
    metadata: { metadata: {}, schemaVersion: 1 },
    position: { commit: BigInt(place), prepare: BigInt(place) },
  },
});

/** A subscription that a test sends events into, and what is taken from it. */
function following(apartMs: number) {
  const native: NativeSubscription = Object.assign(new Readable({ objectMode: true, read: () => undefined }), {
    unsubscribe: async () => undefined,
  });
  const client: Pick<Client, 'subscribeToAll'> = { subscribeToAll: () => native };
  const stopping = new AbortController();
  const messages = followOnce(client, START, {
    signal: stopping.signal,
    quietMs: 60_000,
    silent: async () => undefined,
    head: async () => START,
    report: () => undefined,
    apartMs,
  });
  const next = async (): Promise<SubscriptionMessage> => (await messages.next()).value as SubscriptionMessage;
  const idsOf = async (): Promise<string[]> => {
    const message = await next();
    return message.kind === 'events' ? message.events.map(({ id }) => id) : idsOf();
  };
  return {
    native,
    idsOf,
    stop: async () => {
      stopping.abort();
      await messages.return(undefined);
    },
  };
}

test('what comes while all is in step comes at once, and in company where more follows', async () => {
  const { native, idsOf, stop } = following(2_000);
  native.push(event(1));
  expect(await idsOf()).toEqual(['1']);
  native.emit('caughtUp');
  const company = idsOf();
  for (const place of [2, 3, 4]) {
    native.push(event(place));
    await new Promise(setImmediate);
  }
  expect(await company).toEqual(['2', '3', '4']);
  await stop();
});

test('what is caught up with is not held up', async () => {
  const { native, idsOf, stop } = following(600_000);
  native.push(event(1));
  expect(await idsOf()).toEqual(['1']);
  native.push(event(2));
  expect(await idsOf()).toEqual(['2']);
  await stop();
});

test('ends at once while it waits for company', async () => {
  const { native, idsOf, stop } = following(600_000);
  native.push(event(1));
  expect(await idsOf()).toEqual(['1']);
  native.emit('caughtUp');
  const waiting = idsOf().catch(() => 'ended');
  await stop();
  expect(await waiting).toBe('ended');
});
