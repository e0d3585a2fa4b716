import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { EventStore, type Position } from '../event-store/event-store.js';
import { BackOff, describeSafely, pause } from '../projecting/back-off.js';
import { Leadership } from '../database/leadership.js';
import { ProcessConsumer } from './process-consumer.js';
import { ProcessInbox, type ProcessStatus, type Trigger } from './process-inbox.js';
import { ProcessWorker } from './process-worker.js';
import { Processes, URGENCY, type Process } from './process.js';
import { Reactions, type Lead } from './reactions.js';
import { TriggerEvents } from './trigger-events.js';
import { cannotGetBetter, isPassing, reasonOf, REST_MS } from '../projecting/stopping.js';
import { StreamKinds } from '../projecting/stream-kinds.js';

/** Held by the service process that runs them. */
export const RUNNER_LOCK = 'runner of processes';
const LOOK_MS = 500;
const SETTLING_MS = 20;
/** What failed is tried again so often, in milliseconds: a key may be back, a fault mended. A minute unless provided. */
const RETRY_FAILED_MS = Symbol('RETRY_FAILED_MS');

/** Runs all processes of this build, in whichever service process has the lead. */
@Injectable()
export class ProcessRunner {
  private readonly logger = new Logger(ProcessRunner.name);
  private stopping?: AbortController;
  private loop?: Promise<void>;
  private leading?: AbortController;
  private wakeUp: () => void = () => undefined;
  private halted?: string;

  constructor(
    private readonly store: EventStore,
    private readonly kinds: StreamKinds,
    private readonly processes: Processes,
    private readonly inbox: ProcessInbox,
    private readonly reactions: Reactions,
    private readonly leadership: Leadership,
    private readonly clock: Clock,
    @Optional() @Inject(RETRY_FAILED_MS) private readonly retryFailedMs = 60_000,
  ) {
    leadership.onLoss(() => this.leading?.abort());
  }

  /** Begins, here or in standby. */
  start(): void {
    if (this.stopping || this.processes.all().length === 0) return;
    this.stopping = new AbortController();
    this.loop = this.keepRunning(this.stopping.signal);
  }

  /** Finishes the steps that run and lets another process take over. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    await this.loop;
    this.stopping = undefined;
  }

  /**
   * Resolves when every trigger up to the position was answered; without one, when nothing is left to do.
   * What failed, and what waits behind it, counts as answered.
   * A store that is away is waited for.
   * @throws Error when the processes of this service process were stopped
   */
  async settled(position?: Position): Promise<void> {
    const names = this.processes.all().map(({ name }) => name);
    const never = new AbortController().signal;
    let answered: Position | undefined;
    for (;;) {
      if (this.halted !== undefined) throw new Error(`the processes are stopped: ${this.halted}`);
      try {
        const target = position ?? (await this.store.newest());
        // Nothing was stored while it was looked.
        if (target === answered) return;
        // A timer that was set too late is due at once, and something is left to do until it has run down.
        if (await this.inbox.settled(target, names, () => this.store.head(), position === undefined ? this.clock.now() : undefined)) {
          if (position !== undefined) return;
          // Commands of processes are facts that others answer; what else is stored meanwhile need not be waited for.
          if (answered !== undefined && !(await this.inbox.triggeredAfter(answered, names))) return;
          answered = target;
          continue;
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await pause(SETTLING_MS, never);
    }
  }

  /** Lets a process's failed triggers run again, in order; how many. @throws Error for an unknown name */
  async retryProcess(name: string): Promise<number> {
    if (!this.processes.get(name)) throw new Error(`there is no process named ${name}`);
    const count = await this.inbox.retry(name);
    this.wakeUp();
    return count;
  }

  /**
   * Lets time pass for the processes: each timer runs down at its own instant, in order, and what follows is done
   * before the next. @param moveTo moves the clock, for all, to what it finds when nothing is under way at the time before
   * @param until RFC 3339 UTC
   */
  async pass(until: string, moveTo: (find: () => Promise<string>) => Promise<unknown>): Promise<void> {
    for (;;) {
      const next: { due?: string } = {};
      await moveTo(async () => {
        await this.settled();
        next.due = await this.inbox.nextDue(until);
        return next.due ?? until;
      });
      if (next.due === undefined) return;
      await this.inbox.fire(next.due);
      this.wakeUp();
    }
  }

  /** @throws DatabaseUnavailable */
  status(): Promise<ProcessStatus[]> {
    return this.inbox.status();
  }

  private async keepRunning(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    while (!signal.aborted) {
      try {
        if (await this.leadership.acquire(RUNNER_LOCK)) await this.lead(signal, backOff);
        else {
          // Another leads: what stopped this one is no longer what stops them.
          this.halted = undefined;
          await pause(LOOK_MS, signal);
        }
      } catch (error) {
        if (cannotGetBetter(error)) await this.halt(reasonOf(error), signal);
        else {
          this.logger.warn(`processes: trying again after ${describeSafely(error)}`);
          await backOff.wait(signal);
        }
      }
    }
    await this.leadership.release(RUNNER_LOCK);
  }

  private async lead(signal: AbortSignal, backOff: BackOff): Promise<void> {
    const leading = (this.leading = new AbortController());
    const until = AbortSignal.any([signal, leading.signal]);
    const processes = this.processes.all();
    // Begun anew whenever the store or the database was away: it may have gone back.
    const events = new TriggerEvents();
    const consumer = new ProcessConsumer(this.store, this.inbox, this.kinds, processes, events, urgency => {
      this.halted = undefined;
      if (urgency === undefined) return;
      backOff.reset();
      worker.wake(urgency);
    });
    // While events of a time without processes are looked through, a safeguard may be among those to come.
    const reactions = {
      react: (process: Process, trigger: Trigger, signal: Lead) =>
        this.reactions.react(process, trigger, this.leadUntil(signal), events.of(trigger)),
    };
    const worker = new ProcessWorker(
      this.inbox,
      reactions,
      processes,
      this.clock,
      ({ process, stream, revision }, error) =>
        this.logger.error(`${process} failed to answer ${stream} at revision ${revision}: ${error}`),
      () => (consumer.caughtUp ? URGENCY.mayWait : URGENCY.protects),
    );
    this.wakeUp = () => worker.wake();
    const failures: unknown[] = [];
    const part = (work: Promise<void>): Promise<void> =>
      work
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => leading.abort());
    await Promise.all([part(consumer.run(until)), part(worker.run(until)), part(this.retryFailed(until))]);
    if (failures.length > 0) throw failures[0];
  }

  private async retryFailed(signal: AbortSignal): Promise<void> {
    for (await pause(this.retryFailedMs, signal); !signal.aborted; await pause(this.retryFailedMs, signal)) {
      try {
        for (const { name } of this.processes.all()) if ((await this.inbox.retry(name)) > 0) this.wakeUp();
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
  }

  private leadUntil(signal: Lead): Lead {
    const { leadership } = this;
    return {
      get aborted() {
        return signal.aborted;
      },
      get lost() {
        return !leadership.holds(RUNNER_LOCK);
      },
    };
  }

  /** Lets another have the lead, which may know better, and rests. */
  private async halt(message: string, signal: AbortSignal): Promise<void> {
    this.logger.error(`processes stopped: ${message}`);
    this.halted = message;
    await this.inbox
      .noteStopped(
        this.processes.all().map(({ name }) => name),
        message,
      )
      .catch(() => undefined);
    await this.leadership.release(RUNNER_LOCK);
    await pause(REST_MS, signal);
  }
}
