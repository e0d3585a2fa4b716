import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamKinds } from '../projecting/stream-kinds.js';
import { FamilyController, familyHandlers } from './family.handlers.js';
import { familyStream, membershipStream } from './family.state.js';

@Module({ imports: [CqrsModule], controllers: [FamilyController], providers: [...familyHandlers] })
export class FamilyModule {
  constructor(kinds: StreamKinds) {
    kinds.register(familyStream);
    kinds.register(membershipStream);
  }
}
