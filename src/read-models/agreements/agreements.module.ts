import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { agreementStream } from '../../agreements/agreement.state.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { AgreementsController } from './agreements.controller.js';
import { agreementsProjection } from './agreements.projection.js';
import { ListAgreementsHandler, ReadAgreementHandler } from './agreements.query.js';

@Module({ imports: [CqrsModule], controllers: [AgreementsController], providers: [ListAgreementsHandler, ReadAgreementHandler] })
export class AgreementsReadModule {
  constructor(kinds: StreamKinds, projections: Projections) {
    kinds.register(agreementStream);
    projections.add(agreementsProjection);
  }
}
