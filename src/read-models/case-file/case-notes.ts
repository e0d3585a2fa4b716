import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { Series } from '../../event-store/series.js';
import type { RestingPlace } from '../../personal-data/at-rest.js';
import type { PersonalData } from '../../personal-data/personal-data.js';
import type { Change } from '../../projecting/projection.js';
import { sealed } from './sealed.js';

type Notes = AsylumCase['notes'];
export type Note = Notes extends Series<infer Element> ? Element : never;

/** So many texts are sealed together: most of what it takes to open one is the same for a short text and for ten. */
const TOGETHER = 10;
const groupOf = (place: number): number => Math.floor(place / TOGETHER);

/** Notes have rows of their own: they are what a file may have without end, and its row is written anew with every event. */
export const NOTE_TABLES = `CREATE TABLE notes (
      case_id uuid,
      place int,
      noted_at text NOT NULL,
      author text NOT NULL,
      PRIMARY KEY (case_id, place)
    );
    CREATE TABLE note_texts (
      case_id uuid,
      place_group int,
      sealed bytea NOT NULL,
      PRIMARY KEY (case_id, place_group)
    );
    COMMENT ON TABLE note_texts IS 'a JSON array of the texts of ${TOGETHER} notes, by their places';`;

const placeOf = (caseId: string, group: number): RestingPlace => ['case-file.note_texts', caseId, group];

/** Of one case: its notes as they stand now, and the keys of the changes that the notes from a place on came with. */
interface Written {
  readonly caseId: string;
  readonly notes: Notes;
  readonly from: number;
  readonly keys: Change['key'][];
}

/** Where one was taken out of the middle, all of the case are written anew. */
export async function writeNotes(changes: readonly Change<AsylumCase, CaseEvent>[], tx: Queryable): Promise<void> {
  const written = [...writtenIn(changes).values()];
  const anew = written.flatMap(({ caseId, from }) => (from === 0 ? [caseId] : []));
  if (anew.length > 0)
    await tx.query(
      `WITH gone AS (DELETE FROM notes WHERE case_id = ANY ($1::uuid[]))
       DELETE FROM note_texts WHERE case_id = ANY ($1::uuid[])`,
      [anew],
    );
  const rows = written.flatMap(rowsOf);
  const texts = written.flatMap(textsOf);
  if (rows.length === 0) return;
  await tx.query(
    `WITH written AS (
       INSERT INTO notes (case_id, place, noted_at, author) SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[])
       ON CONFLICT (case_id, place) DO UPDATE SET noted_at = excluded.noted_at, author = excluded.author)
     INSERT INTO note_texts (case_id, place_group, sealed) SELECT * FROM unnest($5::uuid[], $6::int[], $7::bytea[])
     ON CONFLICT (case_id, place_group) DO UPDATE SET sealed = excluded.sealed`,
    [
      rows.map(({ caseId }) => caseId),
      rows.map(({ place }) => place),
      rows.map(({ at }) => at),
      rows.map(({ by }) => by),
      texts.map(({ caseId }) => caseId),
      texts.map(({ group }) => group),
      texts.map(({ bytes }) => bytes),
    ],
  );
}

function writtenIn(changes: readonly Change<AsylumCase, CaseEvent>[]): ReadonlyMap<string, Written> {
  const written = new Map<string, Written>();
  for (const { event, before, after, key } of changes) {
    if (before.notes === after.notes) continue;
    const grown = event.type === 'NoteAdded';
    const known = grown ? written.get(event.stream) : undefined;
    const { from = grown ? before.notes.length : 0, keys = [] } = known ?? {};
    while (from + keys.length < after.notes.length) keys.push(key);
    written.set(event.stream, { caseId: idOf(event.stream), notes: after.notes, from, keys });
  }
  return written;
}

const rowsOf = ({ caseId, notes, from }: Written) =>
  notes.last(notes.length - from).map(({ at, by }, index) => ({ caseId, place: from + index, at, by }));

/** Each group under the key of its newest note, however many changes come at a time: made anew, a row is the same. */
function textsOf({ caseId, notes, from, keys }: Written) {
  const first = groupOf(from);
  const texts = notes.last(notes.length - first * TOGETHER).map(({ text }) => text);
  return Array.from({ length: Math.ceil(texts.length / TOGETHER) }, (_, index) => {
    const own = texts.slice(index * TOGETHER, (index + 1) * TOGETHER);
    const group = first + index;
    const key = keys[group * TOGETHER + own.length - 1 - from] ?? null;
    return { caseId, group, bytes: sealed(key, placeOf(caseId, group), own.every(text => text === null) ? null : JSON.stringify(own)) };
  }).filter(({ bytes }) => bytes !== null);
}

/** Some notes of a case, as `notesAmong` reads them. */
export interface StoredNotes {
  readonly rows: readonly { readonly place: number; readonly at: string; readonly by: string }[];
  /** By group, in base64. */
  readonly texts: Readonly<Record<string, string>>;
}

export const NO_NOTES: StoredNotes = { rows: [], texts: {} };

/** In SQL, whether a note is shown, `$2` being the office of `officeOfWhoseNotes` and `$3` the reader. */
export const NOTE_IS_SHOWN = '($2::text IS NULL OR own.office = $2 OR author = $3)';

/** In SQL, those of the notes of the case `own` that are shown and meet the rest of the conditions. */
export const notesAmong = (rest: string): string => `(
  WITH page AS MATERIALIZED (SELECT * FROM {case-file}.notes WHERE case_id = own.case_id AND ${NOTE_IS_SHOWN} ${rest})
  SELECT json_build_object(
    'rows', (SELECT coalesce(json_agg(json_build_object('place', place, 'at', noted_at, 'by', author) ORDER BY place), '[]') FROM page),
    'texts', (SELECT coalesce(json_object_agg(place_group, encode(sealed, 'base64')), '{}') FROM {case-file}.note_texts
      WHERE case_id = own.case_id AND place_group = ANY (ARRAY(SELECT DISTINCT place / ${TOGETHER} FROM page)))))`;

/**
 * The notes, opened; without their texts where the key was destroyed.
 * @throws KeyMissing, RowSealBroken, DatabaseUnavailable
 */
export async function openNotes(personalData: PersonalData, caseId: string, { rows, texts }: StoredNotes): Promise<Note[]> {
  const groups = Object.entries(texts).map(([group, sealedTexts]) => ({ group: Number(group), bytes: Buffer.from(sealedTexts, 'base64') }));
  const opened = await personalData.openRows(groups.map(({ group, bytes }) => ({ place: placeOf(caseId, group), sealed: bytes })));
  const textsIn = new Map(groups.map(({ group }, index) => [group, JSON.parse(opened[index] ?? '[]') as (string | null)[]]));
  return rows.map(({ place, at, by }) => ({ text: textsIn.get(groupOf(place))?.[place % TOGETHER] ?? null, at, by }));
}
