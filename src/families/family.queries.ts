import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../database/clock.js';
import type { Actor } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { permissionsOf, type Permissions } from '../http/permissions.js';
import { familyUseCases } from './family.use-cases.js';

/** What this person may do with the family. */
export class AllowedOnFamily extends Query<Permissions> {
  constructor(
    readonly familyUnitId: string,
    readonly reader: Actor,
  ) {
    super();
  }
}

@QueryHandler(AllowedOnFamily)
export class AllowedOnFamilyHandler implements IQueryHandler<AllowedOnFamily> {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not-found`; StoreUnavailable */
  execute({ familyUnitId: id, reader }: AllowedOnFamily): Promise<Permissions> {
    return permissionsOf(familyUseCases.decider, this.ledger, { id, reader, now: this.clock.now() });
  }
}
