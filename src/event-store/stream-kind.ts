import type { Violation } from './domain-error.js';
import type { EventMetadata, StoredEvent } from './event-store.js';
import type { AnyShape, Content, Described, Former } from './shape.js';

/** An event as a rule decides it: its stored name, what may be read by anyone, and what is sealed. */
export interface DomainEvent<Type extends string = string, Data extends object = object, Personal extends object = object> {
  readonly type: Type;
  readonly data: Data;
  readonly personal?: Personal;
  /** Only where one command stores a report of the past beside acts of today. */
  readonly occurredAt?: string;
  /** The rule set of an agreement that it was decided under. */
  readonly ruleSet?: { readonly country: string; readonly version: number };
}

/** The same event as it is read back; `personal` is null where there is none or its key was destroyed. */
export type Recorded<E extends DomainEvent> =
  E extends DomainEvent<infer Type, infer Data, infer Personal>
    ? {
        readonly id: string;
        readonly stream: string;
        readonly revision: number;
        readonly type: Type;
        readonly data: Data;
        readonly personal: Personal | null;
        readonly metadata: EventMetadata;
      }
    : never;

/** What a family of streams is: which events it may hold, and what they add up to. */
export interface StreamKind<State, E extends DomainEvent = DomainEvent> {
  /** The part of the stream's name before the first `-`. */
  readonly category: string;
  /** Every event type that the stream may hold, and what its data is in each schema version. */
  readonly events: Described<E>;
  readonly initial: State;
  /** Remembers; never refuses, never throws. */
  readonly evolve: (state: State, event: Recorded<E>) => State;
  /** The id of an earlier event that an event takes back: from then on the state is folded without that one. */
  readonly retracts?: (event: Recorded<E>) => string | undefined;
  /** What is left of an event that was taken back; nothing, unless the kind says so. */
  readonly evolveRetracted?: (state: State, event: Recorded<E>) => State;
  /** Whether what is personal in all events before is erased with it: what is sealed afterwards takes another key. */
  readonly erases?: (event: Recorded<E>) => boolean;
  /** Of an event that keeps a refused attempt: the rules that refused. */
  readonly refusal?: (event: Recorded<E>) => readonly Violation[] | undefined;
  /** What the answer to a command shows beside the list of its events. */
  readonly shown?: (event: Recorded<E>) => Readonly<Record<string, unknown>> | undefined;
  /** Nothing is folded of its events: who follows them takes each as it comes, and sealed. */
  readonly standsAlone?: boolean;
  /** Streams whose own existence is not created by a command (an agreement is there, unsigned, from the start). */
  readonly alwaysExists?: boolean;
}

interface Holds {
  readonly events: object;
}
type Shapes = Readonly<Record<string, AnyShape>>;

const versionsOf = ({ events }: Holds, type: string): readonly [...Former[], Shapes] | undefined =>
  Object.hasOwn(events, type) ? (events as Readonly<Record<string, readonly [...Former[], Shapes]>>)[type] : undefined;

/** What the data of an event of that type is, by schema version from 1; undefined where the kind knows none of the type. */
export const shapesOf = (kind: Holds, type: string): readonly Shapes[] | undefined =>
  versionsOf(kind, type)?.map((version, index, { length }) => (index < length - 1 ? (version as Former).data : (version as Shapes)));

/** The newest schema version of the event type; undefined where the kind knows none. */
export const newestVersion = (kind: Holds, type: string): number | undefined => versionsOf(kind, type)?.length;

/** @throws UnknownEvent */
export function assertKnown(kind: Holds, event: StoredEvent): void {
  if (event.schemaVersion > (newestVersion(kind, event.type) ?? -1)) throw new UnknownEvent(event);
}

/** A stored event whose type or version this build does not know: whoever reads it must stop, not guess. */
export class UnknownEvent extends Error {
  constructor(event: Pick<StoredEvent, 'stream' | 'revision' | 'type' | 'schemaVersion'>) {
    super(
      `${event.stream} holds ${event.type} version ${event.schemaVersion} at revision ${event.revision}, which this version of the ` +
        `service does not know`,
    );
    this.name = 'UnknownEvent';
  }
}

/** The ids of the events that others among these take back. */
export const retractedBy = <S, E extends DomainEvent>(kind: StreamKind<S, E>, events: readonly Recorded<E>[]): ReadonlySet<string> =>
  new Set(events.flatMap(event => kind.retracts?.(event) ?? []));

/** The state after one more event; of those that were taken back only what is left of them counts. */
export function fold<S, E extends DomainEvent>(kind: StreamKind<S, E>, state: S, event: Recorded<E>, retracted: ReadonlySet<string>): S {
  if (!retracted.has(event.id)) return kind.evolve(state, event);
  return kind.evolveRetracted?.(state, event) ?? state;
}

/** What a whole history adds up to. */
export function foldHistory<S, E extends DomainEvent>(kind: StreamKind<S, E>, history: readonly Recorded<E>[]): S {
  const retracted = retractedBy(kind, history);
  return history.reduce((state, event) => fold(kind, state, event, retracted), kind.initial);
}

/** As the newest schema version holds it, whatever version it was stored in. */
function upcast(kind: Holds, { type, schemaVersion, data }: StoredEvent, personal: object | null): Content {
  const versions = versionsOf(kind, type) ?? [];
  let content: Content = { data, personal };
  for (let version = schemaVersion; version < versions.length; version++) content = (versions[version - 1] as Former).upcast(content);
  return content;
}

/**
 * The stored event with its opened personal data, checked against what the kind may hold, in the newest version of its type.
 * @throws UnknownEvent
 */
export function recorded<S, E extends DomainEvent>(kind: StreamKind<S, E>, event: StoredEvent, personal: object | null): Recorded<E> {
  assertKnown(kind, event);
  return {
    id: event.id,
    stream: event.stream,
    revision: event.revision,
    type: event.type,
    ...upcast(kind, event, personal),
    metadata: event.metadata,
  } as unknown as Recorded<E>;
}
