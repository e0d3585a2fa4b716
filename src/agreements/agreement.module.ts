import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { agreementStream } from './agreement.state.js';
import { agreementUseCases } from './agreement.use-cases.js';

@Module({ imports: [CqrsModule], controllers: [...agreementUseCases.controllers], providers: [...agreementUseCases.handlers] })
export class AgreementModule {
  constructor(kinds: StreamKinds) {
    kinds.register(agreementStream);
  }
}
