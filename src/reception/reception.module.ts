import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { ReceptionController, receptionHandlers } from './reception.handlers.js';
import { receptionStream } from './reception.state.js';

@Module({ imports: [CqrsModule], controllers: [ReceptionController], providers: [...receptionHandlers] })
export class ReceptionModule {
  constructor(kinds: StreamKinds) {
    kinds.register(receptionStream);
  }
}
