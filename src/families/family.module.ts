import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { familyStream, membershipStream } from './family.state.js';
import { familyUseCases, membershipUseCases } from './family.use-cases.js';

@Module({
  imports: [CqrsModule],
  controllers: [...familyUseCases.controllers],
  providers: [...familyUseCases.handlers, ...membershipUseCases.handlers],
})
export class FamilyModule {
  constructor(kinds: StreamKinds) {
    kinds.register(familyStream);
    kinds.register(membershipStream);
  }
}
