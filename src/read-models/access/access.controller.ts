import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import { PersonId, Uuid } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../../http/request-context.js';
import { AccessPage, AccessPart, WhatActorSaw, WhoSawCase } from './access.query.js';
import { FindUnusualAccess, UnusualAccess, UnusualPeriod } from './unusual.query.js';

class WhichCase {
  @Uuid() readonly id!: string;
}

class WhichActor {
  @PersonId() readonly sub!: string;
}

const SOME_CASE = '0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e';
const ANA = { id: 'cw-ana', roles: ['caseworker'], office: 'ELP' };
const EXAMPLE: AccessPage = {
  rows: [
    {
      actor: ANA,
      caseId: SOME_CASE,
      what: 'case-file',
      revision: 7,
      at: '2020-01-13T15:02:00Z',
      purpose: 'Preparing the screening',
      filters: null,
      record: '5d2f1c0a-8f0e-4f7c-9d0e-6a4f1c2b3d4e',
    },
    {
      actor: ANA,
      caseId: SOME_CASE,
      what: 'caseload',
      revision: null,
      at: '2020-01-13T15:00:00Z',
      purpose: null,
      filters: { status: 'screening' },
      record: '7c1e9a4b-8f0e-4f7c-9d0e-6a4f1c2b3d4e',
    },
  ],
  nextCursor: null,
};
const UNUSUAL: UnusualAccess = {
  rows: [{ sub: 'cw-ana', role: 'caseworker', measure: 'files', count: 160, median: 20, spread: 8.9, score: 15.7, times: 8, others: 11 }],
  roles: [{ role: 'caseworker', callers: 12, compared: true }],
};
const CODES = ['purpose-missing', 'read-model-behind'];

/** Who looked. These questions are on record themselves. */
@Controller('v1/audit')
export class AccessController {
  constructor(
    private readonly queries: QueryBus,
    private readonly access: AccessRecords,
  ) {}

  @Get('cases/:id/access')
  @ShowsPerson()
  @Operation({
    summary: 'Who read a case, or was shown it in a list or search: what of it, when, at which revision and for what purpose; newest first',
    roles: ['auditor'],
    codes: ['not-found', ...CODES],
    tag: 'audit',
    operationId: 'auditCaseAccess',
    answer: AccessPage,
    example: EXAMPLE,
  })
  async ofCase(@Param() { id }: WhichCase, @Query() part: AccessPart, @Caller() caller: RequestContext): Promise<OnRecord<AccessPage>> {
    const { page, revision } = await this.queries.execute(new WhoSawCase(id, part, caller.consistencyToken));
    return this.access.caseRead(caller, 'access', { caseId: id, revision }, page);
  }

  @Get('actors/:sub/access')
  @ShowsPerson()
  @Operation({
    summary: 'What somebody read, listed and searched, newest first: of a list or search a row for each case that it showed',
    roles: ['auditor'],
    codes: CODES,
    tag: 'audit',
    operationId: 'auditActorAccess',
    answer: AccessPage,
    example: EXAMPLE,
  })
  async ofActor(@Param() { sub }: WhichActor, @Query() part: AccessPart, @Caller() caller: RequestContext): Promise<OnRecord<AccessPage>> {
    const page = await this.queries.execute(new WhatActorSaw(sub, part, caller.consistencyToken));
    const caseIds = [...new Set(page.rows.flatMap(({ caseId }) => caseId ?? []))];
    return this.access.casesListed(caller, { list: 'actor-access', caseIds, filters: { actor: sub } }, page);
  }

  @Get('access/unusual')
  @ShowsPerson()
  @Operation({
    summary:
      'Who opened far more files, files of other offices or files without a stated purpose than the others of the role did: figures to ' +
      'ask about (NIST SP 800-53, AU-6), no verdict',
    roles: ['auditor'],
    codes: CODES,
    tag: 'audit',
    operationId: 'auditUnusualAccess',
    answer: UnusualAccess,
    example: UNUSUAL,
  })
  async unusual(@Query() period: UnusualPeriod, @Caller() caller: RequestContext): Promise<OnRecord<UnusualAccess>> {
    const found = await this.queries.execute(new FindUnusualAccess(period, caller.consistencyToken));
    const { from, to } = period;
    return this.access.casesListed(caller, { list: 'unusual-access', caseIds: [], filters: { from, to } }, found);
  }
}
