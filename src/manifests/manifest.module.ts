import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { ManifestController, manifestHandlers } from './manifest.handlers.js';
import { manifestStream } from './manifest.state.js';

@Module({ imports: [CqrsModule], controllers: [ManifestController], providers: [...manifestHandlers] })
export class ManifestModule {
  constructor(kinds: StreamKinds) {
    kinds.register(manifestStream);
  }
}
