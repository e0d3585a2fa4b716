import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { agreementStream } from '../../agreements/agreement.state.js';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { DeadlinesController } from './deadlines.controller.js';
import { deadlinesProjection } from './deadlines.projection.js';
import { ListDeadlinesHandler } from './deadlines.query.js';

@Module({ imports: [CqrsModule], controllers: [DeadlinesController], providers: [ListDeadlinesHandler] })
export class DeadlinesReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    kinds.register(agreementStream);
    projections.add(deadlinesProjection);
  }
}
