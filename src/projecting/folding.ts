import { LRUCache } from 'lru-cache';
import { categoryOf, weightOf, type EventStore, type Position, type StoredEvent, type StreamedEvent } from '../event-store/event-store.js';
import { recordedEvents, type Opened } from '../event-store/recorded-events.js';
import { fold, recorded, retractedBy, type DomainEvent, type Recorded } from '../event-store/stream-kind.js';
import type { DataKey } from '../personal-data/data-keys.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import type { Change } from './projection.js';
import type { StreamKinds } from './stream-kinds.js';

interface Folded {
  readonly state: unknown;
  readonly revision: number;
  /** The newest that they name. */
  readonly keyId?: string;
  /** Of the events that led to it. */
  readonly weight: number;
}

/** By position, or stream by stream. */
type Followed = StoredEvent | StreamedEvent;
const begunOf = (stored: Followed): Position | undefined => ('begun' in stored ? stored.begun : undefined);

/** How many streams are read from the store at a time. */
const CONCURRENT_READS = 16;

/** Turns events in store order into changes. Each stream is folded once for all that follow it. */
export class Folding {
  private readonly kept: LRUCache<string, Folded>;
  /** Counts `forget`, so that what was read before is not kept after it. */
  private forgotten = 0;

  /**
   * @param streams how many folded streams are kept
   * @param weight of the events that they were folded from, at most
   * @param stoodBefore the stream up to an event, where it need not be read
   */
  constructor(
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    private readonly kinds: StreamKinds,
    streams = 20_000,
    weight = 500_000,
    private readonly stoodBefore: (event: StoredEvent) => Folded | undefined = () => undefined,
  ) {
    this.kept = new LRUCache({ max: streams, maxSize: weight, sizeCalculation: folded => Math.ceil(folded.weight) });
  }

  /**
   * Of the events of the wanted categories, in their order.
   * @throws UnknownEvent; KeyMissing and SealBroken of personal data; StoreUnavailable, DatabaseUnavailable
   */
  async changes(events: readonly Followed[], wanted: ReadonlySet<string>): Promise<Change[]> {
    const relevant = events.filter(event => wanted.has(categoryOf(event.stream)));
    if (relevant.length === 0) return [];
    const { forgotten } = this;
    const folded = relevant.filter(event => !this.standsAlone(event));
    const [opened, states] = await Promise.all([this.personalData.openAll(folded), this.statesBefore(folded)]);
    const keys = await this.personalData.liveKeys(folded.map(({ stream, metadata }) => metadata.keyId ?? states.get(stream)?.keyId));
    const changes: Change[] = [];
    let next = 0;
    for (const stored of relevant) {
      if (this.standsAlone(stored)) {
        changes.push(this.alone(stored));
        continue;
      }
      const personal = opened[next++] ?? null;
      const before = states.get(stored.stream) as Folded;
      if (stored.revision <= before.revision) continue;
      if (stored.revision !== before.revision + 1) throw new Error(`${stored.stream} came without its revision ${before.revision + 1}`);
      const event = this.recorded(stored, personal);
      const { position, revision } = stored;
      const keyId = stored.metadata.keyId ?? before.keyId;
      const after = this.after(before.state, event) ?? (await this.read(stored.stream, revision)).state;
      states.set(stored.stream, { state: after, revision, keyId, weight: before.weight + weightOf(stored) });
      changes.push({ event, position, begun: begunOf(stored), before: before.state, after, key: keyOf(keys, keyId) });
    }
    // Stream by stream, no other than the last goes on in what comes next.
    const goOn = [...states].slice(begunOf(relevant.at(-1) as Followed) === undefined ? 0 : -1);
    if (forgotten === this.forgotten) for (const [stream, folded] of goOn) this.kept.set(stream, folded);
    return changes;
  }

  /** Lets go of every stream: the store may not hold any more what was folded. */
  forget(): void {
    this.forgotten++;
    this.kept.clear();
  }

  /** Takes over what another has kept, as much as there is room for. */
  adopt(other: Folding): void {
    if (other === this) return;
    for (const stream of other.kept.rkeys()) this.kept.set(stream, other.kept.peek(stream));
  }

  /** All changes of one stream up to a revision, read from the store. Throws as `changes` does. */
  async ofStream(stream: string, to: number): Promise<Change[]> {
    const changes: Change[] = [];
    let state = this.kinds.required(categoryOf(stream)).initial;
    let keyId: string | undefined;
    for await (const batch of this.events(stream, to)) {
      const keys = await this.personalData.liveKeys([keyId, ...batch.map(({ event }) => event.metadata.keyId)]);
      for (const { stored, event } of batch) {
        keyId = event.metadata.keyId ?? keyId;
        const after = this.after(state, event) ?? (await this.read(stream, event.revision)).state;
        changes.push({ event, position: stored.position, before: state, after, key: keyOf(keys, keyId) });
        state = after;
      }
    }
    return changes;
  }

  private events(stream: string, to: number): AsyncGenerator<readonly Opened<DomainEvent>[]> {
    const { store, personalData } = this;
    return recordedEvents(this.kinds.required(categoryOf(stream)), stream, { store, personalData }, { to });
  }

  private standsAlone({ stream }: StoredEvent): boolean {
    return this.kinds.required(categoryOf(stream)).standsAlone === true;
  }

  private alone(stored: Followed): Change {
    const { initial } = this.kinds.required(categoryOf(stored.stream));
    const { position } = stored;
    return { event: this.recorded(stored, null), position, begun: begunOf(stored), before: initial, after: initial, key: null };
  }

  private recorded(stored: StoredEvent, personal: object | null): Recorded<DomainEvent> {
    return recorded(this.kinds.required(categoryOf(stored.stream)), stored, personal);
  }

  /** The state with the event; undefined where that takes back an earlier one: then the stream has to be folded anew. */
  private after(before: unknown, event: Recorded<DomainEvent>): unknown {
    const kind = this.kinds.required(categoryOf(event.stream));
    return kind.retracts?.(event) === undefined ? kind.evolve(before, event) : undefined;
  }

  /** Each stream's state before its first event here: empty, kept, known to who stored the event, or read from the store. */
  private async statesBefore(events: readonly StoredEvent[]): Promise<Map<string, Folded>> {
    const states = new Map<string, Folded>();
    const missing: { stream: string; to: number }[] = [];
    for (const event of events) {
      const { stream, revision } = event;
      if (states.has(stream)) continue;
      const known = this.knownBefore(event);
      states.set(stream, known ?? { state: undefined, revision: -1, weight: 0 });
      if (!known) missing.push({ stream, to: revision - 1 });
    }
    const readers = Array.from({ length: Math.min(CONCURRENT_READS, missing.length) }, async () => {
      for (let next = missing.pop(); next; next = missing.pop()) states.set(next.stream, await this.read(next.stream, next.to));
    });
    await Promise.all(readers);
    return states;
  }

  private knownBefore(event: StoredEvent): Folded | undefined {
    const { stream, revision } = event;
    if (revision === 0) return { state: this.kinds.required(categoryOf(stream)).initial, revision: -1, weight: 0 };
    const kept = this.kept.get(stream);
    return kept?.revision === revision - 1 ? kept : this.stoodBefore(event);
  }

  /** Folded as it is read, so that a long stream is never held whole; once more where the first time shows what was taken back. */
  private async read(stream: string, to: number, retracted: ReadonlySet<string> = new Set()): Promise<Folded> {
    const kind = this.kinds.required(categoryOf(stream));
    const taken = new Set<string>();
    let folded: Folded = { state: kind.initial, revision: -1, weight: 0 };
    for await (const batch of this.events(stream, to)) {
      for (const { stored, event } of batch) {
        for (const id of retractedBy(kind, [event])) taken.add(id);
        folded = {
          state: fold(kind, folded.state, event, retracted),
          revision: stored.revision,
          keyId: stored.metadata.keyId ?? folded.keyId,
          weight: folded.weight + weightOf(stored),
        };
      }
    }
    return taken.size > retracted.size ? this.read(stream, to, taken) : folded;
  }
}

const keyOf = (keys: ReadonlyMap<string, DataKey>, keyId: string | undefined): DataKey | null =>
  (keyId === undefined ? undefined : keys.get(keyId)) ?? null;
