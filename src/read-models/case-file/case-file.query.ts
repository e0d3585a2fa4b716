import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { caseFile, forLiaison } from '../../cases/case.file.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { CaseFile } from '../../cases/shown-case.file.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Actor, Position } from '../../event-store/event-store.js';
import { ANY_NUMBER, Nullable, Uuid, UuidList } from '../../fields/fields.js';
import { OTHER_OFFICE } from '../../http/offices.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { heldBack, ReadModels } from '../../projecting/read-models.js';
import { CASE_FILE } from './case-file.projection.js';
import { NOTE_IS_SHOWN, notesAmong } from './case-notes.js';
import { LOOK_ALIKES, standingOf, type LookAlike } from './look-alikes.js';
import { officeOfWhoseNotes } from './notes.query.js';
import { openCases, type StoredCase } from './opened-cases.js';

/** So many notes, the newest, are part of the file; all of them are a list of their own. */
const NOTES_IN_FILE = 200;

/** The case file as this person may see it. */
export class ReadCaseFile extends Query<ShownCaseFile> {
  constructor(
    readonly caseId: string,
    readonly reader: Actor,
    readonly token?: Position,
  ) {
    super();
  }
}

/** With what other streams give of a case. */
export class ShownCaseFile extends CaseFile {
  @UuidList({
    ...ANY_NUMBER,
    description: 'Cases of any office with the same alien number, or names alike and the same birth date: neither dismissed nor merged.',
  })
  readonly possibleDuplicates!: readonly string[];
  @Uuid() @Nullable() readonly familyUnitId!: string | null;
}
type Surroundings = Pick<ShownCaseFile, 'possibleDuplicates' | 'familyUnitId'>;

interface Row extends StoredCase {
  readonly revision: number;
  readonly office: string;
  /** Of those that the reader may see. */
  readonly noteCount: number;
  readonly alike: readonly LookAlike[];
  readonly familyUnitId: string | null;
}

const SQL = `
  SELECT own.case_id AS "caseId", own.revision, own.office, own.state, texts.sealed AS texts, ${LOOK_ALIKES} AS alike,
  families.family_unit_id AS "familyUnitId", ${notesAmong(`ORDER BY place DESC LIMIT ${NOTES_IN_FILE}`)} AS notes,
  CASE WHEN $2::text IS NULL OR own.office = $2 THEN own.note_count
    ELSE (SELECT count(*) FROM {case-file}.notes WHERE case_id = own.case_id AND ${NOTE_IS_SHOWN}) END AS "noteCount"
  FROM {case-file}.cases own LEFT JOIN {case-file}.texts USING (case_id) LEFT JOIN {case-file}.families USING (case_id)
  WHERE own.case_id = $1`;

@QueryHandler(ReadCaseFile)
export class ReadCaseFileHandler implements IQueryHandler<ReadCaseFile> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly personalData: PersonalData,
  ) {}

  /** @throws DomainError `not-found`, `other-office`; ReadModelBehind, DatabaseUnavailable */
  async execute({ caseId, reader, token }: ReadCaseFile): Promise<ShownCaseFile> {
    const asked = [caseId, officeOfWhoseNotes(reader), reader.id];
    const { rows, parked } = await this.readModels.queryBesideParked<Row>(CASE_FILE, SQL, asked, {
      token,
      hot: 'case-file',
      stream: `case-${caseId}`,
    });
    if (parked > 0) throw heldBack(CASE_FILE);
    const [row] = rows;
    if (!row) throw new DomainError('not-found', 'There is no such case.');
    const [asylumCase] = (await openCases(this.personalData, [row])) as [AsylumCase];
    const file = caseFile({ caseId, revision: row.revision }, asylumCase);
    const seen = seesAllOf(row.office, reader) ? file : forLiaison(file, reader);
    const possibleDuplicates = row.alike.filter(other => standingOf(asylumCase, other) === 'open').map(other => other.caseId);
    return inSurroundings({ ...seen, noteCount: row.noteCount }, { possibleDuplicates, familyUnitId: row.familyUnitId });
  }
}

/** False for who sees it as a liaison does. @throws DomainError `other-office` for who may not see it */
function seesAllOf(office: string, reader: Actor): boolean {
  const own = officeOfWhoseNotes(reader);
  if (own === null || own === office) return true;
  if (reader.roles.includes('liaison')) return false;
  throw new DomainError('other-office', OTHER_OFFICE);
}

/** Each of them beside what it belongs with. */
export function inSurroundings(file: CaseFile, { possibleDuplicates, familyUnitId }: Surroundings): ShownCaseFile {
  const beside: Readonly<Record<string, object>> = { previousCaseIds: { possibleDuplicates }, holds: { familyUnitId } };
  return Object.assign({}, ...Object.entries(file).map(([field, value]) => ({ [field]: value, ...beside[field] }))) as ShownCaseFile;
}
