import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnyText, Rows } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { waitPreferred } from '../../http/prefer.js';
import { Caller, type RequestContext } from '../../http/request-context.js';
import { answerReport, AsOf, AsReport, asText, codeVersionOf, REPORT_HEADERS } from '../../reporting/report.js';
import { caseFactsProjection } from './case-facts.projection.js';
import { CaseFact, CaseFactsAsked, ReadCaseFacts } from './case-facts.query.js';
import { FeedNews } from './feed-news.js';

const FACT: CaseFact = {
  factId: '9f86d081884c7d659a2feaa0c55ad015',
  caseKey: '60303ae22b998861bce3b28f33eec1be',
  type: 'TransferRefused',
  country: 'GT',
  nationality: 'HN',
  minor: false,
  office: 'ELP',
  occurredOn: '2020-01-13',
  recordedOn: '2020-01-14',
  reasonCode: 'capacity',
};
const CODE_VERSION = codeVersionOf(caseFactsProjection);
const EXAMPLE = { rows: [FACT], next: 'WyIwMDAw', asOfPosition: '0000000000000004711', codeVersion: CODE_VERSION };
const COLUMNS = Object.keys(FACT);
/** Shorter than proxies and clients have patience. */
const WAIT_AT_MOST_S = 30;

class CaseFactsPage extends AsOf {
  @Rows(() => CaseFact) readonly rows!: readonly CaseFact[];
  @AnyText({ description: 'Where to go on, also at the end: never null. Good for as long as the store is.' }) readonly next!: string;
}

@Controller('v1/feeds/case-facts')
export class CaseFactsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly news: FeedNews,
  ) {}

  @Get()
  @AsReport()
  @Operation({
    summary: 'Each event of each case as a pseudonymous fact, in the order in which they were recorded, from any cursor on',
    tag: 'reports',
    roles: ['reporting', 'auditor'],
    codes: ['read-model-behind'],
    answer: CaseFactsPage,
    example: EXAMPLE,
    askedWith: ['Prefer'],
    headers: [...REPORT_HEADERS, 'Next', 'Preference-Applied'],
    otherwise: asText(CaseFact, COLUMNS),
  })
  async show(
    @Query() asked: CaseFactsAsked,
    @Caller() { consistencyToken }: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CaseFactsPage | string> {
    const seconds = Math.min(waitPreferred(request.headers) ?? 0, WAIT_AT_MOST_S);
    let found = await this.queries.execute(new ReadCaseFacts(asked, consistencyToken));
    if (seconds > 0 && found.rows.length === 0) {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      if (await this.news.waitedFor(found.end, seconds * 1000, gone.signal)) {
        reply.header('preference-applied', `wait=${seconds}`);
        if (!gone.signal.aborted) found = await this.queries.execute(new ReadCaseFacts(asked));
      }
    }
    const { end: _, ...page } = found;
    reply.header('next', page.next);
    return answerReport({ ...page, codeVersion: CODE_VERSION }, COLUMNS, request, reply);
  }
}
