import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { TimelineController } from './timeline.controller.js';
import { timelineProjection } from './timeline.projection.js';
import { ReadTimelineHandler } from './timeline.query.js';

@Module({ imports: [CqrsModule], controllers: [TimelineController], providers: [ReadTimelineHandler] })
export class TimelineReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(timelineProjection);
  }
}
