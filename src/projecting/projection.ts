import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import type { DomainEvent, Recorded, StreamKind } from '../event-store/stream-kind.js';
import type { DataKey } from '../personal-data/data-keys.js';

/** One event, and the state of its stream before and after it, folded by the stream's kind. */
export interface Change<S = unknown, E extends DomainEvent = DomainEvent> {
  readonly event: Recorded<E>;
  readonly position: Position;
  /** Where its stream begins, in a build that goes through the store stream by stream. */
  readonly begun?: Position;
  readonly before: S;
  readonly after: S;
  /** For what rows keep sealed: the newest data key that the stream names up to here; null where it names none, or that is destroyed. */
  readonly key: DataKey | null;
  /** Why the event, or one before it, could not be folded: then the state is as it was before that one. No projection is given it. */
  readonly fault?: string | undefined;
}

/** The changes of one kind of stream, in their order. */
export const changesOf = <S, E extends DomainEvent>({ category }: StreamKind<S, E>, changes: readonly Change[]): readonly Change<S, E>[] =>
  changes.filter((change): change is Change<S, E> => change.event.stream.startsWith(`${category}-`));

/** By stream, its state before the first of the changes and after the last. */
export function spansOf<S, E extends DomainEvent>(changes: readonly Change<S, E>[]): Map<string, { readonly before: S; after: S }> {
  const spans = new Map<string, { readonly before: S; after: S }>();
  for (const { event, before, after } of changes) {
    const known = spans.get(event.stream);
    if (known) known.after = after;
    else spans.set(event.stream, { before, after });
  }
  return spans;
}

/**
 * How a read model's rows follow from events: of one kind of stream, whose state and events it names, or of several.
 *
 *     export const notesProjection: Projection<AsylumCase, CaseEvent> = {
 *       name: 'notes', version: 1, categories: ['case'],
 *       tables: 'CREATE TABLE notes (event_id uuid PRIMARY KEY, case_id uuid NOT NULL)',
 *       async project(changes, tx) {
 *         const added = changes.filter(({ event }) => event.type === 'NoteAdded');
 *         await tx.query('INSERT INTO notes SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING',
 *           [added.map(({ event }) => event.id), added.map(({ event }) => idOf(event.stream))]);
 *       },
 *     };
 */
export interface Projection<S = unknown, E extends DomainEvent = DomainEvent> {
  /** Of the read model, as operators name it: lower case, digits and hyphens. */
  readonly name: string;
  /** A new number when rows or tables change: built beside the old generation, then swapped. */
  readonly version: number;
  /** DDL; runs once per generation, in a schema of that generation's own. */
  readonly tables: string;
  /** SQL that a build leaves to its end, over all rows, where it costs half: indexes that only reads need, sums. */
  readonly completion?: string;
  /** Tables whose rows follow from all streams together, such as sums: some of the streams alone do not give them. */
  readonly ofAllStreams?: readonly string[];
  /** Categories of the streams that it follows. */
  readonly categories: readonly string[];
  /**
   * Brings the rows up to date: changes are in store order, and unqualified table names are this generation's. Of a stream none is left
   * out before another; of different streams a build may bring earlier changes later: only tables `ofAllStreams` may depend on such order.
   * The same changes may come again and must leave the same rows; not so where `unfinished`: what `completion` makes is not there yet.
   */
  project(changes: readonly Change<S, E>[], tx: Queryable, unfinished?: boolean): Promise<void>;
}

/** All read models of this build; features add theirs while the application is put together. */
@Injectable()
export class Projections {
  private readonly byName = new Map<string, Projection>();

  /** @throws Error for a name that is taken or cannot name a schema */
  add(projection: Projection): void {
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(projection.name)) throw new Error(`${projection.name} cannot name a read model`);
    if (this.byName.has(projection.name)) throw new Error(`two read models are named ${projection.name}`);
    this.byName.set(projection.name, projection);
  }

  all(): readonly Projection[] {
    return [...this.byName.values()];
  }

  get(name: string): Projection | undefined {
    return this.byName.get(name);
  }

  /** @throws Error for a name that no read model has */
  required(name: string): Projection {
    const projection = this.byName.get(name);
    if (!projection) throw new Error(`there is no read model named ${name}; there are ${[...this.byName.keys()].join(', ')}`);
    return projection;
  }
}
