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
import { notesAmong, openNotes, type StoredNotes } from './case-notes.js';

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
    const [found] = await this.readModels.query<{ office: string; revision: number; notes: StoredNotes }>(
      CASE_FILE,
      `SELECT own.office, own.revision, ${notesAmong('AND place > $4 ORDER BY place LIMIT $5')} AS notes
       FROM {case-file}.cases own WHERE own.case_id = $1`,
      [caseId, officeOfWhoseNotes(reader), reader.id, after, limit + 1],
      { token },
    );
    await this.readModels.assertNotParked(CASE_FILE, `case-${caseId}`);
    if (!found) throw new DomainError('not-found', 'There is no such case.');
    assertReadable(reader, found.office);
    const rows = found.notes.rows.slice(0, limit);
    const last = rows.at(-1);
    return {
      page: {
        rows: await openNotes(this.personalData, caseId, { ...found.notes, rows }),
        nextCursor: found.notes.rows.length > limit && last ? cursorOf([last.place]) : null,
      },
      revision: found.revision,
    };
  }
}
