import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { IntersectionType } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { screeningProjection } from './screening.projection.js';
import { ScreeningFigures, ReportScreening } from './screening.query.js';
import { answerFigures, AsOf, AsReport, asText, codeVersionOf, REPORT_HEADERS } from '../../reporting/report.js';
import { starred } from '../../reporting/publishing.js';
import { PublishedReportAsked } from '../../reporting/report-asked.js';

const FIGURES: ScreeningFigures = {
  screened: 20,
  exceptions: { 'valid-visa': 1 },
  fearExpressed: 7,
  fearEstablished: 2,
  returned: 1,
  medianHours: { screening: 30.5, review: 4 },
};
const CODE_VERSION = codeVersionOf(screeningProjection);
const EXAMPLE = { ...FIGURES, asOfPosition: '00000000000000004711', codeVersion: CODE_VERSION };
const COLUMNS = ['screened', 'exceptions', 'fearExpressed', 'fearEstablished', 'returned', 'medianHours.screening', 'medianHours.review'];

class WholeScreeningReport extends IntersectionType(ScreeningFigures, AsOf) {}

@Controller('v1/reports/screening')
export class ScreeningController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AsReport()
  @Operation({
    summary: 'How screening goes: what was found in it, and how long it and its review took',
    tag: 'reports',
    roles: ['reporting', 'auditor'],
    codes: ['read-model-behind'],
    answer: WholeScreeningReport,
    example: EXAMPLE,
    headers: REPORT_HEADERS,
    otherwise: asText(ScreeningFigures, COLUMNS),
  })
  async show(
    @Query() asked: PublishedReportAsked,
    @Caller() { consistencyToken }: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WholeScreeningReport | string> {
    const { figures, ...how } = await this.queries.execute(new ReportScreening(asked, consistencyToken));
    return answerFigures(
      figures,
      { ...how, codeVersion: CODE_VERSION },
      COLUMNS,
      request,
      reply,
      asked.disclosure === 'public' ? starred(figures) : figures,
    );
  }
}
