import {
  categoryOf,
  START,
  type EventStore,
  type Position,
  type StoredEvent,
  type SubscriptionMessage,
} from '../event-store/event-store.js';
import { assertKnown, UnknownEvent } from '../event-store/stream-kind.js';
import { Conveyor, earliest, fetchAll, runStages } from '../projecting/pipeline.js';
import type { Process, Urgency } from './process.js';
import type { TriggerEvents } from './trigger-events.js';
import { triggerOf, type ProcessCheckpoint, type ProcessInbox } from './process-inbox.js';
import { checkStore } from '../projecting/projector.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';

/** Events looked through in one transaction at most. */
const BATCH = 5_000;

/** Looks through the store and puts what processes have to answer into their inbox. */
export class ProcessConsumer {
  private readonly answering = new Map<string, Process[]>();
  private caughtUpOnce = false;

  constructor(
    private readonly store: EventStore,
    private readonly inbox: ProcessInbox,
    private readonly kinds: StreamKinds,
    private readonly processes: readonly Process[],
    private readonly triggerEvents: TriggerEvents,
    /** After each batch that was looked through without a fault; the most urgent of what it has brought, if anything. */
    private readonly advanced: (urgency?: Urgency) => void,
  ) {
    for (const process of processes)
      for (const type of process.on) this.answering.set(type, [...(this.answering.get(type) ?? []), process]);
  }

  /** Whether everything that was stored before the start was looked through. */
  get caughtUp(): boolean {
    return this.caughtUpOnce;
  }

  /**
   * Runs until the signal aborts; what is being written then is finished.
   * @throws UnknownEvent, StrangeStore, CheckpointMoved, StoreUnavailable, DatabaseUnavailable
   */
  async run(signal: AbortSignal): Promise<void> {
    const checkpoints = await this.begin();
    const fetched = new Conveyor<SubscriptionMessage>(BATCH);
    await runStages(
      signal,
      [fetched],
      [
        stopping => fetchAll(this.store.subscribeToAll({ after: earliest(checkpoints), signal: stopping }), fetched, stopping),
        () => this.receive(checkpoints, fetched),
      ],
    );
  }

  private async begin(): Promise<ProcessCheckpoint[]> {
    const newest = await this.store.newest();
    const begins = new Map(this.processes.map(({ name, startsFrom }): [string, Position] => [name, startsFrom === 'now' ? newest : START]));
    const store = { id: await this.store.storeId(), head: await this.store.head() };
    if (store.head !== START) await this.inbox.bringBack([...begins.keys()], store);
    const checkpoints = await this.inbox.checkpoints(store.id, begins);
    await checkStore(this.store, checkpoints);
    return checkpoints;
  }

  private async receive(checkpoints: readonly ProcessCheckpoint[], from: Conveyor<SubscriptionMessage>): Promise<void> {
    let noted = true;
    for (let messages = await from.take(BATCH); messages; messages = await from.take(BATCH)) {
      const position = messages.findLast(message => message.kind !== 'caught-up')?.position;
      const behind = checkpoints.filter(checkpoint => position !== undefined && checkpoint.position < position);
      if (position === undefined || behind.length === 0) {
        // Nothing stands in the way any more, whatever was noted as doing so.
        if (noted)
          await this.inbox.noteStopped(
            checkpoints.map(({ name }) => name),
            null,
          );
        noted = false;
        this.caughtUpOnce ||= ends(messages);
        this.advanced();
        continue;
      }
      const seen = new Map(behind.map(checkpoint => [checkpoint.name, checkpoint.position]));
      const triggers = messages
        .flatMap(message => (message.kind === 'events' ? message.events : []))
        .flatMap(event => {
          this.check(event);
          const answering = (this.answering.get(event.type) ?? []).filter(
            ({ name, passesOver }) => (seen.get(name) ?? event.position) < event.position && !passesOver?.(event),
          );
          if (answering.length > 0) this.triggerEvents.keep(event);
          return answering.map(process => triggerOf(process, event));
        });
      await this.inbox.receive(behind, triggers, position);
      this.caughtUpOnce ||= ends(messages);
      this.advanced(triggers.map(({ urgency }) => urgency).toSorted()[0]);
    }
  }

  /** An event that this build does not know may be one that its successor answers: it must not be passed over. */
  private check(event: StoredEvent): void {
    const kind = this.kinds.of(categoryOf(event.stream));
    if (!kind) throw new UnknownEvent(event);
    assertKnown(kind, event);
  }
}

const ends = (messages: readonly SubscriptionMessage[]): boolean => messages.some(({ kind }) => kind === 'caught-up');
