import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { FamilyQueriesController } from './family-queries.controller.js';
import { AllowedOnFamilyHandler } from './family.queries.js';
import { familyStream, membershipStream } from './family.state.js';
import { familyUseCases, membershipUseCases } from './family.use-cases.js';

@Module({
  imports: [CqrsModule],
  controllers: [...familyUseCases.controllers, FamilyQueriesController],
  providers: [...familyUseCases.handlers, ...membershipUseCases.handlers, AllowedOnFamilyHandler],
})
export class FamilyModule {
  constructor(kinds: StreamKinds) {
    kinds.register(familyStream);
    kinds.register(membershipStream);
  }
}
