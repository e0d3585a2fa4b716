import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { AgreementController, agreementHandlers } from './agreement.handlers.js';
import { agreementStream } from './agreement.state.js';

@Module({ imports: [CqrsModule], controllers: [AgreementController], providers: [...agreementHandlers] })
export class AgreementModule {
  constructor(kinds: StreamKinds) {
    kinds.register(agreementStream);
  }
}
