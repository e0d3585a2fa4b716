import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { accessStream } from '../../audit/access.stream.js';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { AccessIndex } from './access-index.js';
import { AccessController } from './access.controller.js';
import { accessProjection } from './access.projection.js';
import { WhatActorSawHandler, WhoSawCaseHandler } from './access.query.js';
import { FindUnusualAccessHandler } from './unusual.query.js';

@Module({
  imports: [CqrsModule],
  controllers: [AccessController],
  providers: [AccessIndex, WhoSawCaseHandler, WhatActorSawHandler, FindUnusualAccessHandler],
})
export class AccessReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(accessStream);
    kinds.register(caseStream);
    projections.add(accessProjection);
  }
}
