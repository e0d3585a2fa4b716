import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { receptionStream } from '../../reception/reception.state.js';
import { ReceptionController } from './reception.controller.js';
import { receptionProjection } from './reception.projection.js';
import { ReadReceptionHandler } from './reception.query.js';

@Module({ imports: [CqrsModule], controllers: [ReceptionController], providers: [ReadReceptionHandler] })
export class ReceptionReadModule {
  constructor(kinds: StreamKinds, projections: Projections) {
    kinds.register(receptionStream);
    projections.add(receptionProjection);
  }
}
