import { setTimeout as sleep } from 'node:timers/promises';
import { type AppendResult, StoreUnavailable } from '../event-store.js';
import { faultOf, TimedOut } from './faults.js';
import type { StoredAppend } from './stored-form.js';

export interface WindowLimits {
  /** Appends sent and not yet answered. */
  readonly inFlight: number;
  /** Their bytes; a larger append goes alone. */
  readonly bytesInFlight: number;
  /** Appends that may wait. */
  readonly waiting: number;
  /** From being asked until StoreUnavailable, in milliseconds. */
  readonly deadlineMs: number;
  /** Of one attempt, in milliseconds: leaves time for another. */
  readonly attemptMs: number;
}

export const DEFAULT_LIMITS: WindowLimits = {
  inFlight: 256,
  bytesInFlight: 4 * 1024 * 1024,
  waiting: 20_000,
  deadlineMs: 10_000,
  attemptMs: 4_000,
};

interface Waiting {
  readonly append: StoredAppend;
  readonly order: number;
  readonly deadline: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
  /** How often it failed in a way that nobody knows. */
  suspicion: number;
  cause?: unknown;
  answered: boolean;
}

/** Sends one append once; rejects with TimedOut by itself. */
type Send = (append: StoredAppend, withinMs: number) => Promise<AppendResult>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const SUSPICIONS = 3;

/**
 * Pipelines appends, those to one stream one after the other. When one fails in passing, nothing more is sent until all
 * that is in flight has ended: what failed goes again before what came later.
 */
export class AppendWindow {
  #ready: Waiting[] = [];
  /** What waits behind a stream's append that is ready or in flight. */
  readonly #behind = new Map<string, Waiting[]>();
  #held: Waiting[] = [];
  #open = true;
  #arrived = 0;
  #size = 0;
  #inFlight = 0;
  #bytes = 0;
  #failures = 0;
  #renewing = false;
  /** While any is left, one at a time: one bad append breaks the call that it shares with others. */
  readonly #suspects = new Set<Waiting>();
  #closing: (() => void) | undefined;

  /** @param renew gives up the client that appends; resolves when nothing waits in it any more */
  constructor(
    private readonly send: Send,
    private readonly renew: () => Promise<void>,
    private readonly limits: WindowLimits = DEFAULT_LIMITS,
  ) {}

  /** @throws StoreUnavailable when too many wait, the deadline passes, or the window is closed; RangeError if too large */
  push(append: StoredAppend): Promise<AppendResult> {
    if (this.#closing) return Promise.reject(new StoreUnavailable('the event store is closing'));
    if (this.#size >= this.limits.waiting) return Promise.reject(new StoreUnavailable('too many appends wait'));
    this.#size += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answer(waiting, () => reject(unavailable(waiting.cause))), this.limits.deadlineMs);
      const waiting: Waiting = {
        append,
        order: this.#arrived++,
        deadline: Date.now() + this.limits.deadlineMs,
        timer,
        resolve,
        reject,
        suspicion: 0,
        answered: false,
      };
      const behind = this.#behind.get(append.stream);
      if (behind) behind.push(waiting);
      else {
        this.#behind.set(append.stream, []);
        this.#ready.push(waiting);
        this.#pump();
      }
    });
  }

  /** Sends what waits, without trying again what fails, then resolves. */
  close(): Promise<void> {
    return new Promise(resolve => {
      this.#closing = resolve;
      if (this.#size === 0) resolve();
    });
  }

  #pump(): void {
    while (this.#open && this.#ready.length > 0 && this.#hasRoomFor(this.#ready[0]!)) {
      const waiting = this.#ready.shift()!;
      this.#refuseIfForbidden(waiting);
      if (waiting.answered) this.#leave(waiting);
      else void this.#attempt(waiting);
    }
  }

  #refuseIfForbidden(waiting: Waiting): void {
    try {
      waiting.append.assertMayWrite?.();
    } catch (error) {
      this.#answer(waiting, () => waiting.reject(error as Error));
    }
  }

  #hasRoomFor({ append }: Waiting): boolean {
    if (this.#inFlight === 0) return true;
    return this.#suspects.size === 0 && this.#inFlight < this.limits.inFlight && this.#bytes + append.bytes <= this.limits.bytesInFlight;
  }

  async #attempt(waiting: Waiting): Promise<void> {
    const { append, deadline, resolve, reject } = waiting;
    this.#inFlight += 1;
    this.#bytes += append.bytes;
    try {
      const ms = Math.max(1, Math.min(deadline - Date.now(), this.limits.attemptMs));
      const result = await this.send(append, ms);
      this.#failures = 0;
      this.#finish(waiting, () => resolve(result));
    } catch (error) {
      const refusal = this.#judge(waiting, error);
      if (refusal) this.#finish(waiting, () => reject(refusal));
      else this.#held.push(waiting);
    }
    this.#inFlight -= 1;
    this.#bytes -= append.bytes;
    if (this.#open) this.#pump();
    else if (this.#inFlight === 0) await this.#recover();
  }

  /** What the caller is told; undefined when it is to be sent again, with the same ids and the same expectation. */
  #judge(waiting: Waiting, error: unknown): Error | undefined {
    const fault = faultOf(error);
    if (fault === 'too-large') return new RangeError('the append is larger than the event store takes', { cause: error });
    if (fault === 'deleted') return new Error(`${waiting.append.stream} was deleted in the event store`, { cause: error });
    this.#open = false;
    this.#renewing ||= fault === 'refused' || error instanceof TimedOut || (this.#failures > 0 && fault !== 'elsewhere');
    if (fault === 'refused') return new StoreUnavailable('the event store refuses the credentials of EVENT_STORE_URL', { cause: error });
    waiting.cause = error;
    if (fault === 'unknown') {
      waiting.suspicion += 1;
      this.#suspects.add(waiting);
    }
    return waiting.answered || this.#closing || waiting.suspicion >= SUSPICIONS ? unavailable(error) : undefined;
  }

  async #recover(): Promise<void> {
    this.#failures += 1;
    if (this.#renewing) await this.renew();
    this.#renewing = false;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    await sleep(pause * (0.5 + Math.random()));
    const again = this.#held.sort((one, other) => one.order - other.order);
    this.#held = [];
    this.#ready = [...again, ...this.#ready];
    this.#open = true;
    this.#pump();
  }

  #finish(waiting: Waiting, tell: () => void): void {
    this.#answer(waiting, tell);
    this.#leave(waiting);
  }

  #answer(waiting: Waiting, tell: () => void): void {
    if (waiting.answered) return;
    waiting.answered = true;
    clearTimeout(waiting.timer);
    tell();
  }

  #leave(waiting: Waiting): void {
    const { stream } = waiting.append;
    this.#suspects.delete(waiting);
    this.#size -= 1;
    const next = this.#behind.get(stream)!.shift();
    if (next) this.#ready.push(next);
    else this.#behind.delete(stream);
    if (this.#size === 0) this.#closing?.();
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : 'the append waited too long';
  return new StoreUnavailable(`the event store did not answer: ${reason}`, { cause });
}
