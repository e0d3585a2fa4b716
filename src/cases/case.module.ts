import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { AllowedCommandsHandler } from './allowed-commands.query.js';
import { CaseQueriesController } from './case-queries.controller.js';
import { caseStream } from './case.stream.js';
import { caseUseCases } from './case.use-cases.js';
import { FlightChecksController } from './flight-checks.controller.js';
import { ReadFlightChecksHandler } from './flight-checks.query.js';
import { RecentOpenings } from './recent-openings.js';

@Module({
  imports: [CqrsModule],
  controllers: [...caseUseCases.controllers, CaseQueriesController, FlightChecksController],
  providers: [...caseUseCases.handlers, AllowedCommandsHandler, ReadFlightChecksHandler, RecentOpenings],
})
export class CaseModule {
  constructor(kinds: StreamKinds) {
    kinds.register(caseStream);
  }
}
