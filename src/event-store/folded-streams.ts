import { LRUCache } from 'lru-cache';
import { PersonalData } from '../personal-data/personal-data.js';
import { EventStore, weightOf, type Position, type StoredEvent } from './event-store.js';
import { opened, recordedEvents, withoutGap, type Opened } from './recorded-events.js';
import { StoodBefore } from './stood-before.js';
import { fold, retractedBy, type DomainEvent, type Recorded, type StreamKind } from './stream-kind.js';

/** What one command stored: enough to answer its repeat byte for byte. */
export interface StoredCommand {
  readonly hash: string;
  /** With which the hash was made, where what was asked is personal. */
  readonly keyId?: string;
  readonly correlationId: string;
  events: readonly { readonly id: string; readonly type: string; readonly revision: number }[];
  position: Position;
  shown: Readonly<Record<string, unknown>>;
  refused?: ReturnType<NonNullable<StreamKind<unknown>['refusal']>>;
}

/** A stream as it stands: its state, and the commands that made it. */
export interface FoldedStream<State> {
  readonly stream: string;
  readonly state: State;
  /** -1 where the stream has no event yet. */
  readonly revision: number;
  /** Of the event at that revision. */
  readonly lastId?: string;
  readonly commands: ReadonlyMap<string, StoredCommand>;
  /** The data key that the newest sealed event names; none once that is erased. */
  readonly keyId?: string;
  /** Of all its events. */
  readonly weight: number;
}

/**
 * Recently used streams, folded. Only the tail is read each time, from the event that was folded last; what is kept may be old,
 * never wrong: the store checks the expected revision of every append.
 */
export class FoldedStreams {
  /** How streams stood before what this process appended last. */
  readonly before: StoodBefore;
  private readonly kept: LRUCache<string, FoldedStream<unknown>>;
  private purgedAt = 0;

  /**
   * @param weight bounds what is kept: that of the events folded, over all streams
   * @param rememberMs how long a stream is kept that nobody asks for, in milliseconds: what is personal in it may have been erased
   */
  constructor(
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    weight = 150_000,
    private readonly rememberMs = 60_000,
  ) {
    this.kept = new LRUCache({ maxSize: weight, ttl: rememberMs, sizeCalculation: folded => 2 + Math.ceil(folded.weight) });
    this.before = new StoodBefore(weight, rememberMs);
  }

  /** The stream as the store has it now. @throws EventsMissing, and as `recordedEvents` */
  async fresh<S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string): Promise<FoldedStream<S>> {
    const stream = `${kind.category}-${id}`;
    let folded = this.peek(kind, stream) ?? empty(kind, stream);
    // What was folded last is read again: a store that went back to an older copy has nothing there, or something else.
    let { lastId } = folded;
    const from = Math.max(folded.revision, 0);
    for await (const batch of withoutGap(stream, this.store.readStream(stream, { from }), from)) {
      if (lastId !== undefined && batch[0]?.id !== lastId) break;
      lastId = undefined;
      folded = await this.advance(kind, folded, batch);
    }
    if (lastId === undefined) return folded;
    this.kept.delete(stream);
    return this.fresh(kind, id);
  }

  /** Lets go of every stream: the store may not hold any more what was folded. */
  forget(): void {
    this.kept.clear();
    this.before.forget();
  }

  /** What is kept of the stream, without asking the store. */
  peek<S, E extends DomainEvent>(kind: StreamKind<S, E>, stream: string): FoldedStream<S> | undefined {
    const kept = this.kept.get(stream) as FoldedStream<S> | undefined;
    return kept?.stream.startsWith(`${kind.category}-`) ? kept : undefined;
  }

  /** Folds events that follow and keeps the outcome. Events that are in already are passed over. */
  async advance<S, E extends DomainEvent>(
    kind: StreamKind<S, E>,
    folded: FoldedStream<S>,
    events: readonly StoredEvent[],
  ): Promise<FoldedStream<S>> {
    const next = events.filter(event => event.revision > folded.revision);
    return this.appended(kind, folded, next, await this.personalData.openAll(next));
  }

  /** The same for events just appended, whose personal data is at hand. */
  async appended<S, E extends DomainEvent>(
    kind: StreamKind<S, E>,
    folded: FoldedStream<S>,
    events: readonly StoredEvent[],
    personal: readonly (object | null)[],
  ): Promise<FoldedStream<S>> {
    const tail = opened(kind, events, personal);
    // What was folded holds the retracted event still.
    const retracts =
      retractedBy(
        kind,
        tail.map(({ event }) => event),
      ).size > 0;
    return this.keep(retracts ? await this.anew(kind, folded.stream, tail.at(-1)?.event.revision) : add(kind, folded, tail));
  }

  private async anew<S, E extends DomainEvent>(kind: StreamKind<S, E>, stream: string, to?: number): Promise<FoldedStream<S>> {
    const history: Opened<E>[] = [];
    for await (const batch of recordedEvents(kind, stream, { store: this.store, personalData: this.personalData }, { to }))
      history.push(...batch);
    return add(kind, empty(kind, stream), history);
  }

  private keep<S>(folded: FoldedStream<S>): FoldedStream<S> {
    if (folded.revision >= 0) this.kept.set(folded.stream, folded);
    const now = performance.now();
    if (now - this.purgedAt > this.rememberMs) {
      this.purgedAt = now;
      this.kept.purgeStale();
      this.before.purge();
    }
    return folded;
  }
}

export const empty = <S, E extends DomainEvent>(kind: StreamKind<S, E>, stream: string): FoldedStream<S> => ({
  stream,
  state: kind.initial,
  revision: -1,
  commands: new Map(),
  weight: 0,
});

/** Everything that these take back must be among them. */
function add<S, E extends DomainEvent>(kind: StreamKind<S, E>, folded: FoldedStream<S>, events: readonly Opened<E>[]): FoldedStream<S> {
  const last = events.at(-1);
  if (!last) return folded;
  const retracted = retractedBy(
    kind,
    events.map(({ event }) => event),
  );
  let { state, keyId, weight } = folded;
  // The map grows in place: folded streams of one stream share it, and an older one only looks up less.
  const commands = folded.commands as Map<string, StoredCommand>;
  for (const { stored, event } of events) {
    state = fold(kind, state, event, retracted);
    keyId = kind.erases?.(event) ? undefined : newest(keyId, stored.metadata.keyId);
    weight += weightOf(stored);
    remember(kind, commands, stored, event, keyId);
  }
  return { stream: folded.stream, state, revision: last.event.revision, lastId: last.stored.id, commands, keyId, weight };
}

/** The text that is kept already where it says the same: each event brings its own. */
const newest = (kept: string | undefined, named: string | undefined): string | undefined =>
  named === undefined || named === kept ? kept : named;

const NOTHING = {};

/** A long stream keeps one for each event: what they have in common is kept once, and lists have no room to grow. */
function remember<S, E extends DomainEvent>(
  kind: StreamKind<S, E>,
  commands: Map<string, StoredCommand>,
  stored: StoredEvent,
  event: Recorded<E>,
  newestKeyId: string | undefined,
): void {
  const { id, revision, position } = stored;
  const { commandId, commandHash: hash, correlationId, keyId: named } = stored.metadata;
  const keyId = named === newestKeyId ? newestKeyId : named;
  const one = { id, type: nameOf(stored.type), revision };
  const refused = kind.refusal?.(event);
  const shown = kind.shown?.(event) ?? NOTHING;
  const command = commands.get(commandId);
  if (!command) {
    commands.set(commandId, { hash, keyId, correlationId, events: [one], position, shown, refused });
    return;
  }
  if (command.events.some(known => known.revision === revision)) return;
  command.events = [...command.events, one];
  command.position = position;
  command.refused ??= refused;
  if (shown !== NOTHING) command.shown = { ...command.shown, ...shown };
}

const names = new Map<string, string>();

/** The same text for all events of a type: each row brings its own. */
function nameOf(type: string): string {
  const known = names.get(type);
  if (known === undefined) names.set(type, type);
  return known ?? type;
}
