import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '../../event-store/domain-error.js';
import type { Position } from '../../event-store/event-store.js';
import type { Member, Separation } from '../../families/family.state.js';
import { ReadModels } from '../../projecting/read-models.js';
import { FAMILIES } from './families.projection.js';

export interface ShownFamily {
  readonly familyUnitId: string;
  readonly revision: number;
  readonly members: readonly Member[];
  readonly separations: readonly Separation[];
}

export class ReadFamily extends Query<ShownFamily> {
  constructor(readonly familyUnitId: string, readonly token?: Position) {
    super();
  }
}

const SQL = 'SELECT family_unit_id AS "familyUnitId", revision, members, separations FROM {families}.families WHERE family_unit_id = $1';

@QueryHandler(ReadFamily)
export class ReadFamilyHandler implements IQueryHandler<ReadFamily> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `not-found`; ReadModelBehind, DatabaseUnavailable */
  async execute({ familyUnitId, token }: ReadFamily): Promise<ShownFamily> {
    const [family] = await this.readModels.query<ShownFamily>(FAMILIES, SQL, [familyUnitId], { token });
    await this.readModels.assertNotParked(FAMILIES, `family-${familyUnitId}`);
    if (!family) throw new DomainError('not-found', 'There is no such family.');
    return family;
  }
}
