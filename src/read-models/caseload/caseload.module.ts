import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { CaseloadController } from './caseload.controller.js';
import { caseloadProjection } from './caseload.projection.js';
import { ListCasesHandler } from './caseload.query.js';
import { SummariseCaseloadHandler } from './summary.query.js';
import { UnderAgreementController } from './under-agreement.controller.js';
import { CountCasesUnderAgreementHandler } from './under-agreement.query.js';

@Module({
  imports: [CqrsModule],
  controllers: [CaseloadController, UnderAgreementController],
  providers: [ListCasesHandler, SummariseCaseloadHandler, CountCasesUnderAgreementHandler],
})
export class CaseloadReadModule {
  constructor(projections: Projections, kinds: StreamKinds) {
    kinds.register(caseStream);
    projections.add(caseloadProjection);
  }
}
