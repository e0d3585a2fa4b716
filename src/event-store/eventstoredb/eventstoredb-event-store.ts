import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendRequest,
  type AppendResult,
  EventStore,
  type Position,
  START,
  type StoredEvent,
  StoreUnavailable,
  type SubscriptionMessage,
} from '../event-store.js';
import { AppendWindow, DEFAULT_LIMITS, type WindowLimits } from './append-window.js';
import type { Driver, NativePosition } from './clients.js';
import { Connection } from './connection.js';
import type { ConnectionString } from './connection-string.js';
import { faultOf, inTime, TimedOut } from './faults.js';
import { Identity, StoreExchanged } from './identity.js';
import { irregularities } from './irregularities.js';
import { NewestOfOurs } from './newest-of-ours.js';
import { DEFAULT_PAGE_LIMITS, type PageLimits, Pages } from './pages.js';
import { fromPosition, isPosition, toPosition } from './positions.js';
import { guardProcess, unguardProcess } from './process-guard.js';
import { SameStore } from './same-store.js';
import { ForeignEvent, isDeletion, isOurs, type StoredAppend, toEvent, toStored } from './stored-form.js';
import { followOnce, SubscriptionEnded } from './subscription.js';
import { WritingProbe } from './writing-probe.js';

export interface EventStoreDbOptions {
  /** What an operator should know; one line each. */
  readonly report?: (line: string) => void;
  readonly appends?: Partial<WindowLimits>;
  readonly pages?: Partial<PageLimits>;
  /** How long a subscription may be silent before it is compared with the store's newest event, in milliseconds. */
  readonly quietMs?: number;
}

const STREAM_PAGE = 500;
const ALL_PAGE = 1_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** What passes neither by waiting nor by connecting again. */
const LASTING = [StoreExchanged, ForeignEvent, RangeError];

/** Events in EventStoreDB or KurrentDB, through either client package. */
export class EventStoreDbEventStore extends EventStore {
  override readonly keepsOrderOfCall = false;
  readonly #writer: Connection;
  readonly #follower: Connection;
  readonly #pages: Pages;
  readonly #appends: AppendWindow;
  readonly #identity: Identity;
  readonly #same: SameStore;
  readonly #newest: NewestOfOurs;
  readonly #writing = new WritingProbe(append => this.#appends.push(append));
  readonly #closing = new AbortController();
  readonly #report: (line: string) => void;
  readonly #quietMs: number;

  /** Connects when first used; `openEventStoreDb` also checks. */
  constructor(driver: Driver, url: ConnectionString, options: EventStoreDbOptions = {}) {
    super();
    this.#writer = new Connection(() => driver.connect(url.for('write')));
    this.#follower = new Connection(() => driver.connect(url.for('follow')));
    this.#pages = new Pages(new Connection(() => driver.connect(url.for('read'))), { ...DEFAULT_PAGE_LIMITS, ...options.pages });
    this.#appends = new AppendWindow(
      (append, withinMs) => this.#send(append, withinMs),
      () => this.#writer.retire(),
      { ...DEFAULT_LIMITS, ...options.appends },
    );
    this.#identity = new Identity(this.#pages);
    this.#same = new SameStore(this.#identity);
    this.#newest = new NewestOfOurs(this.#pages);
    this.#report = options.report ?? (() => undefined);
    this.#quietMs = options.quietMs ?? 5_000;
    setMaxListeners(0, this.#closing.signal);
    guardProcess();
  }

  /** @throws NotCanonical, RangeError for a request that no store should hold; then nothing of the call is stored. */
  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const results = await Promise.allSettled(requests.map(toStored).map(append => this.#appends.push(append)));
    return results.map(result => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  override async *readStream(
    stream: string,
    { from = 0, to = Number.MAX_SAFE_INTEGER, direction = 'forwards' }: Parameters<EventStore['readStream']>[1] = {},
  ): AsyncIterable<readonly StoredEvent[]> {
    await this.#same.assert();
    for (let [low, high] = [from, to]; low <= high;) {
      const start = direction === 'forwards' ? BigInt(low) : high === Number.MAX_SAFE_INTEGER ? ('end' as const) : BigInt(high);
      const maxCount = Math.min(STREAM_PAGE, high - low + 1);
      const page = await this.#pages.stream(stream, { from: start, direction, maxCount });
      // Backwards from beyond the end, the server begins at the end.
      const events = page.map(native => toEvent(native)).filter(({ revision }) => revision >= low && revision <= high);
      if (events.length > 0) yield events;
      if (page.length < maxCount) return;
      if (direction === 'forwards') low = Number(page.at(-1)!.revision) + 1;
      else high = Number(page.at(-1)!.revision) - 1;
    }
  }

  override async *readAll({ after = START, limit = ALL_PAGE }: Parameters<EventStore['readAll']>[0] = {}): AsyncIterable<
    readonly StoredEvent[]
  > {
    let events: StoredEvent[] = [];
    let last = after;
    for (let from: NativePosition | 'start' = fromPosition(after); ;) {
      const page = await this.#pages.all({ from, direction: 'forwards', maxCount: ALL_PAGE });
      for (const native of page) {
        const position = native.position && toPosition(native.position);
        // A start is included in what is read from there.
        if (position === undefined || position <= last) continue;
        last = position;
        from = native.position!;
        if (isDeletion(native)) this.#report(`the stream ${native.streamId} was deleted in the event store, which this service never does`);
        if (isOurs(native)) events.push(toEvent(native, position));
      }
      for (; events.length >= limit; events = events.slice(limit)) yield events.slice(0, limit);
      if (page.length < ALL_PAGE) break;
    }
    if (events.length > 0) yield events;
  }

  /** @throws StoreExchanged when the start lies beyond the end, or the store is another than before; ForeignEvent, RangeError */
  override async *subscribeToAll({
    after = START,
    signal,
  }: Parameters<EventStore['subscribeToAll']>[0]): AsyncIterable<SubscriptionMessage> {
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    const sources = [signal, this.#closing.signal];
    for (const source of sources) source.addEventListener('abort', stop);
    try {
      let last = after;
      for (let failures = 0; !signal.aborted && !this.#closing.signal.aborted;) {
        try {
          for await (const message of this.#follow(last, stopping.signal)) {
            failures = 0;
            if (message.kind !== 'caught-up') last = message.position;
            yield message;
          }
        } catch (error) {
          this.#same.doubt();
          if (LASTING.some(kind => error instanceof kind)) throw error;
          if (faultOf(error) === 'misplaced') throw new RangeError(`no event of the store begins at ${last}`, { cause: error });
          failures += 1;
          if (failures > 1 || error instanceof SubscriptionEnded) await this.#follower.retire();
          await this.#pause(failures, stopping.signal);
        }
      }
    } finally {
      for (const source of sources) source.removeEventListener('abort', stop);
    }
  }

  override async newest(): Promise<Position> {
    await this.#same.assert();
    return this.#newest.find();
  }

  override isPosition(text: string): boolean {
    return isPosition(text);
  }

  override head(): Promise<Position> {
    return this.#identity.head();
  }

  override storeId(): Promise<string> {
    return this.#identity.storeId();
  }

  override async irregularities(): Promise<readonly string[]> {
    try {
      return await this.#follower.use(client => irregularities(client, this.#quietMs));
    } catch (error) {
      throw new StoreUnavailable('the event store did not say what was done to its streams', { cause: error });
    }
  }

  override async assertWritable(): Promise<void> {
    await this.#same.assert();
    await this.#writing.assert();
  }

  /** Stores what waits, ends the subscriptions, disposes of every client. */
  override async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#appends.close();
    await Promise.all([this.#writer.close(), this.#follower.close(), this.#pages.close()]);
    unguardProcess();
  }

  async #send({ stream, events, expected, assertMayWrite }: StoredAppend, withinMs: number): Promise<AppendResult> {
    try {
      await this.#same.assert();
      // That may have taken a while.
      assertMayWrite?.();
      const { nextExpectedRevision, position } = await this.#writer.use(client =>
        inTime(async late => {
          await client.ready();
          // Begun on a client that was given up meanwhile, it would open a call that nobody ends.
          if (late()) throw new TimedOut(withinMs);
          return client.append(stream, events, expected);
        }, withinMs),
      );
      if (!position) throw new StoreUnavailable('the event store did not say where it stored the append');
      this.#writing.stored();
      const place = toPosition(position);
      this.#same.reached(place);
      return { outcome: 'ok', revision: Number(nextExpectedRevision), position: place };
    } catch (error) {
      if (faultOf(error) === 'conflict') return { outcome: 'conflict' };
      this.#same.doubt();
      throw error;
    }
  }

  async *#follow(after: Position, signal: AbortSignal): AsyncGenerator<SubscriptionMessage> {
    await this.#identity.check(after);
    if (signal.aborted) return;
    const lease = this.#follower.lease();
    let missing = START;
    // What was there at the last look and has still not come by this one will not come.
    const silent = async (last: Position): Promise<void> => {
      if (last < missing) throw new SubscriptionEnded();
      missing = await this.newest();
    };
    try {
      yield* followOnce(lease.client, after, { signal, quietMs: this.#quietMs, silent, head: () => this.head(), report: this.#report });
    } finally {
      await lease.release();
    }
  }

  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS) * (0.5 + Math.random());
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
