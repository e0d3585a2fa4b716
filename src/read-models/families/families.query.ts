import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DomainError } from '../../event-store/domain-error.js';
import type { Position } from '../../event-store/event-store.js';
import { ANY_NUMBER, AnyText, Code, Nullable, Rows, Uuid, UuidList, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { FAMILIES } from './families.projection.js';

export class FamilyMember {
  @Uuid() readonly caseId!: string;
  @Code() readonly relationshipCode!: string;
}

export class FamilySeparation {
  @Uuid() readonly proposalId!: string;
  @UuidList({ ...ANY_NUMBER, description: 'Those who part from all others.' }) readonly caseIds!: readonly string[];
  @AnyText() readonly proposedBy!: string;
  @AnyText() @Nullable() readonly authorisedBy!: string | null;
}

export class ShownFamily {
  @Uuid() readonly familyUnitId!: string;
  @WholeNumber() readonly revision!: number;
  @Rows(() => FamilyMember) readonly members!: readonly FamilyMember[];
  @Rows(() => FamilySeparation) readonly separations!: readonly FamilySeparation[];
}

export class ReadFamily extends Query<ShownFamily> {
  constructor(
    readonly familyUnitId: string,
    readonly token?: Position,
  ) {
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
