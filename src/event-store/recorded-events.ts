import type { PersonalData } from '../personal-data/personal-data.js';
import type { EventStore, StoredEvent } from './event-store.js';
import { recorded, type DomainEvent, type Recorded, type StreamKind } from './stream-kind.js';

/** An event as it is stored, what is personal in that, and as it is read: checked, opened, in its newest version. */
export interface Opened<E extends DomainEvent> {
  readonly stored: StoredEvent;
  readonly personal: object | null;
  readonly event: Recorded<E>;
}

export interface OpensEvents {
  readonly store: EventStore;
  /** Absent where what is personal stays sealed. */
  readonly personalData?: PersonalData;
}

/** A stream lacks events that it had: it was limited, or somebody has deleted them. Whoever reads it must stop, not guess. */
export class EventsMissing extends Error {
  constructor(stream: string, revision: number) {
    super(`${stream} does not show what stands at revision ${revision}: it was limited, or events were deleted`);
    this.name = 'EventsMissing';
  }
}

/** @throws EventsMissing: a file without its first pages, of which one may say that somebody is in danger, looks like any other */
export async function* withoutGap(
  stream: string,
  batches: AsyncIterable<readonly StoredEvent[]>,
  from = 0,
): AsyncGenerator<readonly StoredEvent[]> {
  let next = from;
  for await (const batch of batches) {
    for (const { revision } of batch) if (revision !== next++) throw new EventsMissing(stream, next - 1);
    yield batch;
  }
}

/**
 * The events of a stream, in batches, so that a long one is never held whole.
 * @param range from the first revision to the last, both included; all of them unless told
 * @throws UnknownEvent, EventsMissing; KeyMissing and SealBroken of personal data; StoreUnavailable, DatabaseUnavailable
 */
export async function* recordedEvents<S, E extends DomainEvent>(
  kind: StreamKind<S, E>,
  stream: string,
  { store, personalData }: OpensEvents,
  range?: { readonly from?: number; readonly to?: number },
): AsyncGenerator<readonly Opened<E>[]> {
  for await (const batch of withoutGap(stream, store.readStream(stream, range), range?.from)) {
    const personal = await personalData?.openAll(batch);
    yield opened(kind, batch, personal ?? []);
  }
}

/** @throws UnknownEvent */
export const opened = <S, E extends DomainEvent>(
  kind: StreamKind<S, E>,
  events: readonly StoredEvent[],
  personal: readonly (object | null)[],
): Opened<E>[] =>
  events.map((stored, index) => {
    const own = personal[index] ?? null;
    return { stored, personal: own, event: recorded(kind, stored, own) };
  });
