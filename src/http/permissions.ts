import type { Decider } from '../event-store/decider.js';
import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import type { Ledger } from '../event-store/ledger.js';
import type { DomainEvent } from '../event-store/stream-kind.js';
import { ANY_NUMBER, AnyText, CodeList, Rows, TextList, WholeNumber } from '../fields/fields.js';
import { OTHER_OFFICE } from './offices.js';

export class RefusedCommand {
  @AnyText({ example: 'ConfirmArrival' }) readonly command!: string;
  @CodeList(ANY_NUMBER) readonly codes!: readonly string[];
  @TextList({ ...ANY_NUMBER, description: 'What each of the codes says.' }) readonly messages!: readonly string[];
}

export class Permissions {
  @WholeNumber({ min: -1, description: 'Of the stream that was asked about: -1 before its first event.' }) readonly revision!: number;
  @TextList({ ...ANY_NUMBER, description: 'What may be done now.' }) readonly allowed!: readonly string[];
  @Rows(() => RefusedCommand, { description: 'What may not, and which rules stand in the way: those that need no field of the command.' })
  readonly refused!: readonly RefusedCommand[];
}

interface Asked<S> {
  readonly id: string;
  readonly reader: Actor;
  readonly now: string;
  /** @throws DomainError where this person may not read the stream */
  readonly assertReadable?: (state: S) => void;
}

/** What this person may do with the stream, asked of the store itself. @throws DomainError `not-found`; StoreUnavailable */
export async function permissionsOf<S, E extends DomainEvent>(
  decider: Decider<S, E>,
  ledger: Ledger,
  { id, reader, now, assertReadable }: Asked<S>,
): Promise<Permissions> {
  const { kind, book } = decider.stream;
  const { state, revision } = await ledger.read(kind, id);
  if (revision < 0 && !kind.alwaysExists) throw new DomainError('not-found', `There is no such ${kind.category}.`);
  assertReadable?.(state);
  // Nothing is made here that would need an id.
  const moment = { now, occurredAt: now, actor: reader, streamLength: revision + 1, newId: (name: string) => name };
  const { allowed, refused } = await decider.permissionsOn(id, state, moment, ledger.facts());
  const inWords = refused.map(({ command, codes }) => ({ command, codes, messages: codes.map(code => book[code] ?? OTHER_OFFICE) }));
  return { revision, allowed, refused: inWords };
}
