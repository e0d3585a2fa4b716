import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ShownNote } from '../../cases/shown-case.file.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Actor, Position } from '../../event-store/event-store.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import { AnyText, Matching, Nullable, Optional, Rows, WholeNumber } from '../../fields/fields.js';
import { assertReadable } from '../../http/offices.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { ReadModels } from '../../projecting/read-models.js';
import { CASE_FILE } from './case-file.projection.js';
import { NOTE, NOTE_IS_SHOWN, openNotes, type StoredNote } from './opened-cases.js';

export class NotesPart {
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Matching(/^[\w-]{1,500}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
}

export class NotesPage {
  @Rows(() => ShownNote) readonly rows!: readonly ShownNote[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
}

/** A page of a case's notes, oldest first, and the revision of the case that it is part of. */
export class ReadNotes extends Query<{ readonly page: NotesPage; readonly revision: number }> {
  constructor(
    readonly caseId: string,
    readonly part: NotesPart,
    readonly reader: Actor,
    readonly token?: Position,
  ) {
    super();
  }
}

/** The office of whose cases the person sees all notes, of other cases only the own; null for who sees those of all. */
export const officeOfWhoseNotes = ({ roles, office }: Actor): string | null => {
  if (roles.includes('auditor')) return null;
  return roles.some(role => role === 'caseworker' || role === 'supervisor') ? (office ?? '') : '';
};

const isPlace = (value: unknown): value is [place: number] =>
  Array.isArray(value) && value.length === 1 && Number.isSafeInteger(value[0]) && value[0] >= 0 && value[0] < 2 ** 31;

@QueryHandler(ReadNotes)
export class ReadNotesHandler implements IQueryHandler<ReadNotes> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly personalData: PersonalData,
  ) {}

  /** @throws DomainError `not-found`, `other-office`; ValidationFailed for a wrong cursor; ReadModelBehind, DatabaseUnavailable */
  async execute({ caseId, part, reader, token }: ReadNotes): Promise<{ page: NotesPage; revision: number }> {
    const { limit = 50 } = part;
    const [after] = placeOf(part.cursor, isPlace) ?? [-1];
    const [found] = await this.readModels.query<{ office: string; revision: number; notes: StoredNote[] }>(
      CASE_FILE,
      `SELECT own.office, own.revision, (SELECT coalesce(json_agg(${NOTE} ORDER BY place), '[]') FROM (
         SELECT * FROM {case-file}.notes WHERE case_id = own.case_id AND place > $4 AND ${NOTE_IS_SHOWN} ORDER BY place
         LIMIT $5) page) AS notes
       FROM {case-file}.cases own WHERE own.case_id = $1`,
      [caseId, officeOfWhoseNotes(reader), reader.id, after, limit + 1],
      { token },
    );
    await this.readModels.assertNotParked(CASE_FILE, `case-${caseId}`);
    if (!found) throw new DomainError('not-found', 'There is no such case.');
    assertReadable(reader, found.office);
    const notes = found.notes.slice(0, limit);
    const last = notes.at(-1);
    return {
      page: {
        rows: await openNotes(this.personalData, caseId, notes),
        nextCursor: found.notes.length > limit && last ? cursorOf([last.place]) : null,
      },
      revision: found.revision,
    };
  }
}
