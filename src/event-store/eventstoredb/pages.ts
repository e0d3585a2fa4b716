import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../event-store.js';
import type { Client, NativeEvent, NativePosition, Reading, ReadOptions } from './clients.js';
import type { Connection } from './connection.js';
import { faultOf, inTime, TimedOut } from './faults.js';

export interface PageLimits {
  /** Of one page with all its attempts, in milliseconds. */
  readonly deadlineMs: number;
  readonly attemptMs: number;
  /** Pages read at once: a connection has 100 calls, and the 101st hangs without an error. */
  readonly atOnce: number;
}

export const DEFAULT_PAGE_LIMITS: PageLimits = { deadlineMs: 10_000, attemptMs: 4_000, atOnce: 48 };

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** KurrentDB's reads never come back from a dead leader; a new client does. */
const FAILURES_OF_ONE_CLIENT = 2;

/** Reads single pages from the leader, each to its end; tries again what fails in passing, within its deadline. */
export class Pages {
  #reading = 0;
  readonly #queue: (() => void)[] = [];
  #failures = 0;
  #closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly limits: PageLimits = DEFAULT_PAGE_LIMITS,
  ) {}

  /** Empty where there is no such stream. @throws StoreUnavailable */
  stream(stream: string, options: ReadOptions<bigint | 'end'>): Promise<readonly NativeEvent[]> {
    return this.#inTurn(() => this.#page(client => client.readStream(stream, options)));
  }

  /** Of everything in the store; the start is included. @throws StoreUnavailable */
  all(options: ReadOptions<NativePosition | 'start' | 'end'>): Promise<readonly NativeEvent[]> {
    return this.#inTurn(() => this.#page(client => client.readAll(options)));
  }

  /** What is being read then fails: a disposed client would end it as if there were no more. */
  close(): Promise<void> {
    this.#closed = true;
    return this.connection.close();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#reading >= this.limits.atOnce) await new Promise<void>(resolve => this.#queue.push(resolve));
    else this.#reading += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#reading -= 1;
    }
  }

  async #page(open: (client: Client) => Reading): Promise<readonly NativeEvent[]> {
    const deadline = Date.now() + this.limits.deadlineMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        if (this.#closed) throw new StoreUnavailable('the event store is closed');
        const page = await this.connection.use(client =>
          collect(open(client), Math.max(1, Math.min(this.limits.attemptMs, deadline - Date.now()))),
        );
        if (this.#closed) throw new StoreUnavailable('the event store is closed');
        this.#failures = 0;
        return page;
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'absent') return [];
        if (fault === 'deleted') throw new Error('the stream was deleted in the event store', { cause: error });
        if (fault === 'refused') throw new StoreUnavailable('the event store refuses the credentials of EVENT_STORE_URL', { cause: error });
        if (fault === 'misplaced') throw new RangeError('not a position of this store', { cause: error });
        if (error instanceof StoreUnavailable) throw error;
        if (fault !== 'elsewhere') this.#failures += 1;
        if (this.#failures >= FAILURES_OF_ONE_CLIENT || error instanceof TimedOut) await this.#renew();
        const rest = pause * (0.5 + Math.random());
        if (Date.now() + rest >= deadline) throw unavailable(error);
        await sleep(rest);
      }
    }
  }

  #renew(): Promise<void> {
    this.#failures = 0;
    return this.connection.retire();
  }
}

async function collect(reading: Reading, ms: number): Promise<readonly NativeEvent[]> {
  // What is emitted when nobody iterates any more would end the process.
  reading.on?.('error', () => undefined);
  const events: NativeEvent[] = [];
  const toTheEnd = async (): Promise<readonly NativeEvent[]> => {
    for await (const { event } of reading) if (event) events.push(event);
    return events;
  };
  try {
    return await inTime(toTheEnd, ms);
  } catch (error) {
    if (error instanceof TimedOut) void reading.cancel?.().catch(() => undefined);
    throw error;
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : 'the reading failed';
  return new StoreUnavailable(`the event store did not answer: ${reason}`, { cause });
}
