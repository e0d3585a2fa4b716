import { setTimeout as sleep } from 'node:timers/promises';
import {
  weightOf,
  type EventStore,
  type Position,
  type StoredEvent,
  type StreamedEvent,
  type SubscriptionMessage,
} from '../event-store/event-store.js';
import type { BatchWriter } from './batch-writer.js';
import type { Member } from './checkpoints.js';
import type { Folding } from './folding.js';
import { Conveyor, earliest, fetchAll, runStages } from './pipeline.js';
import { asCheckpoint, furthestOf, placeInStreams, upToOf } from './place-in-streams.js';
import type { Change } from './projection.js';
import { StrangeStore } from './stopping.js';

/** Folded at a time at most, as the weight of events, but for a single larger message of the store. */
const FOLDED = 2_000;
/** In one transaction at most, as the weight of changes: the more there are, the more of them are of one row, which is written once. */
const WRITTEN = 10_000;
/**
 * From the beginning of one transaction to that of the next, in milliseconds: the first event goes at once, a stream of them in company.
 */
const RHYTHM_MS = 25;
/** Fetched ahead of what is folded, and folded ahead of what is written: the weight of events, and of changes. */
const FETCHED_AHEAD = 3 * FOLDED;
const FOLDED_AHEAD = WRITTEN;
/** Of so many events the state may hold, after a change, a KiB that it does not share with the one before. */
const EVENTS_A_KIB = 1_000;

interface Batch {
  readonly changes: readonly Change[];
  readonly position?: Position;
  readonly events: number;
  readonly caughtUp: boolean;
}

/** What a projector tells after each transaction. */
export interface Progress {
  readonly members: readonly Member[];
  /** Events passed since the last time. */
  readonly events: number;
}

/** @throws StrangeStore when a checkpoint belongs to another store, or lies beyond the end of this one */
export async function checkStore(
  store: EventStore,
  checkpoints: readonly { readonly name: string; readonly storeId: string; readonly position: Position }[],
): Promise<void> {
  const storeId = await store.storeId();
  for (const { name, storeId: known } of checkpoints) {
    if (known !== storeId)
      throw new StrangeStore(`${name} follows the event store ${known}, but this is ${storeId}: it was restored or exchanged`);
  }
  const head = await store.head();
  for (const { name, position: checkpoint } of checkpoints) {
    const position = furthestOf(checkpoint);
    if (position > head)
      throw new StrangeStore(`${name} stands at ${position}, beyond the event store's end ${head}: an older copy was restored`);
  }
}

/** Keeps a group of read models in step over one subscription; fetching, folding and writing overlap. */
export class Projector {
  /** Once it has written everything that was there. */
  caughtUp = false;

  constructor(
    private readonly store: EventStore,
    private readonly folding: Folding,
    private readonly writer: BatchWriter,
    readonly members: readonly Member[],
    private readonly tell: (progress: Progress) => void,
  ) {}

  /**
   * Runs until the signal aborts; what is being written then is finished.
   * @throws whatever fetching, folding or writing throws; the checkpoints tell where to go on
   */
  async run(signal: AbortSignal): Promise<void> {
    await checkStore(this.store, this.members);
    const fetched = new Conveyor<SubscriptionMessage>(FETCHED_AHEAD);
    const folded = new Conveyor<Batch>(FOLDED_AHEAD);
    await runStages(
      signal,
      [fetched, folded],
      [stopping => fetchAll(this.read(stopping), fetched, stopping), () => this.fold(fetched, folded), () => this.write(folded)],
    );
  }

  /** A build goes stream by stream first, where the store can: a row is written once then, and a stream folded without a look back. */
  private async *read(signal: AbortSignal): AsyncGenerator<SubscriptionMessage> {
    let after = earliest(this.members);
    const upTo = upToOf(this.members, await this.store.newest());
    if (after < upTo) {
      const batches = this.store.readByStream({ upTo, after: placeInStreams(after)?.after });
      for await (const events of batches ?? []) {
        yield { kind: 'events', events, position: asCheckpoint({ upTo, after: events.at(-1) as StreamedEvent }) };
      }
      if (batches) yield { kind: 'passed', position: (after = upTo) };
    }
    yield* this.store.subscribeToAll({ after, signal });
  }

  private async fold(from: Conveyor<SubscriptionMessage>, to: Conveyor<Batch>): Promise<void> {
    const wanted = new Set(this.members.flatMap(({ categories }) => [...categories]));
    for (let messages = await from.take(FOLDED); messages; messages = await from.take(FOLDED)) {
      const events = messages.flatMap(message => (message.kind === 'events' ? message.events : []));
      const changes = await this.folding.changes(events, wanted);
      const position = messages.findLast(message => message.kind !== 'caught-up')?.position;
      const caughtUp = messages.some(({ kind }) => kind === 'caught-up');
      if (
        !(await to.put(
          { changes, position, events: events.length, caughtUp },
          1 + events.reduce((sum, event) => sum + weightOfChange(event), 0),
        ))
      )
        return;
    }
  }

  private async write(from: Conveyor<Batch>): Promise<void> {
    for (let batches = await from.take(WRITTEN); batches; batches = await from.take(WRITTEN)) {
      const begun = performance.now();
      const changes = inStoreOrder(batches.length === 1 ? (batches[0] as Batch).changes : batches.flatMap(batch => batch.changes));
      const position = batches.findLast(batch => batch.position !== undefined)?.position;
      if (position !== undefined) await this.writer.write(this.members, changes, position);
      this.caughtUp ||= batches.some(batch => batch.caughtUp);
      this.tell({ members: this.members, events: batches.reduce((sum, batch) => sum + batch.events, 0) });
      const early = RHYTHM_MS - (performance.now() - begun);
      if (early > 0) await sleep(early);
    }
  }
}

const inStoreOrder = (changes: readonly Change[]): readonly Change[] =>
  changes.some(({ begun }) => begun !== undefined) ? changes.toSorted((one, other) => (one.position < other.position ? -1 : 1)) : changes;

/** With the state that it led to: the longer the stream, the more of it may be its own. */
const weightOfChange = (event: StoredEvent): number => weightOf(event) + event.revision / EVENTS_A_KIB;
