import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/database.js';
import { DatabaseUnavailable } from '../../database/database-unavailable.js';
import { Gathering } from '../../database/gathering.js';
import {
  type AppendRequest,
  type AppendResult,
  EventStore,
  type Position,
  START,
  type StoredEvent,
  type StreamedEvent,
  weightOf,
  StoreUnavailable,
  type SubscriptionMessage,
} from '../event-store.js';
import { AppendListener } from './append-listener.js';
import { AppendQueue, DEFAULT_LIMITS, type QueueLimits } from './append-queue.js';
import { appendBatch } from './append-statement.js';
import {
  ALL,
  AT,
  BACKWARDS,
  type EventRow,
  FORWARDS,
  fromPosition,
  isPosition,
  NEWEST,
  SOME_OF_MANY,
  STORE_ID,
  toEvent,
  toPosition,
} from './event-rows.js';
import { prepare } from './prepared-append.js';
import { readByStream } from './reading-by-stream.js';
import { type Looked, SharedTail } from './shared-tail.js';
import { Wake } from './wake.js';

export interface PostgresEventStoreOptions {
  readonly limits?: Partial<QueueLimits>;
  /** How often a subscription looks for events of other processes whose hint was lost, in milliseconds. */
  readonly pollMs?: number;
  /**
   * Takes what another store holds: also events whose data keys were destroyed meanwhile. Whoever copies sees to it that no key is missing.
   */
  readonly copies?: boolean;
}

const PAGE = 1_000;
/** How much of a stream is read together with others: most are no longer. */
const BEGINNING = 32;
/**
 * Streams read together, and such statements at a time: whoever reads one alone must not wait for many. Nor must anybody else, while
 * what was read is opened and folded.
 */
const READ_TOGETHER = { together: 64, atOnce: 2, inATurn: 8 };
/** The weight of a page, once it shows how heavy events are. */
const PAGE_WEIGHT = 8_000;
const RETRY_MS = 500;
/** Between two looks of one subscription, in milliseconds: the first event goes at once, a stream of them in company. */
const LOOK_APART_MS = 20;

interface Beginning {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

/** Events in the table `ledger.events`. The order of positions is the order of commits, see `ledger.append_events`. */
export class PostgresEventStore extends EventStore {
  override readonly keepsOrderOfCall = true;
  readonly #writer: Database;
  readonly #queue: AppendQueue;
  readonly #wake = new Wake();
  readonly #listener: AppendListener;
  readonly #pollMs: number;
  readonly #tail = new SharedTail((after, limit) => this.#page(ALL, [fromPosition(after), limit]), LOOK_APART_MS);
  readonly #closing = new AbortController();
  readonly #beginnings = new Gathering<Beginning, StoredEvent[]>(asked => this.#readTogether(asked), READ_TOGETHER);

  /** Reads through `database`, which stays the caller's to close; appends through a connection of its own. */
  constructor(
    private readonly database: Database,
    options: PostgresEventStoreOptions = {},
  ) {
    super();
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    // Half the deadline, so that a server that hangs leaves time for a second try.
    this.#writer = database.sibling({ max: 1, statementTimeoutMs: Math.ceil(limits.deadlineMs / 2) });
    this.#queue = new AppendQueue(async batch => {
      const results = await appendBatch(
        this.#writer,
        options.copies ? batch.map(append => ({ ...append, events: append.events.map(event => ({ ...event, keyId: undefined })) })) : batch,
      );
      this.#wake.call();
      return results;
    }, limits);
    this.#listener = new AppendListener(database, this.#wake);
    this.#pollMs = options.pollMs ?? 500;
  }

  /** @throws NotCanonical, RangeError for a request that no store should hold; then nothing of the call is stored. */
  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const results = await Promise.allSettled(requests.map(prepare).map(append => this.#queue.push(append)));
    return results.map(result => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  override async *readStream(
    stream: string,
    { from = 0, to = Number.MAX_SAFE_INTEGER, direction = 'forwards' }: Parameters<EventStore['readStream']>[1] = {},
  ): AsyncIterable<readonly StoredEvent[]> {
    let low = from;
    if (direction === 'forwards' && from <= to) {
      const beginning = await this.#beginnings.ask({ stream, from, to });
      if (beginning.length > 0) yield beginning;
      if (beginning.length < BEGINNING) return;
      low = beginning.at(-1)!.revision + 1;
    }
    yield* this.#pagesOf(stream, low, to, direction);
  }

  override async *readAll({ after = START, limit = PAGE }: Parameters<EventStore['readAll']>[0] = {}): AsyncIterable<
    readonly StoredEvent[]
  > {
    for (let last = after; ;) {
      const events = await this.#page(ALL, [fromPosition(last), limit]);
      if (events.length > 0) yield events;
      if (events.length < limit) return;
      last = events.at(-1)!.position;
    }
  }

  override async *readByStream(range: Parameters<EventStore['readByStream']>[0]): AsyncIterable<readonly StreamedEvent[]> {
    const { breaks } = this.database.continuity;
    for await (const events of readByStream((statement, values) => this.#read(statement, values), range, asManyAs)) {
      if (this.database.continuity.breaks !== breaks) throw new StoreUnavailable('the database was restarted or exchanged meanwhile');
      yield events;
    }
  }

  override async *subscribeToAll({
    after = START,
    signal,
  }: Parameters<EventStore['subscribeToAll']>[0]): AsyncIterable<SubscriptionMessage> {
    let position = after;
    let lastId: string | undefined;
    let caughtUp = false;
    let limit = PAGE;
    let { breaks } = this.database.continuity;
    let lookedAt = -Infinity;
    const cancelled = (): boolean => signal.aborted || this.#closing.signal.aborted;
    this.#listener.enter();
    try {
      while (!cancelled()) {
        const early = lookedAt + LOOK_APART_MS - performance.now();
        if (caughtUp && early > 0) await sleep(early, undefined, { signal }).catch(() => undefined);
        lookedAt = performance.now();
        const { ticket } = this.#wake;
        const looked = await this.#lookOrNothing(position, limit, ticket);
        if (cancelled()) return;
        if (looked === undefined) {
          await this.#wake.sleep(this.#wake.ticket, RETRY_MS, signal);
          continue;
        }
        if (breaks !== this.database.continuity.breaks) {
          ({ breaks } = this.database.continuity);
          if (!(await this.#holds(position, lastId)))
            throw new StoreUnavailable('the database went back behind what this subscription had passed');
        }
        const { events, isEnd } = looked;
        if (events.length > 0) {
          position = events.at(-1)!.position;
          lastId = events.at(-1)!.id;
          caughtUp = false;
          yield { kind: 'events', events, position };
        }
        limit = asManyAs(events);
        if (isEnd) {
          if (!caughtUp && !cancelled()) yield { kind: 'caught-up' };
          caughtUp = true;
          await this.#wake.sleep(ticket, this.#pollMs, signal);
        }
      }
    } finally {
      await this.#listener.leave();
    }
  }

  override async newest(): Promise<Position> {
    const [row] = await this.#read<{ position: number | null }>(NEWEST);
    return row?.position ? toPosition(row.position) : START;
  }

  override isPosition(text: string): boolean {
    return isPosition(text);
  }

  override head(): Promise<Position> {
    return this.newest();
  }

  override async storeId(): Promise<string> {
    const [row] = await this.#read<{ id: string }>(STORE_ID);
    return row!.id;
  }

  /** Stores what waits, ends the subscriptions, closes its own connections. */
  override async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.call();
    await this.#queue.close();
    await this.#writer.close();
  }

  async *#pagesOf(stream: string, from: number, to: number, direction: 'forwards' | 'backwards'): AsyncIterable<readonly StoredEvent[]> {
    const statement = direction === 'forwards' ? FORWARDS : BACKWARDS;
    const isForwards = direction === 'forwards';
    // Who reads backwards mostly wants the last event alone.
    let limit = isForwards ? PAGE : 1;
    const page = (low: number, high: number) => {
      const asked = limit;
      return async () => ({ asked, events: await this.#page(statement, [stream, low, high, asked]) });
    };
    for (let next = from > to ? undefined : page(from, to); next;) {
      const { asked, events } = await next();
      const last = events.at(-1);
      if (!last) return;
      limit = asManyAs(events);
      const [low, high] = isForwards ? [last.revision + 1, to] : [from, last.revision - 1];
      next = events.length < asked || low > high ? undefined : page(low, high);
      if (next && isForwards) {
        // On its way while the one before is worked on; who stops there hears nothing of how it went.
        const ahead = next();
        ahead.catch(() => undefined);
        next = () => ahead;
      }
      yield events;
    }
  }

  async #readTogether(asked: readonly Beginning[]): Promise<(one: Beginning) => StoredEvent[]> {
    const different = [...new Map(asked.map(one => [keyOf(one), one])).values()];
    const read = new Map(different.map((one): [string, StoredEvent[]] => [keyOf(one), []]));
    const lists = [...read.values()];
    const rows = await this.#read<EventRow & { readonly asked: number }>(SOME_OF_MANY, [
      different.map(({ stream }) => stream),
      different.map(({ from }) => from),
      different.map(({ to }) => to),
      BEGINNING,
    ]);
    for (const row of rows) lists[row.asked - 1]?.push(toEvent(row));
    return one => read.get(keyOf(one)) ?? [];
  }

  async #page(statement: { name: string; text: string }, values: readonly unknown[]): Promise<StoredEvent[]> {
    return (await this.#read<EventRow>(statement, values)).map(toEvent);
  }

  /** Undefined while the database is away: a subscription outlives that. */
  async #lookOrNothing(after: Position, limit: number, ticket: number): Promise<Looked | undefined> {
    try {
      return await this.#tail.look(after, limit, { ticket, breaks: this.database.continuity.breaks });
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined;
      throw error;
    }
  }

  /** Whether what was passed is still there; without an id, whether the store reaches that far. */
  async #holds(position: Position, id: string | undefined): Promise<boolean> {
    if (position === START) return true;
    if (id === undefined) return (await this.newest()) >= position;
    const [row] = await this.#read<{ id: string }>(AT, [fromPosition(position)]);
    return row?.id === id;
  }

  async #read<Row>(statement: { name: string; text: string }, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.database.query<Row>({ ...statement, values })).rows;
    } catch (error) {
      if (error instanceof DatabaseUnavailable) throw new StoreUnavailable(error.message, { cause: error });
      throw error;
    }
  }
}

const keyOf = ({ stream, from, to }: Beginning): string => `${from} ${to} ${stream}`;

/** How many events like these make a page. */
const asManyAs = (events: readonly StoredEvent[]): number => {
  const weight = events.reduce((sum, event) => sum + weightOf(event), 0);
  return Math.max(1, Math.min(PAGE, Math.floor((PAGE_WEIGHT * events.length) / Math.max(weight, 1)) || PAGE));
};
