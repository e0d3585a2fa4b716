/**
 * The port: all that the rest of the service knows about where events are kept.
 * Adapters live beside it, one folder each, and all pass the same contract suite.
 */

/**
 * A place in the order of all events of one store: opaque, fixed width, and ordered as text (`a < b`).
 * Comparable only with positions of the store with the same `storeId()`.
 */
export type Position = string;

/** Before every event of any store. */
export const START: Position = '';

export interface Actor {
  readonly id: string;
  readonly roles: readonly string[];
  readonly office: string | null;
}

export interface EventMetadata {
  readonly actor: Actor;
  readonly commandId: string;
  /** What the command asked for, see `commandHash` in command-identity.ts. */
  readonly commandHash: string;
  readonly correlationId: string;
  readonly causationId: string;
  /** When it happened in the world, RFC 3339 UTC. */
  readonly occurredAt: string;
  /** When it was recorded here, RFC 3339 UTC. */
  readonly recordedAt: string;
  readonly ruleSet?: { readonly country: string; readonly version: number };
  /** Revisions of the other streams that the rule relied on. */
  readonly basedOn?: Readonly<Record<string, number>>;
  /** The data key that seals `personal`, or that the command's hash was made with. */
  readonly keyId?: string;
  /** Of the trace that stored it (W3C Trace Context), where it was traced. */
  readonly traceparent?: string;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** Sealed personal data (ciphertext, base64url); absent where there is none. */
  readonly personal?: string;
  readonly metadata: EventMetadata;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: number;
  readonly position: Position;
}

/** An event that was read stream by stream. */
export interface StreamedEvent extends StoredEvent {
  /** Where its stream begins. */
  readonly begun: Position;
}

/** The last event that was read stream by stream. */
export interface StreamPlace {
  readonly begun: Position;
  readonly revision: number;
}

export interface AppendRequest {
  readonly stream: string;
  /** The revision of the stream's last event. `any` only where a repeat is harmless (access records). */
  readonly expectedRevision: number | 'no-stream' | 'any';
  readonly events: readonly NewEvent[];
  /**
   * Where others may send the same ids with other contents: `ok` is answered to the one that was stored; to others `duplicate`, or
   * `conflict` where the store does not know the ids.
   */
  readonly tellRepeats?: boolean;
  /** Asked each time right before it is sent, however long it waited. @throws what the append is then rejected with */
  readonly assertMayWrite?: () => void;
}

export type AppendResult =
  /**
   * Stored, or the same event ids stood at this place already (`duplicate`, or `ok` where repeats need not be told): the last event's
   * place.
   */
  | { readonly outcome: 'ok' | 'duplicate'; readonly revision: number; readonly position: Position }
  /** Nothing stored: the stream stands elsewhere. */
  | { readonly outcome: 'conflict' };

export type SubscriptionMessage =
  | { readonly kind: 'events'; readonly events: readonly StoredEvent[]; readonly position: Position }
  /** Everything up to here was looked at; there was nothing of ours since the last message. */
  | { readonly kind: 'passed'; readonly position: Position }
  | { readonly kind: 'caught-up' };

/** The store cannot be reached, or did not answer in time. What was being appended may or may not be stored. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

/** An event names a data key that the database does not hold, or holds as destroyed: nobody could ever read it, so it was not stored. */
export class KeyNotCommitted extends Error {
  constructor(stream: string) {
    super(`an event for ${stream} names a data key that is not there`);
    this.name = 'KeyNotCommitted';
  }
}

export abstract class EventStore {
  /**
   * Whether the requests of one call to different streams, where they are no more than a few hundred, are stored in their order whatever
   * fails.
   */
  abstract readonly keepsOrderOfCall: boolean;

  /**
   * Appends each request whole or not at all; each stands alone, and a conflict does not fail its neighbours.
   * Resolves, in the order of the requests, once everything reported `ok` is durable.
   * @throws StoreUnavailable when the outcome is unknown; the same requests may be sent again with the same ids. KeyNotCommitted
   */
  abstract append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;

  /** The stream's events in batches; `from` and `to` are revisions, both included. An unknown stream is empty. */
  abstract readStream(
    stream: string,
    range?: { readonly from?: number; readonly to?: number; readonly direction?: 'forwards' | 'backwards' },
  ): AsyncIterable<readonly StoredEvent[]>;

  /** All events after `after`, in order, in batches of at most `limit`, up to the end at the time it is reached. */
  abstract readAll(range?: { readonly after?: Position; readonly limit?: number }): AsyncIterable<readonly StoredEvent[]>;

  /**
   * All events up to a position, stream after stream in the order in which these begin; `after` is the last that was
   * read. Undefined where the store has no way to it that is much cheaper than to read each stream alone.
   */
  readByStream(_range: { readonly upTo: Position; readonly after?: StreamPlace }): AsyncIterable<readonly StreamedEvent[]> | undefined {
    return undefined;
  }

  /** All events after `after`, then the new ones as they come, until `signal` aborts. Pulls no faster than it is read. */
  abstract subscribeToAll(options: { readonly after?: Position; readonly signal: AbortSignal }): AsyncIterable<SubscriptionMessage>;

  /** The position of the newest event of ours; `START` when there is none. */
  abstract newest(): Promise<Position>;

  /** The store's own end: no valid position lies beyond it. */
  abstract head(): Promise<Position>;

  /** Whether positions of this store are written so; that anything stands there it does not say. */
  abstract isPosition(text: string): boolean;

  /** The identity of the store's contents; another one means a restored or exchanged store. */
  abstract storeId(): Promise<string>;

  /**
   * What was done to our streams behind the service's back and endangers events, one line each, as far as the store knows such.
   * @throws StoreUnavailable
   */
  async irregularities(): Promise<readonly string[]> {
    return [];
  }

  /**
   * Nothing to look at where events are in the database, which is asked anyway.
   * @throws StoreUnavailable while the store can store nothing, though it may be read
   */
  async assertWritable(): Promise<void> {}

  abstract close(): Promise<void>;
}

/** Roughly what an event takes in memory, in KiB, 1 at least: what is not sealed is small, as the lists of a command are bounded. */
export const weightOf = ({ personal }: Pick<NewEvent, 'personal'>): number => 1 + (personal?.length ?? 0) / 1_024;

/** The part of a stream's name before the first `-`. */
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));
/** The part of a stream's name after the first `-`. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
