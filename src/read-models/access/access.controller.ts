import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { AccessRecords } from '../../audit/access-records.js';
import { PersonId, Uuid } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../../http/request-context.js';
import { AccessPage, AccessPart, WhatActorSaw, WhoSawCase } from './access.query.js';

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
}
