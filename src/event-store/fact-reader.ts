import type { Position } from './event-store.js';
import type { DomainEvent, Recorded, StreamKind } from './stream-kind.js';

/** Reads other streams for a decision, and remembers at which revision. */
export interface FactReader {
  read<S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string): Promise<{ readonly state: S; readonly revision: number }>;
}

/** With its place in the store, by which events of different streams are told apart in time. */
export type Placed<E extends DomainEvent> = Recorded<E> & { readonly position: Position };

/** For a decision: also what a stream holds, event by event. What is personal stays sealed. */
export interface HistoryReader extends FactReader {
  history<S, E extends DomainEvent>(kind: StreamKind<S, E>, id: string): Promise<readonly Placed<E>[]>;
}
