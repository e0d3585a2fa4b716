import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import type { Actor } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { assertReadable } from '../http/offices.js';
import { permissionsOf, type Permissions } from '../http/permissions.js';
import { caseUseCases } from './case.use-cases.js';

/** What this person may do with the case, asked of the store itself: the answer is never behind. */
export class AllowedCommands extends Query<Permissions> {
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
  async execute({ caseId, reader }: AllowedCommands): Promise<Permissions> {
    return permissionsOf(caseUseCases.decider, this.ledger, {
      id: caseId,
      reader,
      now: this.clock.now(),
      assertReadable: ({ office }) => assertReadable(reader, office),
    });
  }
}
