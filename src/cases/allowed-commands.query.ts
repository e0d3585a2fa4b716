import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import { ANY_NUMBER, AnyText, CodeList, Rows, TextList } from '../fields/fields.js';
import { Ledger } from '../event-store/ledger.js';
import { assertReadable } from '../http/offices.js';
import { caseStream } from './case.stream.js';
import { caseUseCases } from './case.use-cases.js';

export class RefusedCommand {
  @AnyText({ example: 'ConfirmArrival' }) readonly command!: string;
  @CodeList(ANY_NUMBER) readonly codes!: readonly string[];
}

export class Permissions {
  @TextList({ ...ANY_NUMBER, description: 'What may be done now.' }) readonly allowed!: readonly string[];
  @Rows(() => RefusedCommand, { description: 'What may not, and which rules stand in the way: those that need no field of the command.' })
  readonly refused!: readonly RefusedCommand[];
}

/** What this person may do with the case, asked of the store itself: the answer is never behind. */
export class AllowedCommands extends Query<{ readonly permissions: Permissions; readonly revision: number }> {
  constructor(
    readonly caseId: string,
    readonly reader: Actor,
  ) {
    super();
  }
}

@QueryHandler(AllowedCommands)
export class AllowedCommandsHandler implements IQueryHandler<AllowedCommands> {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not-found`, `other-office`; StoreUnavailable */
  async execute({ caseId, reader }: AllowedCommands): Promise<{ permissions: Permissions; revision: number }> {
    const { state, revision } = await this.ledger.read(caseStream, caseId);
    if (revision < 0) throw new DomainError('not-found', 'There is no such case.');
    assertReadable(reader, state.office);
    const now = this.clock.now();
    const moment = { now, occurredAt: now, actor: reader, streamLength: revision + 1, newId: (name: string) => uuidV5(name, caseId) };
    return { permissions: await caseUseCases.decider.permissionsOn(caseId, state, moment, this.ledger.facts()), revision };
  }
}
