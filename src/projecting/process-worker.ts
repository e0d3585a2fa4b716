import type { Clock } from '../database/clock.js';
import { BackOff, describeSafely, pause } from './back-off.js';
import type { Process } from './process.js';
import type { ProcessInbox, Trigger } from './process-inbox.js';
import { Interrupted, type Reactions } from './reactions.js';
import { isPassing } from './stopping.js';

/** Streams whose triggers are handled at a time. */
const PARALLEL = 16;
/** Triggers looked up at a time. */
const PAGE = 500;
// Also how late a timer may be.
const LOOK_MS = 200;

/** Handles what is in the inbox: in order for each process and trigger stream, different ones side by side. */
export class ProcessWorker {
  private readonly byName: ReadonlyMap<string, Process>;
  private readonly busy = new Map<string, Trigger[]>();
  private readonly running = new Set<Promise<void>>();
  private waiting: Trigger[][] = [];
  private wakeUp: () => void = () => undefined;

  constructor(
    private readonly inbox: ProcessInbox,
    private readonly reactions: Pick<Reactions, 'react'>,
    processes: readonly Process[],
    private readonly clock: Clock,
    private readonly failed: (trigger: Trigger, error: string) => void,
  ) {
    this.byName = new Map(processes.map(process => [process.name, process]));
  }

  /** Something was put into the inbox. */
  wake(): void {
    this.wakeUp();
  }

  /** Runs until the signal aborts; the step that runs then is finished. */
  async run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    while (!signal.aborted) {
      const woken = new Promise<void>(resolve => { this.wakeUp = resolve; });
      try {
        await this.clock.refresh();
        await this.inbox.fire(this.clock.now());
        if (this.waiting.length === 0 && this.running.size < PARALLEL) await this.look();
        while (this.running.size < PARALLEL && this.waiting.length > 0) this.begin(this.waiting.shift() as Trigger[], signal);
        backOff.reset();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await backOff.wait(signal);
        continue;
      }
      const resting = new AbortController();
      await Promise.race([woken, pause(LOOK_MS, AbortSignal.any([signal, resting.signal]))]);
      resting.abort();
    }
    await Promise.all(this.running);
    this.waiting = [];
    this.busy.clear();
  }

  private async look(): Promise<void> {
    const found = await this.inbox.next(PAGE, [...this.byName.keys()], [...this.busy.keys()]);
    for (const trigger of found) {
      const key = `${trigger.process} ${trigger.stream}`;
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
    const [{ process, stream }] = queue as [Trigger];
    const work = this.handleAll(queue, signal).finally(() => {
      this.busy.delete(`${process} ${stream}`);
      this.running.delete(work);
      this.wakeUp();
    });
    this.running.add(work);
  }

  private async handleAll(queue: readonly Trigger[], signal: AbortSignal): Promise<void> {
    for (const trigger of queue) if (signal.aborted || !await this.handle(trigger, signal)) return;
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
