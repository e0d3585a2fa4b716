import { categoryOf, START, type EventStore, type Position, type StoredEvent, type SubscriptionMessage } from '../event-store/event-store.js';
import { UnknownEvent } from '../event-store/stream-kind.js';
import { Conveyor, earliest, fetchAll, runStages } from './pipeline.js';
import type { Process } from './process.js';
import { triggerOf, type ProcessCheckpoint, type ProcessInbox } from './process-inbox.js';
import { checkStore } from './projector.js';
import type { StreamKinds } from './stream-kinds.js';

/** Events looked through in one transaction at most. */
const BATCH = 5_000;

/** Looks through the store and puts what processes have to answer into their inbox. */
export class ProcessConsumer {
  private readonly answering = new Map<string, string[]>();

  constructor(
    private readonly store: EventStore,
    private readonly inbox: ProcessInbox,
    private readonly kinds: StreamKinds,
    private readonly processes: readonly Process[],
    /** After each batch that was looked through without a fault; whether there was something to answer. */
    private readonly advanced: (found: boolean) => void,
  ) {
    for (const { name, on } of processes) for (const type of on) this.answering.set(type, [...this.answering.get(type) ?? [], name]);
  }

  /**
   * Runs until the signal aborts; what is being written then is finished.
   * @throws UnknownEvent, StrangeStore, CheckpointMoved, StoreUnavailable, DatabaseUnavailable
   */
  async run(signal: AbortSignal): Promise<void> {
    const checkpoints = await this.begin();
    const fetched = new Conveyor<SubscriptionMessage>(BATCH);
    await runStages(signal, [fetched], [
      stopping => fetchAll(this.store, earliest(checkpoints), fetched, stopping),
      () => this.receive(checkpoints, fetched),
    ]);
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
        if (noted) await this.inbox.noteStopped(checkpoints.map(({ name }) => name), null);
        noted = false;
        this.advanced(false);
        continue;
      }
      const seen = new Map(behind.map(checkpoint => [checkpoint.name, checkpoint.position]));
      const triggers = messages.flatMap(message => (message.kind === 'events' ? message.events : [])).flatMap(event => {
        this.check(event);
        const names = this.answering.get(event.type) ?? [];
        return names.filter(name => (seen.get(name) ?? event.position) < event.position).map(name => triggerOf(name, event));
      });
      await this.inbox.receive(behind, triggers, position);
      this.advanced(triggers.length > 0);
    }
  }

  /** An event that this build does not know may be one that its successor answers: it must not be passed over. */
  private check(event: StoredEvent): void {
    const versions = this.kinds.of(categoryOf(event.stream))?.versions as Readonly<Record<string, number>> | undefined;
    if (versions && event.schemaVersion > (versions[event.type] ?? -1)) throw new UnknownEvent(event);
  }
}
