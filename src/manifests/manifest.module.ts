import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { manifestStream } from './manifest.state.js';
import { manifestUseCases } from './manifest.use-cases.js';

@Module({ imports: [CqrsModule], controllers: [...manifestUseCases.controllers], providers: [...manifestUseCases.handlers] })
export class ManifestModule {
  constructor(kinds: StreamKinds) {
    kinds.register(manifestStream);
  }
}
