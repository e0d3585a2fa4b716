import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Rows } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { workloadProjection } from './workload.projection.js';
import { ReportWorkload, WorkloadRow } from './workload.query.js';
import { answerReport, AsOf, AsReport, asText, codeVersionOf, REPORT_HEADERS } from '../../reporting/report.js';
import { ReportAsked } from '../../reporting/report-asked.js';

const ROW: WorkloadRow = { office: 'ELP', caseworker: 'cw-ana', open: 12, oldestDays: 40, overdue: 1 };
const CODE_VERSION = codeVersionOf(workloadProjection);
const EXAMPLE = { rows: [ROW], asOfPosition: '00000000000000004711', codeVersion: CODE_VERSION };
const COLUMNS = Object.keys(ROW);

class WorkloadReport extends AsOf {
  @Rows(() => WorkloadRow) readonly rows!: readonly WorkloadRow[];
}

@Controller('v1/reports/workload')
export class WorkloadController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AsReport()
  @Operation({
    summary: 'How much every caseworker has to do, and what is late',
    tag: 'reports',
    roles: ['reporting', 'auditor'],
    codes: ['read-model-behind'],
    answer: WorkloadReport,
    example: EXAMPLE,
    headers: REPORT_HEADERS,
    otherwise: asText(WorkloadRow, COLUMNS),
  })
  async show(
    @Query() asked: ReportAsked,
    @Caller() { consistencyToken }: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkloadReport | string> {
    const report = await this.queries.execute(new ReportWorkload(asked, consistencyToken));
    return answerReport({ ...report, codeVersion: CODE_VERSION }, COLUMNS, request, reply);
  }
}
