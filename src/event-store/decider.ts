import { Inject, type Type } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { classOf, type Act, type Receipt } from './act.js';
import { isSystem } from './actor.js';
import { DomainError } from './domain-error.js';
import { Ledger, type Decision } from './ledger.js';
import type { HistoryReader } from './fact-reader.js';
import { refusal, type Moment } from './rule.js';
import type { DomainEvent } from './stream-kind.js';
import type { CommandedStream, UseCase } from './use-case.js';

export interface Permissions {
  /** What may be done now. */
  readonly allowed: string[];
  /** What may not, and which rules stand in the way: those that need no field of the command. */
  readonly refused: { readonly command: string; readonly codes: string[] }[];
}

/** Decides the commands of one kind of stream. */
export class Decider<S, E extends DomainEvent> {
  private readonly byType: ReadonlyMap<string, UseCase<S, E>>;

  /** @throws Error where a command has two lines */
  constructor(
    readonly stream: CommandedStream<S, E>,
    readonly useCases: readonly UseCase<S, E>[],
  ) {
    this.byType = new Map(useCases.map(useCase => [useCase.command.type, useCase]));
    if (this.byType.size < useCases.length) throw new Error(`a command of ${stream.kind.category} has two lines`);
  }

  useCase(type: string): UseCase<S, E> | undefined {
    return this.byType.get(type);
  }

  /** How the ledger decides the command. */
  decision(act: Act): Decision<S, E> {
    const useCase = this.required(act);
    return {
      kind: this.stream.kind,
      creates: useCase.creates,
      guard: state => {
        const closed = this.closed(act.context.actor, state, useCase);
        if (closed) throw closed;
      },
      rule: ({ state }, moment, read) => this.decide(act, state, moment, read),
    };
  }

  /** Status, then what the body names, then every rule at once; then the events. @throws DomainError */
  async decide(act: Act, state: S, moment: Moment, read: HistoryReader): Promise<readonly E[]> {
    const useCase = this.required(act);
    if (!(await this.takes(useCase, act, state, moment, read))) return [];
    const events = await useCase.events(act, state, moment, read);
    return events.length > 0 && this.stream.underRules ? this.stream.underRules(state, events, read) : events;
  }

  /** What this person may do with the stream as it stands, by the very rules that decide. */
  async permissionsOn(id: string, state: S, moment: Moment, read: HistoryReader): Promise<Permissions> {
    const permissions: Permissions = { allowed: [], refused: [] };
    for (const useCase of this.useCases.filter(({ roles, creates }) => !creates && roles.some(role => moment.actor.roles.includes(role)))) {
      const codes = await this.inTheWay(useCase, id, state, moment, read);
      if (codes.length === 0) permissions.allowed.push(useCase.command.type);
      else permissions.refused.push({ command: useCase.command.type, codes });
    }
    return permissions;
  }

  private async inTheWay(useCase: UseCase<S, E>, id: string, state: S, moment: Moment, read: HistoryReader): Promise<string[]> {
    const closed = this.closed(moment.actor, state, useCase);
    if (closed) return [closed.code];
    if (!useCase.isTaken(this.statusOf(state, moment), state)) return ['wrong-status'];
    return this.isFull(useCase, moment) ? ['file-full'] : useCase.inTheWay(id, state, moment, read);
  }

  /**
   * A person is told what the status allows instead; a process, whose trigger has passed, has nothing to do.
   * @throws DomainError `wrong-status`, `file-full`
   */
  private async takes(useCase: UseCase<S, E>, act: Act, state: S, moment: Moment, read: HistoryReader): Promise<boolean> {
    const status = this.statusOf(state, moment);
    const isProcess = isSystem(act.context.actor);
    if (useCase.isTaken(status, state, act)) {
      if (!isProcess && this.isFull(useCase, moment)) throw refusal(this.stream.book, ['file-full']);
      return true;
    }
    if (isProcess) return false;
    const { allowed } = await this.permissionsOn(act.streamId, state, moment, read);
    throw refusal(this.stream.book, ['wrong-status'], { currentStatus: status, allowedCommands: allowed });
  }

  private closed(actor: Moment['actor'], state: S, useCase: UseCase<S, E>): DomainError | false {
    return !isSystem(actor) && (this.stream.closedTo?.(actor, state, useCase) ?? false);
  }

  private isFull({ takenWhenFull }: UseCase<S, E>, { streamLength }: Moment): boolean {
    return streamLength >= (this.stream.fullAt ?? Infinity) && !takenWhenFull;
  }

  private statusOf(state: S, { now }: Moment): string | undefined {
    return this.stream.statusOf?.(state, now);
  }

  private required(act: Act): UseCase<S, E> {
    const useCase = this.useCase(classOf(act).type);
    if (!useCase) throw new Error(`no line of ${this.stream.kind.category} has ${classOf(act).type}`);
    return useCase;
  }
}

/** A handler for the CommandBus. */
export function handlerFor<S, E extends DomainEvent>(decider: Decider<S, E>, { command }: UseCase<S, E>): Type<ICommandHandler<Act>> {
  @CommandHandler(command)
  class Handler implements ICommandHandler<Act> {
    constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

    execute(act: Act): Promise<Receipt> {
      return this.ledger.decide(act, decider.decision(act));
    }
  }
  Object.defineProperty(Handler, 'name', { value: `${command.type}Handler` });
  return Handler;
}
