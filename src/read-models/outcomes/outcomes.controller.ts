import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Nested, Rows } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { starred } from './outcomes.disclosure.js';
import { outcomesProjection } from './outcomes.projection.js';
import { OutcomeFigures, OutcomesAsked, OutcomesOfGroup, ReportOutcomes } from './outcomes.query.js';
import { answerReport, AsOf, AsReport, asText, codeVersionOf, REPORT_HEADERS } from '../../reporting/report.js';

const FIGURES: OutcomeFigures = {
  requested: 20,
  accepted: 20,
  refused: 0,
  lapsed: 0,
  transferred: 20,
  intended: 1,
  applied: 2,
  granted: 0,
  denied: 1,
  abandoned: 0,
  onward: 1,
  silent: 17,
  appliedRate: 10,
};
const CODE_VERSION = codeVersionOf(outcomesProjection);
const EXAMPLE = {
  rows: [{ group: '2020-01', ...FIGURES }],
  total: FIGURES,
  asOfPosition: '00000000000000004711',
  codeVersion: CODE_VERSION,
};
const COLUMNS = ['group', ...Object.keys(FIGURES)];

class OutcomesReport extends AsOf {
  @Rows(() => OutcomesOfGroup) readonly rows!: readonly OutcomesOfGroup[];
  @Nested(() => OutcomeFigures, { description: 'Of all groups: who is in two of them is one person here.' })
  readonly total!: OutcomeFigures;
}

@Controller('v1/reports/outcomes')
export class OutcomesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AsReport()
  @Operation({
    summary: 'What became of transfer requests, and of the people who arrived, by day of arrival',
    tag: 'reports',
    roles: ['reporting', 'auditor'],
    codes: ['read-model-behind'],
    answer: OutcomesReport,
    example: EXAMPLE,
    headers: REPORT_HEADERS,
    otherwise: asText(OutcomesOfGroup, COLUMNS),
  })
  async show(
    @Query() asked: OutcomesAsked,
    @Caller() { consistencyToken }: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutcomesReport | string> {
    const { rows, total, ...how } = await this.queries.execute(new ReportOutcomes(asked, consistencyToken));
    const inCsv = asked.disclosure === 'public' ? rows.map(starred) : rows;
    return answerReport({ rows, total, ...how, codeVersion: CODE_VERSION }, COLUMNS, request, reply, inCsv);
  }
}
