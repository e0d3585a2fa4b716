import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import { Uuid } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../../http/request-context.js';
import { ReadFamily, ShownFamily } from './families.query.js';

class FamilyPath {
  @Uuid()
  readonly familyUnitId!: string;
}

const SOME_ID = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const example: ShownFamily = {
  familyUnitId: SOME_ID,
  revision: 2,
  members: [{ caseId: SOME_ID, relationshipCode: 'parent' }],
  separations: [],
};

@Controller('v1/families')
export class FamiliesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly access: AccessRecords,
  ) {}

  @Get(':familyUnitId')
  @ShowsPerson()
  @Operation({
    summary: 'A family unit: its members, and the separations proposed or authorised',
    roles: ['liaison', 'supervisor', 'auditor'],
    tag: 'families',
    answer: ShownFamily,
    example,
    codes: ['not-found', 'purpose-missing', 'read-model-behind'],
  })
  async show(@Param() { familyUnitId }: FamilyPath, @Caller() caller: RequestContext): Promise<OnRecord<ShownFamily>> {
    const family = await this.queries.execute(new ReadFamily(familyUnitId, caller.consistencyToken));
    const caseIds = family.members.map(({ caseId }) => caseId);
    return this.access.casesListed(caller, { list: 'family', caseIds, filters: { familyUnitId } }, family);
  }
}
