import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { reassignmentStream } from './reassignment.state.js';
import { reassignmentUseCases } from './reassignment.use-cases.js';

@Module({ imports: [CqrsModule], controllers: [...reassignmentUseCases.controllers], providers: [...reassignmentUseCases.handlers] })
export class ReassignmentModule {
  constructor(kinds: StreamKinds) {
    kinds.register(reassignmentStream);
  }
}
