import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import type { Actor } from '../../event-store/event-store.js';
import { officeReadBy } from '../../http/offices.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext, ShowsPerson } from '../../http/request-context.js';
import { CaseFilter, CaseloadPage, ListCases } from './caseload.query.js';

const EXAMPLE: CaseloadPage = {
  rows: [
    {
      caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
      revision: 9,
      status: 'transfer-requested',
      office: 'ELP',
      assignedTo: 'cw-ana',
      openedAt: '2020-01-13T15:00:00Z',
      country: 'GT',
      holds: [],
      dueAt: '2020-01-27T15:00:00Z',
      applicant: { givenNames: 'Synthetic', familyName: 'Person' },
      alienNumber: 'A200000001',
      minorAtEncounter: false,
      ageDisputed: false,
      openAlerts: 0,
    },
  ],
  nextCursor: null,
};

@Controller('v1/cases')
export class CaseloadController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get()
  @ShowsPerson()
  @Operation({
    summary: 'The caseload: which cases there are, and which need something done',
    tag: 'cases',
    codes: ['purpose-missing', 'read-model-behind'],
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    answer: CaseloadPage,
    example: EXAMPLE,
  })
  async list(@Query() filter: CaseFilter, @Caller() caller: RequestContext): Promise<CaseloadPage> {
    const actor = caller.actor as Actor;
    const page = await this.queries.execute(new ListCases(filter, officeReadBy(actor), caller.consistencyToken));
    const { q, ...filters } = filter;
    const asked = Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]);
    await this.accessRecords.casesListed(
      { ...caller, actor },
      page.rows.map(({ caseId }) => caseId),
      Object.fromEntries(asked),
      q,
    );
    return page;
  }
}
