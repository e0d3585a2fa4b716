import { DomainError } from './domain-error.js';
import type { Actor } from './event-store.js';
import type { DomainEvent } from './stream-kind.js';

/** The moment of a decision: when, by whom, and where new ids come from. */
export interface Moment {
  /** RFC 3339 UTC. */
  readonly now: string;
  /** When the reported fact happened; `now` for acts. */
  readonly occurredAt: string;
  readonly actor: Actor;
  /** How many events the stream holds before the decision. */
  readonly streamLength: number;
  /** A UUID that a repeat of the same command gets again. */
  readonly newId: (name: string) => string;
}

/** A broken rule's code, or nothing where the condition before `&&` does not hold. */
export type Broken<Code extends string = string> = Code | false | null | undefined | '';

/**
 * One use case: which rules it must satisfy and what it then stores. Rules are pure.
 * `standing` are the rules that need no field of the command: they tell beforehand what stands in the way.
 */
export interface Rule<Command, State, E extends DomainEvent, Facts = object> {
  readonly standing?: (state: State, facts: Facts & Moment) => readonly Broken[];
  /** Told beforehand too, but not what refuses: what would be kept as a refused attempt, or is `unfit` whatever the fields say. */
  readonly foreseen?: (state: State, facts: Facts & Moment) => readonly Broken[];
  readonly asked?: (command: Command, state: State, facts: Facts & Moment) => readonly Broken[];
  /** Set where the body does not fit what is on record: it names something that does not exist, or lacks what that needs. */
  readonly unfit?: (command: Command, state: State, facts: Facts & Moment) => DomainError | false | undefined;
  /** `[]`: nothing to do. */
  readonly events: (command: Command, state: State, facts: Facts & Moment) => readonly E[];
}

/** The order in which rules are reported, and what each says. */
export type RuleBook = Readonly<Record<string, string>>;

/** The distinct broken rules in the order of the rule book. */
export function inOrder(book: RuleBook, broken: readonly Broken[]): string[] {
  const codes = new Set(broken.filter((code): code is string => Boolean(code)));
  const order = Object.keys(book);
  return [...codes].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

/** @throws DomainError with every broken rule */
export function refuseWhen(book: RuleBook, broken: readonly Broken[], details?: Readonly<Record<string, unknown>>): void {
  const codes = inOrder(book, broken);
  const [first] = codes;
  if (first !== undefined) throw refusal(book, codes, details);
}

/** What the body names, then every rule at once; then the events. @throws DomainError */
export function decideBy<Command, State, E extends DomainEvent, Facts>(
  book: RuleBook,
  { unfit, standing, asked, events }: Rule<Command, State, E, Facts>,
  command: Command,
  state: State,
  known: Facts & Moment,
): readonly E[] {
  const misfit = unfit?.(command, state, known);
  if (misfit) throw misfit;
  refuseWhen(book, [...(standing?.(state, known) ?? []), ...(asked?.(command, state, known) ?? [])]);
  return events(command, state, known);
}

export function refusal(book: RuleBook, codes: readonly string[], details?: Readonly<Record<string, unknown>>): DomainError {
  const violations = codes.map(code => ({ code, message: book[code] ?? code }));
  const first = violations[0] ?? { code: 'refused', message: 'Refused.' };
  return new DomainError(first.code, first.message, violations, details);
}

/** The body names, at each pointer, something that does not exist. */
export function notThere(...pointers: readonly string[]): DomainError {
  const message = 'There is no such record.';
  return new DomainError(
    'not-found',
    message,
    pointers.map(pointer => ({ code: 'not-found', message, pointer })),
  );
}

/** The field at `pointer` does not fit, which only the record could tell. */
export const misfit = (pointer: string, code: string, message: string): DomainError =>
  new DomainError('validation-failed', message, [{ code, message, pointer }]);

/** Fields that do not fit are told all at once; undefined where all do. */
export function together(...misfits: readonly (DomainError | false | undefined)[]): DomainError | undefined {
  const found = misfits.filter((each): each is DomainError => each instanceof DomainError);
  const [first] = found;
  return (
    first &&
    new DomainError(
      first.code,
      first.message,
      found.flatMap(({ violations }) => violations),
    )
  );
}
