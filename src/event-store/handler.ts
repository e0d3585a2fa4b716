import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Act, Receipt } from './act.js';
import { Ledger, type HistoryReader } from './ledger.js';
import { refuseWhen, type Moment, type Rule, type RuleBook } from './rule.js';
import type { Fact, StreamKind } from './stream-kind.js';

/** How the commands of one kind of stream are decided; written once per kind. */
export interface StreamCommands<S, E extends Fact> {
  readonly kind: StreamKind<S, E>;
  readonly book: RuleBook;
  /** Who may write the stream at all. @throws DomainError */
  readonly guard?: (state: S, act: Act) => void;
  /** Whether the stream, as it stands, takes the command; false: there is nothing to do. @throws DomainError `wrong-status` */
  readonly takes?: (act: Act, state: S, moment: Moment, read: HistoryReader) => Promise<boolean> | boolean;
  /** The events as they are stored, with the rule set that they were decided under. */
  readonly underRules?: (state: S, events: readonly E[], read: HistoryReader) => Promise<readonly E[]>;
}

/** One use case of a stream: its command, its rule, and what the rule asks of other streams. */
export interface UseCase<C extends Act, S, E extends Fact, F extends object = object> {
  readonly command: Type<C>;
  readonly rule: Rule<C, S, E, F>;
  /** Fields of the command are absent where it is only asked what stands in the way. */
  readonly facts?: (read: HistoryReader, state: S, command: Partial<C>, moment: Moment) => Promise<F>;
  readonly creates?: boolean;
}

/** A handler for the CommandBus, made from a use case. */
export function handlerFor<C extends Act, S, E extends Fact, F extends object>(stream: StreamCommands<S, E>, useCase: UseCase<C, S, E, F>): Type<ICommandHandler> {
  @CommandHandler(useCase.command)
  class Handler {
    constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

    execute(command: C): Promise<Receipt> {
      return this.ledger.decide(command, {
        kind: stream.kind,
        creates: useCase.creates ?? false,
        guard: stream.guard,
        rule: ({ state }, moment, read) => decideBy(stream, useCase, command, state, moment, read),
      });
    }
  }
  Object.defineProperty(Handler, 'name', { value: `${useCase.command.name}Handler` });
  return Handler;
}

/** Status, then what the body names, then every rule at once; then the events. @throws DomainError */
export async function decideBy<C extends Act, S, E extends Fact, F extends object>(
  stream: StreamCommands<S, E>, { rule, facts }: UseCase<C, S, E, F>, command: C, state: S, moment: Moment, read: HistoryReader,
): Promise<readonly E[]> {
  if (stream.takes && !await stream.takes(command, state, moment, read)) return [];
  const known = { ...await facts?.(read, state, command, moment), ...moment } as F & Moment;
  const unfit = rule.unfit?.(command, state, known);
  if (unfit) throw unfit;
  refuseWhen(stream.book, [...rule.standing?.(state, known) ?? [], ...rule.asked?.(command, state, known) ?? []]);
  const events = rule.events(command, state, known);
  return events.length > 0 && stream.underRules ? stream.underRules(state, events, read) : events;
}
