import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import type { Actor } from '../../event-store/event-store.js';
import { officeReadBy } from '../../http/offices.js';
import { Operation } from '../../http/operation.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../../http/request-context.js';
import { DeadlineFilter, DeadlinesPage, ListDeadlines } from './deadlines.query.js';

const EXAMPLE: DeadlinesPage = {
  rows: [
    {
      deadlineId: '5d2f1c0a-8f0e-4f7c-9d0e-6a4f1c2b3d4e',
      caseId: '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e',
      kind: 'transfer-reply',
      milestone: null,
      dueAt: '2020-01-27T15:00:00Z',
      office: 'ELP',
      assignedTo: 'cw-ana',
    },
  ],
  nextCursor: null,
};

@Controller('v1/deadlines')
export class DeadlinesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get()
  @ShowsPerson()
  @Operation({
    summary: 'Open deadlines, the earliest first',
    tag: 'deadlines',
    codes: ['purpose-missing', 'read-model-behind'],
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    answer: DeadlinesPage,
    example: EXAMPLE,
  })
  async list(@Query() filter: DeadlineFilter, @Caller() caller: RequestContext): Promise<OnRecord<DeadlinesPage>> {
    const page = await this.queries.execute(new ListDeadlines(filter, officeReadBy(caller.actor as Actor), caller.consistencyToken));
    const { cursor: _, limit: __, ...filters } = filter;
    const caseIds = [...new Set(page.rows.map(({ caseId }) => caseId))];
    return this.accessRecords.casesListed(caller, { list: 'deadlines', caseIds, filters: { ...filters } }, page);
  }
}
