import { randomUUID } from 'node:crypto';
import {
  type AppendRequest,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type StoredEvent,
  StoreUnavailable,
  type SubscriptionMessage,
} from '../../src/event-store/event-store.js';

export interface StoreUnderTest {
  readonly store: EventStore;
  /** The same contents as another process, or this one after a restart, sees them. */
  readonly reopen: () => Promise<EventStore>;
  /** Cuts every connection that the store has; it may connect again. */
  readonly disconnect: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const newStream = (): string => `case-${randomUUID()}`;

export function newEvent(data: Readonly<Record<string, unknown>> = {}, personal?: string): NewEvent {
  const commandId = randomUUID();
  const at = '2026-01-31T12:00:00.000Z';
  return {
    id: randomUUID(),
    type: 'CaseOpened',
    schemaVersion: 1,
    data,
    ...(personal === undefined ? {} : { personal }),
    metadata: {
      actor: { id: 'officer-1', roles: ['screening'], office: 'ELP' },
      commandId,
      commandHash: 'c0ffee',
      correlationId: commandId,
      causationId: commandId,
      occurredAt: at,
      recordedAt: at,
    },
  };
}

export const newEvents = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => newEvent({ n }));

export async function collect(batches: AsyncIterable<readonly StoredEvent[]>): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

/** Reads a subscription until `enough` says so, then leaves it. */
export async function follow(
  subscription: AsyncIterable<SubscriptionMessage>,
  enough: (events: readonly StoredEvent[], message: SubscriptionMessage) => boolean,
): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = [];
  for await (const message of subscription) {
    if (message.kind === 'events') seen.push(...message.events);
    if (enough(seen, message)) break;
  }
  return seen;
}

export const ids = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** Ours among the events of a store that others use too. */
export const of =
  (streams: readonly string[]) =>
  (event: StoredEvent): boolean =>
    streams.includes(event.stream);

/** Appends one request. */
export async function append(
  store: EventStore,
  stream: string,
  expectedRevision: AppendRequest['expectedRevision'],
  events: readonly NewEvent[],
): Promise<AppendResult> {
  return (await store.append([{ stream, expectedRevision, events }]))[0]!;
}

/** Sends the same again while nobody knows what became of it, as a caller does. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || attempt === 5) throw error;
    }
  }
}
