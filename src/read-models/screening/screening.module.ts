import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { ScreeningController } from './screening.controller.js';
import { screeningProjection } from './screening.projection.js';
import { ReportScreeningHandler } from './screening.query.js';

@Module({ imports: [CqrsModule], controllers: [ScreeningController], providers: [ReportScreeningHandler] })
export class ScreeningReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(screeningProjection);
  }
}
