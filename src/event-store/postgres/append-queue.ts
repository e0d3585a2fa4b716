import { setTimeout as sleep } from 'node:timers/promises';
import { type AppendResult, type KeyNotCommitted, StoreUnavailable } from '../event-store.js';
import type { PreparedAppend } from './prepared-append.js';

export interface QueueLimits {
  /** Appends in one batch. */
  readonly batchAppends: number;
  /** Bytes in one batch; a larger append goes alone. */
  readonly batchBytes: number;
  /** Appends that may wait. */
  readonly waiting: number;
  /** From being asked until StoreUnavailable, in milliseconds. */
  readonly deadlineMs: number;
}

export const DEFAULT_LIMITS: QueueLimits = { batchAppends: 256, batchBytes: 1024 * 1024, waiting: 20_000, deadlineMs: 10_000 };

interface Waiting {
  readonly append: PreparedAppend;
  readonly deadline: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: Error) => void;
}

type Send = (batch: readonly PreparedAppend[]) => Promise<readonly (AppendResult | KeyNotCommitted)[]>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Group commit: one batch is on its way at a time, and what comes meanwhile makes up the next, so that many share one
 * commit. No two appends to one stream share a batch, and those to one stream go in the order in which they came.
 */
export class AppendQueue {
  /** The next append of each stream that is not on its way, in order of arrival. */
  #ready: Waiting[] = [];
  /** What waits behind a stream's append that is ready or on its way; a stream with neither has no entry. */
  readonly #behind = new Map<string, Waiting[]>();
  #size = 0;
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(
    private readonly send: Send,
    private readonly limits: QueueLimits = DEFAULT_LIMITS,
  ) {}

  /** Resolves after the commit. @throws StoreUnavailable when the queue is full or closed, or the deadline passes. */
  push(append: PreparedAppend): Promise<AppendResult> {
    if (this.#closing) return Promise.reject(new StoreUnavailable('the event store is closing'));
    if (this.#size >= this.limits.waiting) return Promise.reject(new StoreUnavailable('too many appends wait'));
    this.#size += 1;
    return new Promise((resolve, reject) => {
      const waiting = { append, deadline: Date.now() + this.limits.deadlineMs, resolve, reject };
      const behind = this.#behind.get(append.stream);
      if (behind) behind.push(waiting);
      else {
        this.#behind.set(append.stream, []);
        this.#ready.push(waiting);
      }
      // Begun in a microtask, so that appends asked for together go together and a lone one goes at once.
      this.#running ??= Promise.resolve().then(() => this.#run());
    });
  }

  /** Sends what waits, without trying again what fails, then resolves. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#ready.length > 0) {
      const batch = this.#take();
      await this.#store(batch);
      for (const { append } of batch) this.#advance(append.stream);
    }
    this.#running = undefined;
  }

  #take(): Waiting[] {
    const { batchAppends, batchBytes } = this.limits;
    let count = 0;
    for (let bytes = 0; count < Math.min(this.#ready.length, batchAppends); count++) {
      bytes += this.#ready[count]!.append.bytes;
      if (bytes > batchBytes && count > 0) break;
    }
    return this.#ready.splice(0, count);
  }

  #advance(stream: string): void {
    this.#size -= 1;
    const next = this.#behind.get(stream)!.shift();
    if (next) this.#ready.push(next);
    else this.#behind.delete(stream);
  }

  /** Answers every append of the batch, one way or the other. */
  async #store(batch: readonly Waiting[]): Promise<void> {
    let left = expire(batch, undefined);
    for (let pause = FIRST_PAUSE_MS; left.length > 0; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      left = left.filter(isAllowed);
      if (left.length === 0) return;
      try {
        const results = await this.send(left.map(({ append }) => append));
        left.forEach(({ resolve, reject }, index) => {
          const result = results[index]!;
          if (result instanceof Error) reject(result);
          else resolve(result);
        });
        return;
      } catch (error) {
        if (isFaultOfData(error)) return this.#bisect(left, error);
        if (this.#closing) return left.forEach(({ reject }) => reject(unavailable(error)));
        // With the same ids, since the commit may have happened: then the answer is `duplicate`.
        await sleep(pause * (0.5 + Math.random()));
        left = expire(left, error);
      }
    }
  }

  async #bisect(batch: readonly Waiting[], error: Error): Promise<void> {
    if (batch.length === 1) return batch[0]!.reject(error);
    const middle = batch.length >> 1;
    await this.#store(batch.slice(0, middle));
    await this.#store(batch.slice(middle));
  }
}

// Data exceptions (22) and integrity violations (23): the only errors that one append can bring on the others.
function isFaultOfData(error: unknown): error is Error {
  return /^2[23]...$/.test((error as { code?: string } | undefined)?.code ?? '');
}

/** Whoever may not write any more is told so, and nothing of it is sent. */
function isAllowed({ append, reject }: Waiting): boolean {
  try {
    append.assertMayWrite?.();
    return true;
  } catch (error) {
    reject(error as Error);
    return false;
  }
}

function expire(batch: readonly Waiting[], error: unknown): readonly Waiting[] {
  const now = Date.now();
  return batch.filter(({ deadline, reject }) => {
    if (deadline > now) return true;
    reject(unavailable(error));
    return false;
  });
}

function unavailable(cause: unknown): StoreUnavailable {
  const reason = cause instanceof Error ? cause.message : 'the append waited too long';
  return new StoreUnavailable(`the event store did not answer: ${reason}`, { cause });
}
