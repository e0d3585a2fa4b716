import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { HoldOrderController, holdOrderHandlers } from './hold-order.handlers.js';
import { holdOrderStream } from './hold-order.state.js';

@Module({ imports: [CqrsModule], controllers: [HoldOrderController], providers: [...holdOrderHandlers] })
export class HoldOrderModule {
  constructor(kinds: StreamKinds) {
    kinds.register(holdOrderStream);
  }
}
