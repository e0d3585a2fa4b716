import { LRUCache } from 'lru-cache';
import { categoryOf, weightOf, type EventStore, type Position, type StoredEvent, type StreamedEvent } from '../event-store/event-store.js';
import { recordedEvents, withoutGap, type Opened } from '../event-store/recorded-events.js';
import { assertKnown, fold, recorded, retractedBy, type DomainEvent, type Recorded } from '../event-store/stream-kind.js';
import type { DataKey } from '../personal-data/data-keys.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import { describeSafely } from './back-off.js';
import { ERASURE } from './checkpoints.js';
import type { Change } from './projection.js';
import { cannotGetBetter, isPassing } from './stopping.js';
import type { StreamKinds } from './stream-kinds.js';

interface Folded {
  readonly state: unknown;
  readonly revision: number;
  /** The newest that they name. */
  readonly keyId?: string;
  /** Of the events that led to it. */
  readonly weight: number;
  /** Why an event of it could not be folded: the state stays as it was before. */
  readonly fault?: string | undefined;
}

/** One event further. */
interface Step {
  readonly event: Recorded<DomainEvent>;
  readonly after: unknown;
  readonly fault?: string | undefined;
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
   * Of the events of the wanted categories, in their order. One that cannot be folded, and all that follow it in its stream, say so.
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
      const step = this.step(stored, personal, before) ?? (await this.takenBack(stored, personal));
      states.set(stored.stream, foldedWith(stored, step, before));
      changes.push(changeOf(stored, step, before, keys));
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
    let before = this.unbegun(stream);
    for await (const batch of withoutGap(stream, this.store.readStream(stream, { to }))) {
      const personal = await this.personalData.openAll(batch);
      const keys = await this.personalData.liveKeys([before.keyId, ...batch.map(({ metadata }) => metadata.keyId)]);
      for (const [index, stored] of batch.entries()) {
        const own = personal[index] ?? null;
        const step = this.step(stored, own, before) ?? (await this.takenBack(stored, own));
        changes.push(changeOf(stored, step, before, keys));
        before = foldedWith(stored, step, before);
      }
    }
    return changes;
  }

  /** The event, and the state with it; undefined where it takes back an earlier one: then the stream has to be folded anew. */
  private step(stored: StoredEvent, personal: object | null, { state, fault }: Folded): Step | undefined {
    const kind = this.kinds.required(categoryOf(stored.stream));
    assertKnown(kind, stored);
    // An erasure is never held back: it takes away from whatever state there is.
    if (fault !== undefined && stored.type !== ERASURE) return { event: unread(stored), after: state, fault };
    try {
      const event = recorded(kind, stored, personal);
      return kind.retracts?.(event) === undefined ? { event, after: kind.evolve(state, event) } : undefined;
    } catch (error) {
      return { event: unread(stored), after: state, fault: faultOf(error) };
    }
  }

  private async takenBack(stored: StoredEvent, personal: object | null): Promise<Step> {
    const { state, fault } = await this.read(stored.stream, stored.revision);
    return { event: this.recorded(stored, personal), after: state, fault };
  }

  private unbegun(stream: string): Folded {
    return { state: this.kinds.required(categoryOf(stream)).initial, revision: -1, weight: 0 };
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
    if (revision === 0) return this.unbegun(stream);
    const kept = this.kept.get(stream);
    return kept?.revision === revision - 1 ? kept : this.stoodBefore(event);
  }

  /** Folded as it is read, so that a long stream is never held whole; once more where the first time shows what was taken back. */
  private async read(stream: string, to: number, retracted: ReadonlySet<string> = new Set()): Promise<Folded> {
    const kind = this.kinds.required(categoryOf(stream));
    const taken = new Set<string>();
    let folded = this.unbegun(stream);
    try {
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
    } catch (error) {
      return { ...folded, revision: to, fault: faultOf(error) };
    }
    return taken.size > retracted.size ? this.read(stream, to, taken) : folded;
  }
}

function changeOf(stored: Followed, { event, after, fault }: Step, before: Folded, keys: ReadonlyMap<string, DataKey>): Change {
  const key = keyOf(keys, stored.metadata.keyId ?? before.keyId);
  return { event, position: stored.position, begun: begunOf(stored), before: before.state, after, key, fault };
}

const foldedWith = (stored: StoredEvent, { after, fault }: Step, before: Folded): Folded => ({
  state: after,
  revision: stored.revision,
  keyId: stored.metadata.keyId ?? before.keyId,
  weight: before.weight + weightOf(stored),
  fault: before.fault ?? fault,
});

/** What is at fault is the event, or the code that folds it: of that no more than what and where. @throws whatever else it is */
function faultOf(error: unknown): string {
  if (cannotGetBetter(error) || isPassing(error)) throw error;
  return describeSafely(error);
}

/** As it is stored: nobody can tell what it says. */
const unread = ({ id, stream, revision, type, data, metadata }: StoredEvent): Recorded<DomainEvent> => ({
  id,
  stream,
  revision,
  type,
  data,
  personal: null,
  metadata,
});

const keyOf = (keys: ReadonlyMap<string, DataKey>, keyId: string | undefined): DataKey | null =>
  (keyId === undefined ? undefined : keys.get(keyId)) ?? null;
