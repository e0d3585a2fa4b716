import { Logger } from '@nestjs/common';
import type { Clock } from '../database/clock.js';
import { BackOff, describeSafely, pause } from '../projecting/back-off.js';
import { Pace } from './pace.js';
import { URGENCY, type Process, type Urgency } from './process.js';
import type { ProcessInbox, Trigger } from './process-inbox.js';
import { Interrupted, type Reactions } from './reactions.js';
import { isPassing } from '../projecting/stopping.js';

/** Where all triggers that are handled at a time may wait, so many more that may not. */
const MORE_URGENT = 8;
/** Triggers looked up at a time. */
const PAGE = 500;
// Also how late a timer may be.
const LOOK_MS = 200;
const TIMERS_APART_MS = 50;
/** Between two looks that find something, in milliseconds: the first trigger goes at once, a stream of them in company. */
const LOOKS_APART_MS = 20;

/**
 * Handles what is in the inbox, what protects somebody first: in order for each process and trigger stream, different ones side by side.
 */
export class ProcessWorker {
  private readonly logger = new Logger(ProcessWorker.name);
  private readonly byName: ReadonlyMap<string, Process>;
  private readonly busy = new Map<string, Trigger[]>();
  private readonly running = new Set<Promise<void>>();
  /** Streams whose triggers are handled at a time. */
  private readonly pace = new Pace();
  private waiting: Trigger[][] = [];
  private fired = -Infinity;
  private found = -Infinity;
  private wakeUp: () => void = () => undefined;

  constructor(
    private readonly inbox: ProcessInbox,
    private readonly reactions: Pick<Reactions, 'react'>,
    processes: readonly Process[],
    private readonly clock: Clock,
    private readonly failed: (trigger: Trigger, error: string) => void,
    /** What is less urgent is left for later. */
    private readonly leastUrgent: () => Urgency = () => URGENCY.mayWait,
  ) {
    this.byName = new Map(processes.map(process => [process.name, process]));
  }

  /** Something was put into the inbox. Where it is more urgent than what waits to begin, that goes back. */
  wake(urgency: Urgency = URGENCY.mayWait): void {
    if (this.waiting.some(([head]) => head && head.urgency > urgency)) this.putBack();
    this.wakeUp();
  }

  /** Runs until the signal aborts; the step that runs then is finished. @throws DatabaseUnavailable before anything was begun */
  async run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    let rested = false;
    signal.addEventListener('abort', () => this.wakeUp(), { once: true });
    await this.inbox.rank([...this.byName.values()]);
    // What is not removed this time does no harm.
    const pruning = this.inbox
      .prune(signal)
      .catch((error: unknown) => this.logger.warn(`what was answered long ago was not removed: ${describeSafely(error)}`));
    while (!signal.aborted) {
      const woken = new Promise<void>(resolve => {
        this.wakeUp = resolve;
      });
      try {
        if (!rested || (await this.hasWork())) await this.work(signal);
        backOff.reset();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await backOff.wait(signal);
        continue;
      }
      rested = !signal.aborted && (await this.rest(woken));
    }
    await Promise.all([...this.running, pruning]);
    this.putBack();
    this.busy.clear();
  }

  /** Whether nobody called meanwhile, though a timer may have run down, or another process put something into the inbox. */
  private async rest(woken: Promise<void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const rested = new Promise<true>(resolve => {
      timer = setTimeout(() => resolve(true), LOOK_MS).unref();
    });
    const whole = await Promise.race([woken.then(() => false), rested]);
    clearTimeout(timer);
    return whole;
  }

  /** One statement, where mostly there is nothing to do. */
  private async hasWork(): Promise<boolean> {
    if (this.running.size > 0 || this.waiting.length > 0) return true;
    await this.clock.refresh();
    return this.inbox.hasWork(this.clock.now());
  }

  private async work(signal: AbortSignal): Promise<void> {
    await this.fire();
    await this.pace.measure();
    if (this.waiting.length === 0 && this.running.size < this.pace.limit + MORE_URGENT) await this.look(signal);
    for (let next = this.waiting[0]; next && this.hasRoomFor(next); next = this.waiting[0])
      this.begin(this.waiting.shift() as Trigger[], signal);
  }

  private async fire(): Promise<void> {
    if (performance.now() - this.fired < TIMERS_APART_MS) return;
    this.fired = performance.now();
    await this.clock.refresh();
    await this.inbox.fire(this.clock.now());
  }

  private hasRoomFor([head]: readonly Trigger[]): boolean {
    return this.running.size < this.pace.limit + (head?.urgency === URGENCY.mayWait ? 0 : MORE_URGENT);
  }

  private putBack(): void {
    for (const [head] of this.waiting) if (head) this.busy.delete(keyOf(head));
    this.waiting = [];
  }

  private async look(signal: AbortSignal): Promise<void> {
    const early = this.found + LOOKS_APART_MS - performance.now();
    if (early > 0) await pause(early, signal);
    const found = await this.inbox.next(PAGE, [...this.byName.keys()], [...this.busy.keys()], this.leastUrgent());
    if (found.length > 0) this.found = performance.now();
    for (const trigger of found) {
      const key = keyOf(trigger);
      const queue = this.busy.get(key);
      if (queue) queue.push(trigger);
      else {
        const queued = [trigger];
        this.busy.set(key, queued);
        this.waiting.push(queued);
      }
    }
  }

  private begin(queue: Trigger[], signal: AbortSignal): void {
    const [head] = queue as [Trigger];
    const work = this.handleAll(queue, signal).finally(() => {
      this.busy.delete(keyOf(head));
      this.running.delete(work);
      this.wakeUp();
    });
    this.running.add(work);
  }

  private async handleAll(queue: readonly Trigger[], signal: AbortSignal): Promise<void> {
    for (const trigger of queue) if (signal.aborted || !(await this.handle(trigger, signal))) return;
  }

  /** Whether the stream's next trigger may follow. */
  private async handle(trigger: Trigger, signal: AbortSignal): Promise<boolean> {
    const backOff = new BackOff();
    for (;;) {
      try {
        const error = await this.attempt(trigger, signal);
        if (error === undefined) await this.inbox.done(trigger);
        else {
          await this.inbox.failed(trigger, error);
          this.failed(trigger, error);
        }
        return error === undefined;
      } catch (error) {
        if (error instanceof Interrupted || signal.aborted) return false;
        // What is not passing here is the inbox's own failure: the next look finds the trigger again.
        await backOff.wait(signal);
        if (!isPassing(error)) return false;
      }
    }
  }

  /** What went wrong for good. */
  private async attempt(trigger: Trigger, signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.reactions.react(this.byName.get(trigger.process) as Process, trigger, signal);
      return undefined;
    } catch (error) {
      if (error instanceof Interrupted || isPassing(error)) throw error;
      return describeSafely(error);
    }
  }
}

const keyOf = ({ process, stream }: Trigger): string => `${process} ${stream}`;
