import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { familyStream } from '../../families/family.state.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { FamiliesController } from './families.controller.js';
import { familiesProjection } from './families.projection.js';
import { ReadFamilyHandler } from './families.query.js';

@Module({ imports: [CqrsModule], controllers: [FamiliesController], providers: [ReadFamilyHandler] })
export class FamiliesReadModule {
  constructor(kinds: StreamKinds, projections: Projections) {
    kinds.register(familyStream);
    projections.add(familiesProjection);
  }
}
