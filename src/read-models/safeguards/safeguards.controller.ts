import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { IntersectionType } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from '../../http/operation.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { safeguardsProjection } from './safeguards.projection.js';
import { SafeguardFigures, ReportSafeguards } from './safeguards.query.js';
import { answerFigures, AsOf, AsReport, asText, codeVersionOf, REPORT_HEADERS } from '../../reporting/report.js';
import { starred } from '../../reporting/publishing.js';
import { PublishedReportAsked } from '../../reporting/report-asked.js';

const FIGURES: SafeguardFigures = {
  refusals: { 'withdrawal-not-voluntary': 1 },
  blockedDepartures: { 'hold-standing': 2 },
  irregularDepartures: 0,
  holds: { 'court-order': 3 },
  longestOpenHours: 50.5,
  protectionAlerts: { raised: 1, open: 0 },
  disclosuresWithoutConsent: 0,
  duplicatesMerged: 1,
};
const CODE_VERSION = codeVersionOf(safeguardsProjection);
const EXAMPLE = { ...FIGURES, asOfPosition: '00000000000000004711', codeVersion: CODE_VERSION };
const COLUMNS = [
  'refusals',
  'blockedDepartures',
  'irregularDepartures',
  'holds',
  'longestOpenHours',
  'protectionAlerts.raised',
  'protectionAlerts.open',
  'disclosuresWithoutConsent',
  'duplicatesMerged',
];

class WholeSafeguardReport extends IntersectionType(SafeguardFigures, AsOf) {}

@Controller('v1/reports/safeguards')
export class SafeguardsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AsReport()
  @Operation({
    summary: 'How the safeguards work: what was refused, blocked and held, and who left all the same',
    tag: 'reports',
    roles: ['reporting', 'auditor'],
    codes: ['read-model-behind'],
    answer: WholeSafeguardReport,
    example: EXAMPLE,
    headers: REPORT_HEADERS,
    otherwise: asText(SafeguardFigures, COLUMNS),
  })
  async show(
    @Query() asked: PublishedReportAsked,
    @Caller() { consistencyToken }: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WholeSafeguardReport | string> {
    const { figures, ...how } = await this.queries.execute(new ReportSafeguards(asked, consistencyToken));
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
