import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { holdOrderStream } from './hold-order.state.js';
import { holdOrderUseCases } from './hold-order.use-cases.js';

@Module({ imports: [CqrsModule], controllers: [...holdOrderUseCases.controllers], providers: [...holdOrderUseCases.handlers] })
export class HoldOrderModule {
  constructor(kinds: StreamKinds) {
    kinds.register(holdOrderStream);
  }
}
