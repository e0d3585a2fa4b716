import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import type { Actor } from '../../event-store/event-store.js';
import { Uuid } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../../http/request-context.js';
import { ReadTimeline, TimelinePage, TimelinePart } from './timeline.query.js';

class CasePath {
  @Uuid() readonly caseId!: string;
}

const EXAMPLE: TimelinePage = {
  rows: [
    {
      revision: 0,
      entryId: null,
      at: '2020-01-13T15:00:00Z',
      recordedAt: '2020-01-13T15:00:00Z',
      event: 'CaseOpened',
      summary: 'Case opened by the office ELP',
      actor: 'cw-ana',
    },
  ],
  nextCursor: null,
};

@Controller('v1/cases')
export class TimelineController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get(':caseId/timeline')
  @ShowsPerson()
  @Operation({
    summary: 'The history of a case in words, newest last',
    tag: 'cases',
    answer: TimelinePage,
    example: EXAMPLE,
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    codes: ['purpose-missing', 'not-found', 'other-office', 'read-model-behind'],
  })
  async show(
    @Param() { caseId }: CasePath,
    @Query() part: TimelinePart,
    @Caller() caller: RequestContext,
  ): Promise<OnRecord<TimelinePage>> {
    const actor = caller.actor as Actor;
    const { page, revision } = await this.queries.execute(new ReadTimeline(caseId, part, actor, caller.consistencyToken));
    return this.accessRecords.caseRead(caller, 'timeline', { caseId, revision }, page);
  }
}
