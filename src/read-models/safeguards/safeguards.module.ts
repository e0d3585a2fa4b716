import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { SafeguardsController } from './safeguards.controller.js';
import { safeguardsProjection } from './safeguards.projection.js';
import { ReportSafeguardsHandler } from './safeguards.query.js';

@Module({ imports: [CqrsModule], controllers: [SafeguardsController], providers: [ReportSafeguardsHandler] })
export class SafeguardsReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(safeguardsProjection);
  }
}
