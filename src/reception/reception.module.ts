import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { receptionStream } from './reception.state.js';
import { receptionUseCases } from './reception.use-cases.js';

@Module({ imports: [CqrsModule], controllers: [...receptionUseCases.controllers], providers: [...receptionUseCases.handlers] })
export class ReceptionModule {
  constructor(kinds: StreamKinds) {
    kinds.register(receptionStream);
  }
}
