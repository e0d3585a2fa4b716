import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { OutcomesController } from './outcomes.controller.js';
import { outcomesProjection } from './outcomes.projection.js';
import { ReportOutcomesHandler } from './outcomes.query.js';

@Module({ imports: [CqrsModule], controllers: [OutcomesController], providers: [ReportOutcomesHandler] })
export class OutcomesReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(outcomesProjection);
  }
}
