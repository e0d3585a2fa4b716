import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { manifestStream } from '../../manifests/manifest.state.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { ManifestsController } from './manifests.controller.js';
import { manifestsProjection } from './manifests.projection.js';
import { ListManifestsHandler, ReadManifestHandler } from './manifests.query.js';

@Module({ imports: [CqrsModule], controllers: [ManifestsController], providers: [ListManifestsHandler, ReadManifestHandler] })
export class ManifestsReadModule {
  constructor(kinds: StreamKinds, projections: Projections) {
    kinds.register(caseStream);
    kinds.register(manifestStream);
    projections.add(manifestsProjection);
  }
}
