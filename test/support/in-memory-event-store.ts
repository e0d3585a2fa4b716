import { setImmediate as turn } from 'node:timers/promises';
import { canonicalJson } from '../../src/event-store/canonical-json.js';
import {
  EventStore,
  START,
  type AppendRequest,
  type AppendResult,
  type NewEvent,
  type Position,
  type StoredEvent,
  type SubscriptionMessage,
} from '../../src/event-store/event-store.js';

/** What an in-memory store holds; several stores over the same contents are several processes of the service. */
export class Contents {
  constructor(
    readonly all: StoredEvent[] = [],
    readonly streams = new Map<string, readonly StoredEvent[]>(),
  ) {}
}

/** Positions are ordered as text. */
const positionAt = (index: number): Position => String(index + 1).padStart(12, '0');

/** An event store without a disk. It passes the contract that every event store passes. */
export class InMemoryEventStore extends EventStore {
  override readonly keepsOrderOfCall = true;

  constructor(readonly contents = new Contents()) {
    super();
  }

  async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const whole = requests.map((request): AppendRequest => ({
      ...request,
      events: request.events.map(event => JSON.parse(canonicalJson(event)) as NewEvent),
    }));
    return whole.map(request => this.appendOne(request));
  }

  private appendOne({ stream, expectedRevision, events, assertMayWrite }: AppendRequest): AppendResult {
    assertMayWrite?.();
    const stored = this.contents.streams.get(stream) ?? [];
    const first = expectedRevision === 'any' ? stored.length : expectedRevision === 'no-stream' ? 0 : expectedRevision + 1;
    const standing = stored.slice(first, first + events.length);
    if (standing.length === events.length && standing.every(({ id }, index) => id === events[index]?.id))
      return { outcome: 'duplicate', ...placeOf(standing) };
    if (first !== stored.length) return { outcome: 'conflict' };
    const added = events.map((event, index): StoredEvent => ({
      ...event,
      stream,
      revision: first + index,
      position: positionAt(this.contents.all.length + index),
    }));
    this.contents.all.push(...added);
    this.contents.streams.set(stream, [...stored, ...added]);
    return { outcome: 'ok', ...placeOf(added) };
  }

  async *readStream(
    stream: string,
    {
      from,
      to,
      direction = 'forwards',
    }: { readonly from?: number; readonly to?: number; readonly direction?: 'forwards' | 'backwards' } = {},
  ): AsyncIterable<readonly StoredEvent[]> {
    const found = (this.contents.streams.get(stream) ?? []).slice(from ?? 0, to === undefined ? undefined : to + 1);
    if (found.length > 0) yield direction === 'forwards' ? found : found.reverse();
  }

  async *readAll({ after = START, limit = 500 }: { readonly after?: Position; readonly limit?: number } = {}): AsyncIterable<
    readonly StoredEvent[]
  > {
    const end = this.contents.all.length;
    for (let index = Number(after); index < end; index += limit) yield this.contents.all.slice(index, Math.min(index + limit, end));
  }

  async *subscribeToAll({
    after = START,
    signal,
  }: {
    readonly after?: Position;
    readonly signal: AbortSignal;
  }): AsyncIterable<SubscriptionMessage> {
    for (let position = after, told = false; !signal.aborted; await turn()) {
      for await (const events of this.readAll({ after: position })) {
        if (signal.aborted) return;
        position = events.at(-1)?.position ?? position;
        yield { kind: 'events', events, position };
      }
      if (!told) yield { kind: 'caught-up' };
      told = true;
    }
  }

  async newest(): Promise<Position> {
    return this.contents.all.at(-1)?.position ?? START;
  }

  isPosition(text: string): boolean {
    return /^\d{12}$/.test(text);
  }

  head(): Promise<Position> {
    return this.newest();
  }

  async storeId(): Promise<string> {
    return 'in memory';
  }

  async close(): Promise<void> {}
}

const placeOf = (events: readonly StoredEvent[]): { revision: number; position: Position } => {
  const last = events.at(-1) as StoredEvent;
  return { revision: last.revision, position: last.position };
};
