import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { AgreementQueriesController } from './agreement-queries.controller.js';
import { AllowedOnAgreementHandler, ReadAgreementTimelineHandler } from './agreement.queries.js';
import { agreementStream } from './agreement.state.js';
import { agreementUseCases } from './agreement.use-cases.js';

@Module({
  imports: [CqrsModule],
  controllers: [...agreementUseCases.controllers, AgreementQueriesController],
  providers: [...agreementUseCases.handlers, AllowedOnAgreementHandler, ReadAgreementTimelineHandler],
})
export class AgreementModule {
  constructor(kinds: StreamKinds) {
    kinds.register(agreementStream);
  }
}
