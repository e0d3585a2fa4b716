import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Refused } from '../../event-store/refused.js';
import { EventStore, START, type Position, type SubscriptionMessage } from '../../event-store/event-store.js';
import { BackOff, describeSafely, pause } from '../../projecting/back-off.js';
import { Leadership } from '../../database/leadership.js';
import { Conveyor, fetchAll, runStages } from '../../projecting/pipeline.js';
import { checkStore } from '../../projecting/projector.js';
import { cannotGetBetter, isPassing, reasonOf, REST_MS } from '../../projecting/stopping.js';
import { LogKeys } from './log-keys.js';
import { MerkleLog, type LogState } from './merkle-log.js';

/** Held by the one process that numbers the leaves. */
const LOCK = 'sequencer of the log';
const LOOK_MS = 500;
/** Taken in with one transaction at most, as the weight of events. */
const BATCH = 2_000;
const FETCHED_AHEAD = 2 * BATCH;
/** From one transaction to the next, in milliseconds: each writes the last tile anew, however few leaves it adds. */
const RHYTHM_MS = 100;
/** Between two heads that are signed unasked while there is news, in milliseconds. */
const SIGNING_MS = 60_000;

/** Numbers all events in the order of the store, in whichever service process has the lead, and signs the head. */
@Injectable()
export class Sequencer {
  private readonly logger = new Logger(Sequencer.name);
  private stopping?: AbortController;
  private loop?: Promise<void>;
  private leading?: AbortController;
  private halted?: string;

  constructor(
    private readonly store: EventStore,
    private readonly log: MerkleLog,
    private readonly keys: LogKeys,
    private readonly leadership: Leadership,
  ) {
    leadership.onLoss(() => this.leading?.abort());
  }

  /** Begins, here or in standby. */
  start(): void {
    if (this.stopping) return;
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    this.loop = Promise.all([this.keepRunning(signal), this.keepSigning(signal)]).then(() => this.leadership.release(LOCK));
  }

  /** Finishes what is being written and lets another process take over. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    await this.loop;
    this.stopping = undefined;
  }

  /** Why it does not get on here by itself, if it does not. */
  get stopped(): string | undefined {
    return this.halted;
  }

  private async keepRunning(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    while (!signal.aborted) {
      try {
        if (await this.leadership.acquire(LOCK)) await this.lead(signal, backOff);
        else {
          this.halted = undefined;
          await pause(LOOK_MS, signal);
        }
      } catch (error) {
        if (cannotGetBetter(error)) await this.halt(reasonOf(error), signal);
        else {
          this.logger.warn(`the log: trying again after ${describeSafely(error)}`);
          await backOff.wait(signal);
        }
      }
    }
  }

  private async halt(reason: string, signal: AbortSignal): Promise<void> {
    if (this.halted !== reason) this.logger.error(`the log takes in no events: ${reason}`);
    this.halted = reason;
    await this.leadership.release(LOCK);
    await pause(REST_MS, signal);
  }

  private async lead(signal: AbortSignal, backOff: BackOff): Promise<void> {
    const leading = (this.leading = new AbortController());
    const begun = await this.log.begin(await this.store.storeId());
    await checkStore(this.store, [{ ...begun, name: 'the log' }]);
    await this.keys.beginAnew(begun);
    const fetched = new Conveyor<SubscriptionMessage>(FETCHED_AHEAD);
    await runStages(
      AbortSignal.any([signal, leading.signal]),
      [fetched],
      [
        stopping => fetchAll(this.store.subscribeToAll({ after: begun.position, signal: stopping }), fetched, stopping),
        () =>
          this.takeIn(begun, fetched, () => {
            this.halted = undefined;
            backOff.reset();
          }),
      ],
    );
  }

  private async takeIn(begun: LogState, from: Conveyor<SubscriptionMessage>, gotOn: () => void): Promise<void> {
    let state = begun;
    for (let messages = await from.take(BATCH); messages; messages = await from.take(BATCH)) {
      const started = performance.now();
      const events = messages.flatMap(message => (message.kind === 'events' ? message.events : []));
      const position = furthest(messages);
      if (position > state.position) state = await this.log.add(state, events, position);
      await this.keys.beginAnew(state);
      gotOn();
      const early = RHYTHM_MS - (performance.now() - started);
      if (early > 0) await sleep(early);
    }
  }

  /** Nobody need ask for a head: those who keep them find one a minute. */
  private async keepSigning(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(SIGNING_MS, signal);
      if (signal.aborted) return;
      if (!this.leadership.holds(LOCK)) continue;
      await this.log.head().catch((error: unknown) => {
        if (!isPassing(error))
          this.logger.error(`no head of the log is signed: ${error instanceof Refused ? error.message : describeSafely(error)}`);
      });
    }
  }
}

const furthest = (messages: readonly SubscriptionMessage[]): Position =>
  messages.reduce((last, message) => (message.kind === 'caught-up' ? last : message.position), START);
