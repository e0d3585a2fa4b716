import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { CaseFactsController } from './case-facts.controller.js';
import { caseFactsProjection } from './case-facts.projection.js';
import { ReadCaseFactsHandler } from './case-facts.query.js';
import { FeedNews } from './feed-news.js';

@Module({ imports: [CqrsModule], controllers: [CaseFactsController], providers: [ReadCaseFactsHandler, FeedNews] })
export class CaseFactsReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(caseFactsProjection);
  }
}
