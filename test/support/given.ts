import { randomUUID } from 'node:crypto';
import { DomainError } from '../../src/event-store/domain-error.js';
import type { Actor } from '../../src/event-store/event-store.js';
import { decideBy, type Moment, type Rule, type RuleBook } from '../../src/event-store/rule.js';
import type { DomainEvent, StreamKind } from '../../src/event-store/stream-kind.js';

export const person = (id: string, role: string, office: string | null = 'ELP'): Actor => ({ id, roles: [role], office });

/** By whom and when; `id` and `revision` follow from the place in the history. */
export interface Told {
  readonly by?: Actor;
  readonly at?: string;
  readonly occurredAt?: string;
}
const SOMEBODY = person('somebody', 'liaison');

/** A fact with who recorded it, and when. */
export const told = <E extends DomainEvent>(fact: E, circumstances: Told = {}): E & Told => ({ ...fact, ...circumstances });

/** The state that these facts add up to. */
export function folded<S, E extends DomainEvent>(kind: StreamKind<S, E>, history: readonly (E & Told)[]): S {
  return history.reduce((state, { by = SOMEBODY, at = '2020-01-13T15:00:00Z', occurredAt = at, ...fact }, revision) => {
    const id = randomUUID();
    const metadata = { actor: by, commandId: id, commandHash: '', correlationId: id, causationId: id, occurredAt, recordedAt: at };
    return kind.evolve(state, { id, stream: `${kind.category}-spec`, revision, personal: null, ...fact, metadata });
  }, kind.initial);
}

/** What a command leads to: the facts that are stored, or every rule that refuses, the first one first. */
export type Outcome<E extends DomainEvent> = readonly E[] | { readonly refused: readonly string[] };

/** Given what was stored, when this is asked. */
export async function decided<C, S, E extends DomainEvent, F extends object>(
  { book }: { readonly kind: StreamKind<S, E>; readonly book: RuleBook },
  rule: Rule<C, S, E, F>,
  command: object,
  state: S,
  facts: F & Partial<Moment>,
): Promise<Outcome<E>> {
  const now = facts.now ?? '2020-01-20T12:00:00Z';
  const moment: Moment = { now, occurredAt: now, actor: SOMEBODY, streamLength: 1, newId: name => `new ${name}`, ...facts };
  try {
    return decideBy(book, rule, command as C, state, { ...facts, ...moment });
  } catch (error) {
    if (error instanceof DomainError)
      return { refused: error.violations.map(({ code, pointer }) => (pointer === undefined ? code : `${code} ${pointer}`)) };
    throw error;
  }
}

export const refused = (...codes: readonly string[]) => ({ refused: codes });
