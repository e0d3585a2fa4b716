import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { ManifestQueriesController } from './manifest-queries.controller.js';
import { AllowedOnManifestHandler, ReadFlightTimelineHandler } from './manifest.queries.js';
import { manifestStream } from './manifest.state.js';
import { manifestUseCases } from './manifest.use-cases.js';

@Module({
  imports: [CqrsModule],
  controllers: [...manifestUseCases.controllers, ManifestQueriesController],
  providers: [...manifestUseCases.handlers, AllowedOnManifestHandler, ReadFlightTimelineHandler],
})
export class ManifestModule {
  constructor(kinds: StreamKinds) {
    kinds.register(manifestStream);
  }
}
