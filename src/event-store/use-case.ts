import type { Type } from '@nestjs/common';
import type { ICommandHandler } from '@nestjs/cqrs';
import { classOf, type Act, type CommandClass } from './act.js';
import type { Role } from './actor.js';
import type { DomainError } from './domain-error.js';
import type { Actor } from './event-store.js';
import type { HistoryReader } from './fact-reader.js';
import { decideBy, inOrder, type Moment, type Rule } from './rule.js';
import type { DomainEvent, StreamKind } from './stream-kind.js';

/** What all use cases of one kind of stream share; written once for each. */
export interface CommandedStream<S, E extends DomainEvent, Status extends string = string, Code extends string = string> {
  readonly kind: StreamKind<S, E>;
  /** The codes that rules may refuse with, in the order in which they are reported, and what each says. */
  readonly book: Readonly<Record<Code, string>>;
  /** Absent where the stream has no status: then every line says `always`. */
  readonly statusOf?: (state: S, now: string) => Status;
  /** Why this person may not write the stream by that command. */
  readonly closedTo?: (actor: Actor, state: S, useCase: Pick<UseCase<S, E>, 'roles' | 'openTo'>) => DomainError | false;
  /** How many events it may hold before people are refused with `file-full`. */
  readonly fullAt?: number;
  /** The events as they are stored, with the rule set that they were decided under. */
  readonly underRules?: (state: S, events: readonly E[], read: HistoryReader) => Promise<readonly E[]>;
  /** Where commands of people are posted; absent where only the system sends any. */
  readonly resource?: {
    /** Without a leading slash: `v1/cases`. */
    readonly path: string;
    /** The path's parameter, and the first key of an answer. */
    readonly id: string;
    /** What ids look like: UUIDs, or these alone. */
    readonly ids: 'uuid' | readonly string[];
  };
}

/** Asks other streams for what the rule must know; fields of the command are absent where it is only asked what stands in the way. */
export type Facts<C extends Act, S, F> = (read: HistoryReader, state: S, command: Partial<C>, moment: Moment) => Promise<F>;

/** A rule that must know of other streams says where from. */
type Asks<C extends Act, S, F> = object extends F
  ? { readonly facts?: Facts<C, S, F> }
  : { readonly facts: Facts<C, S, F> } | { readonly facts?: undefined; readonly handler: Type<ICommandHandler<C>> };

/**
 * One use case of a stream. From it follow its handler, its route and documentation, when it is refused with `wrong-status`,
 * what `allowed-commands` tells, and where a replay finds no ground for its events:
 *
 *     line({
 *       command: RequestTransfer, rule: requestTransfer, facts: agreement, in: ['amenable'], leadsTo: ['TransferRequested'],
 *       roles: ['liaison'], summary: 'Request the transfer from the partner country', codes: ['agreement-not-in-force'],
 *     })
 */
export type Line<C extends Act, S, E extends DomainEvent, Status extends string, Code extends string, F> = Asks<C, S, F> & {
  readonly command: CommandClass<C>;
  readonly rule: Rule<C, S, E, F>;
  /** The statuses in which it is taken. */
  readonly in: readonly Status[] | 'always';
  /** What else must be so, or the status does not allow it either. */
  readonly onlyIf?: (state: S, command: Partial<C>) => boolean;
  /** Taken whatever the status: what has happened has happened. */
  readonly anywayIf?: (command: C) => boolean;
  /** The events that it may store. */
  readonly leadsTo: readonly E['type'][];
  /** What its answer shows beside the list of its events. */
  readonly shows?: Type;
  /** Who may send it; nobody: it is of the system alone, and has no route. */
  readonly roles: readonly Role[];
  readonly summary: string;
  /** The codes that its rule may refuse with. */
  readonly codes?: readonly Exclude<Code, Derived>[];
  /** Makes the stream, and is posted to the collection itself. */
  readonly creates?: boolean;
  /** A protective fact: taken from any office, in any status, and never refused. */
  readonly protective?: boolean;
  /** Who else may send it than those whose record it is; anybody where it is `protective`. */
  readonly openTo?: (actor: Actor, state: S) => boolean;
  /** Whether a file that is full still takes it; as `protective` says, unless told. */
  readonly takenWhenFull?: boolean;
  /** What it reports may have been so in any status, wherever it may be recorded. */
  readonly standsAlone?: boolean;
  /** Whether it first waits until processes have answered all that was stored before: it must not outrun a safeguard. */
  readonly waitsForSafeguards?: (command: C) => boolean;
  /** Instead of the usual one, where deciding takes more than reading streams. */
  readonly handler?: Type<ICommandHandler<C>>;
};

/** Codes that follow from a line. */
const derived = ['wrong-status', 'file-full'] as const;
type Derived = (typeof derived)[number];

/** A line as all lines of a stream look alike. */
export interface UseCase<S, E extends DomainEvent> {
  readonly command: CommandClass;
  readonly in: readonly string[] | 'always';
  readonly leadsTo: readonly E['type'][];
  readonly roles: readonly Role[];
  readonly summary: string;
  /** All that it may be refused with, but for what any command may. */
  readonly codes: readonly string[];
  readonly creates: boolean;
  readonly protective: boolean;
  readonly openTo: (actor: Actor, state: S) => boolean;
  readonly takenWhenFull: boolean;
  readonly standsAlone: boolean;
  readonly shows?: Type;
  readonly handler?: Type<ICommandHandler>;
  readonly waitsForSafeguards?: (act: Act) => boolean;
  /** @param act absent where it is only asked what stands in the way */
  isTaken(status: string | undefined, state: S, act?: Act): boolean;
  /** The rules that stand in its way, as far as no field of the command is needed to tell. */
  inTheWay(id: string, state: S, moment: Moment, read: HistoryReader): Promise<string[]>;
  /** @throws DomainError */
  events(act: Act, state: S, moment: Moment, read: HistoryReader): Promise<readonly E[]>;
}

/** For the lines of one stream: command, rule and facts of each must fit each other, its statuses, events and codes the stream. */
export function linesOf<S, E extends DomainEvent, Status extends string, Code extends string>({
  book,
  fullAt,
}: CommandedStream<S, E, Status, Code>) {
  return <C extends Act, F>(line: Line<C, S, E, Status, Code, F>): UseCase<S, E> => {
    const { command, rule, onlyIf, anywayIf, waitsForSafeguards, creates = false, protective = false } = line;
    const { openTo = () => protective, takenWhenFull = protective, standsAlone = false } = line;
    const own = (act: Act): C => {
      if (act instanceof command) return act;
      throw new TypeError(`${command.type} is not ${classOf(act).type}`);
    };
    const known = async (read: HistoryReader, state: S, asked: C, moment: Moment): Promise<F & Moment> =>
      ({ ...(await line.facts?.(read, state, asked, moment)), ...moment }) as F & Moment;
    const byStatus = line.in !== 'always' || onlyIf !== undefined;
    const byLength = fullAt !== undefined && !takenWhenFull && !creates && line.roles.length > 0;
    return {
      ...line,
      creates,
      protective,
      openTo,
      takenWhenFull,
      standsAlone,
      codes: [...(byStatus ? ['wrong-status'] : []), ...(byLength ? ['file-full'] : []), ...(line.codes ?? [])],
      waitsForSafeguards: waitsForSafeguards && (act => waitsForSafeguards(own(act))),
      isTaken: (status, state, act) => {
        if (act && anywayIf?.(own(act))) return true;
        const inStatus = line.in === 'always' || line.in.some(each => each === status);
        return inStatus && (onlyIf?.(state, act ? own(act) : {}) ?? true);
      },
      inTheWay: async (id, state, moment, read) => {
        const facts = await known(read, state, Object.assign(new command(), { streamId: id }), moment);
        // In the order in which a refused attempt would keep it.
        const foreseen = rule.foreseen?.(state, facts).filter((code): code is string => Boolean(code)) ?? [];
        return [...inOrder(book, rule.standing?.(state, facts) ?? []), ...foreseen];
      },
      events: async (act, state, moment, read) => decideBy(book, rule, own(act), state, await known(read, state, own(act), moment)),
    };
  };
}
