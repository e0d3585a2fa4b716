import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { type Position, type StoredEvent, type SubscriptionMessage } from '../event-store.js';
import type { Client, NativeEvent, NativeSubscription } from './clients.js';
import { inTime } from './faults.js';
import { fromPosition, isPlace, toPosition } from './positions.js';
import { isDeletion, isOurs, PREFIXES, toEvent } from './stored-form.js';

const BATCH = 1_000;
const BUFFER = 2 * BATCH;
const UNSUBSCRIBE_WITHIN_MS = 1_000;
/**
 * Between two batches while there is nothing to catch up with, in milliseconds: the first event goes at once, a stream of them in company.
 */
const APART_MS = 20;

export interface Following {
  readonly signal: AbortSignal;
  /** How long nothing may come before `silent` is asked, in milliseconds. */
  readonly quietMs: number;
  /** May throw: then the subscription is over. */
  readonly silent: (last: Position) => Promise<void>;
  /** The store's end now. May throw: then the subscription is over. */
  readonly head: () => Promise<Position>;
  readonly report: (line: string) => void;
  readonly apartMs?: number;
}

/** Frees the call that a subscription holds of its connection; one that is only left keeps it. */
export async function leave(subscription: NativeSubscription): Promise<void> {
  await inTime(() => subscription.unsubscribe(), UNSUBSCRIBE_WITHIN_MS).catch(() => undefined);
  subscription.destroy();
}

/** The server ended it, which it does not announce. */
export class SubscriptionEnded extends Error {
  constructor() {
    super('the subscription ended');
    this.name = 'SubscriptionEnded';
  }
}

/**
 * One subscription from the position on, until the signal aborts. Pulls no faster than it is read.
 * @throws what the client's subscription fails with, SubscriptionEnded, what `silent` and `head` throw
 */
export async function* followOnce(
  client: Pick<Client, 'subscribeToAll'>,
  after: Position,
  { signal, quietMs, silent, head, report, apartMs = APART_MS }: Following,
): AsyncGenerator<SubscriptionMessage> {
  const subscription = new Subscription(client, after, signal, report);
  let taken = -Infinity;
  try {
    for (;;) {
      const early = taken + apartMs - performance.now();
      if (subscription.live && early > 0) await sleep(early, undefined, { signal }).catch(() => undefined);
      // What has come with it is taken with it.
      if (!subscription.live) await turn();
      const events = subscription.take();
      if (events.length > 0) {
        taken = performance.now();
        yield { kind: 'events', events, position: subscription.position };
      } else if (await subscription.passes(head)) yield { kind: 'passed', position: subscription.position };
      else if (subscription.sayCaughtUp()) yield { kind: 'caught-up' };
      else if (signal.aborted) return;
      else if (!(await subscription.news(quietMs))) await silent(subscription.position);
      if (signal.aborted) return;
    }
  } finally {
    await subscription.end();
  }
}

class Subscription {
  readonly #native: NativeSubscription;
  #last: Position;
  /** Everything up to here was looked at by the server, as it says; told in order with the events. */
  #passed: Position;
  /** The store reaches at least this far. */
  #reach: Position;
  #live = false;
  #toSay = false;
  #failure: Error | undefined;
  #changes = 0;
  #wake: () => void = () => undefined;
  readonly #changed = (): void => {
    this.#changes += 1;
    this.#wake();
  };

  constructor(
    client: Pick<Client, 'subscribeToAll'>,
    after: Position,
    private readonly signal: AbortSignal,
    private readonly report: (line: string) => void,
  ) {
    this.#last = this.#passed = this.#reach = after;
    this.#native = client.subscribeToAll({
      from: fromPosition(after),
      filterOn: 'streamName',
      prefixes: PREFIXES,
      passed: position => {
        // Where nothing was passed yet the first mark says 0/0, or a place that nothing can have.
        if (position.commit > 0n && isPlace(position)) this.#passed = toPosition(position);
        this.#changed();
      },
      buffer: BUFFER,
    });
    this.#native
      .on('readable', this.#changed)
      .on('caughtUp', () => this.#becomeLive(true))
      .on('fellBehind', () => this.#becomeLive(false))
      .on('error', (error: Error) => this.#fail(error))
      .on('end', () => this.#fail(new SubscriptionEnded()))
      .on('close', () => this.#fail(new SubscriptionEnded()));
    signal.addEventListener('abort', this.#changed);
  }

  /** Everything up to here was taken, or was none of ours. */
  get position(): Position {
    return this.#last;
  }

  /** The server says that there are no more events; whatever comes is new. */
  get live(): boolean {
    return this.#live;
  }

  /** What has come, at most a batch. @throws once all is taken, what it failed with */
  take(): readonly StoredEvent[] {
    const events: StoredEvent[] = [];
    while (events.length < BATCH) {
      const next = this.#native.read() as { event?: NativeEvent } | null;
      if (next === null) break;
      if (next.event) this.#accept(next.event, events);
    }
    if (events.length === 0 && this.#failure) throw this.#failure;
    if (events.length > 0 && this.#live) this.#toSay = true;
    return events;
  }

  /**
   * Goes on to where the server says that it is, once everything before was taken; false where it is there already, or the store ends
   * before.
   */
  async passes(head: () => Promise<Position>): Promise<boolean> {
    const mark = this.#passed;
    if (mark <= this.#last) return false;
    // Beyond the end the server would never send anything again.
    if (mark > this.#reach) this.#reach = await head();
    if (mark > this.#reach) {
      this.#passed = this.#last;
      return false;
    }
    this.#last = mark;
    return true;
  }

  /** Once after every stretch of events, while the server says that there are no more. */
  sayCaughtUp(): boolean {
    const say = this.#toSay && this.#live;
    if (say) this.#toSay = false;
    return say;
  }

  /** Waits for anything to happen; false when nothing did. */
  async news(withinMs: number): Promise<boolean> {
    if (this.#changes === 0 && !this.signal.aborted) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, withinMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const happened = this.#changes > 0 || this.signal.aborted;
    this.#changes = 0;
    return happened;
  }

  async end(): Promise<void> {
    this.signal.removeEventListener('abort', this.#changed);
    await leave(this.#native);
  }

  #accept(native: NativeEvent, events: StoredEvent[]): void {
    const position = native.position && toPosition(native.position);
    // Where a resumed subscription begins between records, it may repeat the last one.
    if (position !== undefined && position <= this.#last) return;
    if (isDeletion(native)) this.report(`the stream ${native.streamId} was deleted in the event store, which this service never does`);
    if (isOurs(native)) events.push(toEvent(native, position));
    if (position !== undefined) this.#last = position;
  }

  #becomeLive(live: boolean): void {
    this.#live = live;
    this.#toSay = live;
    this.#changed();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#changed();
  }
}
