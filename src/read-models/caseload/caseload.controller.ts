import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessRecords, type Listing } from '../../audit/access-records.js';
import type { Actor } from '../../event-store/event-store.js';
import { csv, CSV } from '../../http/csv.js';
import { preferredType, Produces } from '../../http/message.js';
import { officeReadBy } from '../../http/offices.js';
import { Operation } from '../../http/operation.js';
import { Caller, type OnRecord, type RequestContext, ShowsPerson } from '../../http/request-context.js';
import type { Role } from '../../http/roles.js';
import { CaseFilter, CaseSearch } from './case-filter.js';
import { CaseloadPage, CaseloadRow, ListCases } from './caseload.query.js';
import { CaseloadSummary, SummariseCaseload } from './summary.query.js';

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
      followUpOverdue: false,
    },
  ],
  nextCursor: null,
};

const ROLES: readonly Role[] = ['caseworker', 'supervisor', 'liaison', 'auditor'];
const CODES = ['purpose-missing', 'read-model-behind'];
const COLUMNS = [
  'caseId',
  'revision',
  'status',
  'office',
  'assignedTo',
  'openedAt',
  'country',
  'holds',
  'dueAt',
  'givenNames',
  'familyName',
  'alienNumber',
  'minorAtEncounter',
  'ageDisputed',
  'openAlerts',
  'followUpOverdue',
  'similar',
];
const AS_TEXT = {
  row: CaseloadRow,
  content: {
    [CSV]: {
      schema: {
        type: 'string',
        description:
          `RFC 4180, after a header line; empty where JSON has null, kinds of holds with blanks between. The columns: ` +
          `${COLUMNS.join(', ')}. Where more follow, the header \`Next-Cursor\` tells how to go on.`,
      },
    },
  },
};

@Controller('v1/cases')
export class CaseloadController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get()
  @ShowsPerson()
  @Produces('application/json', CSV)
  @Operation({
    summary: 'The caseload: which cases there are, and which need something done',
    tag: 'cases',
    codes: CODES,
    roles: ROLES,
    answer: CaseloadPage,
    example: EXAMPLE,
    headers: ['Next-Cursor'],
    otherwise: AS_TEXT,
  })
  list(
    @Query() filter: CaseFilter,
    @Caller() caller: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OnRecord<CaseloadPage | string>> {
    return this.answer(filter, caller, request, reply);
  }

  @Post('search')
  @HttpCode(200)
  @ShowsPerson()
  @Produces('application/json', CSV)
  @Operation({
    summary: 'Search the caseload: as the list, with names and birth dates in a body instead of an address',
    tag: 'cases',
    operationId: 'searchCases',
    codes: CODES,
    roles: ROLES,
    answer: CaseloadPage,
    example: EXAMPLE,
    headers: ['Next-Cursor'],
    otherwise: AS_TEXT,
  })
  search(
    @Body() filter: CaseSearch,
    @Caller() caller: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OnRecord<CaseloadPage | string>> {
    return this.answer(filter, caller, request, reply);
  }

  @Get('summary')
  @Operation({
    summary:
      'How many cases the own office has, by status and by whom they are assigned to; liaisons and auditors without an office see all',
    tag: 'cases',
    operationId: 'summariseCases',
    codes: ['read-model-behind'],
    roles: ROLES,
    answer: CaseloadSummary,
    example: {
      open: 12,
      overdue: 1,
      unassigned: 3,
      byStatus: { opened: 3, screening: 9, closed: 40 },
      byAssignee: [{ assignee: 'cw-ana', open: 9, overdue: 1, oldestDays: 40 }],
      mine: { open: 9, overdue: 1, oldestDays: 40 },
    },
  })
  summary(@Caller() { actor, consistencyToken }: RequestContext): Promise<CaseloadSummary> {
    return this.queries.execute(new SummariseCaseload(actor as Actor, consistencyToken));
  }

  private async answer(
    filter: CaseSearch,
    caller: RequestContext,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<OnRecord<CaseloadPage | string>> {
    const actor = caller.actor as Actor;
    const asker = { sub: actor.id, onlyOffice: officeReadBy(actor) };
    const page = await this.queries.execute(new ListCases(filter, asker, caller.consistencyToken));
    // A cursor may hold a name, sealed with a key that no erasure destroys.
    const { q, birthDate, cursor, ...filters } = filter;
    const asked = Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]);
    const personal = [q, birthDate].filter(part => part !== undefined);
    const listing: Listing = {
      list: personal.length > 0 ? 'search' : 'caseload',
      caseIds: page.rows.map(({ caseId }) => caseId),
      filters: { ...Object.fromEntries(asked), ...(cursor !== undefined && { goesOn: 'true' }) },
      ...(personal.length > 0 && { q: personal.join(' ') }),
    };
    if (preferredType(request) !== CSV) return this.accessRecords.casesListed<CaseloadPage | string>(caller, listing, page);
    const rows = page.rows.map(({ applicant, holds, ...row }) => ({ ...row, ...applicant, holds: holds.join(' ') }));
    const recorded = await this.accessRecords.casesListed<CaseloadPage | string>(caller, listing, csv(COLUMNS, rows));
    reply.header('content-type', `${CSV}; charset=utf-8`);
    if (page.nextCursor !== null) reply.header('next-cursor', page.nextCursor);
    return recorded;
  }
}
