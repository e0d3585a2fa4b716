import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { WorkloadController } from './workload.controller.js';
import { workloadProjection } from './workload.projection.js';
import { ReportWorkloadHandler } from './workload.query.js';

@Module({ imports: [CqrsModule], controllers: [WorkloadController], providers: [ReportWorkloadHandler] })
export class WorkloadReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(workloadProjection);
  }
}
