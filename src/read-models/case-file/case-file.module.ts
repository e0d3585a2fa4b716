import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { caseStream } from '../../cases/case.stream.js';
import { familyStream } from '../../families/family.state.js';
import { Projections } from '../../projecting/projection.js';
import { StreamKinds } from '../../projecting/stream-kinds.js';
import { CaseFileController } from './case-file.controller.js';
import { caseFileProjection } from './case-file.projection.js';
import { ReadCaseFileHandler } from './case-file.query.js';
import { ReadLookAlikesHandler } from './look-alikes.query.js';
import { ReadNotesHandler } from './notes.query.js';
import { PossibleDuplicatesHandler } from './possible-duplicates.query.js';

@Module({
  imports: [CqrsModule],
  controllers: [CaseFileController],
  providers: [ReadCaseFileHandler, ReadNotesHandler, PossibleDuplicatesHandler, ReadLookAlikesHandler],
})
export class CaseFileReadModule {
  constructor(kinds: StreamKinds, projections: Projections) {
    kinds.register(caseStream);
    kinds.register(familyStream);
    projections.add(caseFileProjection);
  }
}
