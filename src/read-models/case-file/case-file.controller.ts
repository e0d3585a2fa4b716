import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { AccessRecords } from '../../audit/access-records.js';
import { exampleFile } from '../../cases/case.file.js';
import type { Actor } from '../../event-store/event-store.js';
import { Uuid } from '../../fields/fields.js';
import { Operation } from '../../http/operation.js';
import { Caller, ShowsPerson, type OnRecord, type RequestContext } from '../../http/request-context.js';
import { inSurroundings, ReadCaseFile, ShownCaseFile } from './case-file.query.js';
import { LookAlikesPage, ReadLookAlikes } from './look-alikes.query.js';
import { NotesPage, NotesPart, ReadNotes } from './notes.query.js';

class CasePath {
  @Uuid()
  readonly caseId!: string;
}

const example = inSurroundings(exampleFile, { possibleDuplicates: [], familyUnitId: null });
const exampleNotes: NotesPage = { rows: [{ text: 'Called the shelter.', at: '2020-01-13T15:00:00Z', by: 'cw-ana' }], nextCursor: null };

const exampleLookAlikes: LookAlikesPage = {
  rows: [
    {
      caseId: '4d2f9a7c-1b3e-4c55-9d0e-6a4f1c2b3d4e',
      basis: ['alien-number'],
      office: 'LRD',
      status: 'screening',
      openedAt: '2020-01-13T15:00:00Z',
      standing: 'open',
      applicant: {
        givenNames: 'Synthetic',
        familyName: 'Person',
        birthDate: '1990-05-01',
        alienNumber: 'A200000001',
        nationalities: ['HN'],
      },
    },
  ],
  nextCursor: null,
};

@Controller('v1/cases')
export class CaseFileController {
  constructor(
    private readonly queries: QueryBus,
    private readonly accessRecords: AccessRecords,
  ) {}

  @Get(':caseId')
  @ShowsPerson()
  @Operation({
    summary: 'The case file',
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    tag: 'cases',
    answer: ShownCaseFile,
    example,
    headers: ['ETag'],
    codes: ['purpose-missing', 'not-found', 'other-office', 'read-model-behind'],
  })
  async show(
    @Param() { caseId }: CasePath,
    @Caller() caller: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OnRecord<ShownCaseFile>> {
    const actor = caller.actor as Actor;
    const file = await this.queries.execute(new ReadCaseFile(caseId, actor, caller.consistencyToken));
    const recorded = await this.accessRecords.caseRead(caller, 'case-file', file, file);
    reply.header('etag', `"${file.revision}"`);
    return recorded;
  }

  @Get(':caseId/notes')
  @ShowsPerson()
  @Operation({
    summary: 'All notes of a case, oldest first; the case file has the newest of them',
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    tag: 'cases',
    answer: NotesPage,
    example: exampleNotes,
    codes: ['purpose-missing', 'not-found', 'other-office', 'read-model-behind'],
  })
  async notes(@Param() { caseId }: CasePath, @Query() part: NotesPart, @Caller() caller: RequestContext): Promise<OnRecord<NotesPage>> {
    const actor = caller.actor as Actor;
    const { page, revision } = await this.queries.execute(new ReadNotes(caseId, part, actor, caller.consistencyToken));
    return this.accessRecords.caseRead(caller, 'notes', { caseId, revision }, page);
  }

  @Get(':caseId/possible-duplicates')
  @ShowsPerson()
  @Operation({
    summary: 'The files of any office that may be of the same person, and what was said of them',
    roles: ['caseworker', 'supervisor', 'liaison', 'auditor'],
    tag: 'cases',
    answer: LookAlikesPage,
    example: exampleLookAlikes,
    codes: ['purpose-missing', 'not-found', 'other-office', 'read-model-behind'],
  })
  async lookAlikes(@Param() { caseId }: CasePath, @Caller() caller: RequestContext): Promise<OnRecord<LookAlikesPage>> {
    const actor = caller.actor as Actor;
    const { page, shown } = await this.queries.execute(new ReadLookAlikes(caseId, actor, caller.consistencyToken));
    return this.accessRecords.caseRead(caller, 'possible-duplicates', shown, page);
  }
}
