import type { CaseEvent } from '../../cases/case.events.js';
import { noCase, type AsylumCase, type Fear } from '../../cases/case.state.js';
import { caseStream } from '../../cases/case.stream.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import { Series } from '../../event-store/series.js';
import type { FamilyEvent } from '../../families/family.events.js';
import { familyStream, type Family } from '../../families/family.state.js';
import { changesOf, type Change, type Projection } from '../../projecting/projection.js';
import { FOLDED, likenessesOf } from './likeness.js';

export const CASE_FILE = 'case-file';

/** Every case as it stands, and what another file of the same person is recognised by. */
export const caseFileProjection: Projection = {
  name: CASE_FILE,
  version: 5,
  // Rows are rewritten with every event: room on the page keeps the indexes out of it.
  tables: `
    CREATE TABLE cases (
      case_id uuid PRIMARY KEY,
      revision int NOT NULL,
      office text NOT NULL,
      state text NOT NULL,
      note_count int NOT NULL
    ) WITH (fillfactor = 70);
    CREATE TABLE people (
      case_id uuid PRIMARY KEY,
      numbers text[] NOT NULL,
      names text[] NOT NULL,
      birth_key text,
      keys text[] NOT NULL
    );
    -- What is not yet sorted in would be looked through by every opening.
    CREATE INDEX people_keys ON people USING gin (keys) WITH (fastupdate = off);
    CREATE TABLE notes (
      case_id uuid,
      place int,
      noted_at text NOT NULL,
      author text NOT NULL,
      note text,
      PRIMARY KEY (case_id, place)
    );
    CREATE TABLE families (
      case_id uuid PRIMARY KEY,
      family_unit_id uuid NOT NULL
    );`,
  categories: [caseStream.category, familyStream.category],
  async project(changes, tx) {
    const ofCases = changesOf(caseStream, changes);
    await writeCases(ofCases, tx);
    await writePeople(ofCases, tx);
    await writeNotes(ofCases, tx);
    await writeFamilies(changesOf(familyStream, changes), tx);
  },
};

type CaseChange = Change<AsylumCase, CaseEvent>;

async function writeFamilies(changes: readonly Change<Family, FamilyEvent>[], tx: Queryable): Promise<void> {
  const removed = changes.flatMap(({ event }) => (event.type === 'FamilyMemberRemoved' ? [event] : []));
  if (removed.length > 0)
    await tx.query('DELETE FROM families USING unnest($1::uuid[], $2::uuid[]) AS left_by (c, f) WHERE case_id = c AND family_unit_id = f', [
      removed.map(({ data }) => data.caseId),
      removed.map(({ stream }) => idOf(stream)),
    ]);
  // Whoever was added and removed in turns is where the last of the families that still have the case says.
  const last = new Map(changes.map(change => [change.event.stream, change.after]));
  const members = new Map([...last].flatMap(([stream, { members: all }]) => all.map(({ caseId }) => [caseId, idOf(stream)] as const)));
  if (members.size === 0) return;
  await tx.query(
    `INSERT INTO families SELECT * FROM unnest($1::uuid[], $2::uuid[])
     ON CONFLICT (case_id) DO UPDATE SET family_unit_id = excluded.family_unit_id`,
    [[...members.keys()], [...members.values()]],
  );
}

async function writeCases(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  if (changes.length === 0) return;
  const last = [...new Map(changes.map(change => [change.event.stream, change])).values()];
  // The states travel as one JSON array: as elements of a text array each of their quotes would be escaped and read back.
  await tx.query(
    `INSERT INTO cases (case_id, revision, office, state, note_count)
     SELECT case_id, revision, office, state::text, note_count
     FROM ROWS FROM (unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]), json_array_elements($4::json), unnest($5::int[]))
       AS given (case_id, revision, office, state, note_count)
     ON CONFLICT (case_id) DO UPDATE SET revision = excluded.revision, office = excluded.office, state = excluded.state,
        note_count = excluded.note_count`,
    [
      last.map(({ event }) => idOf(event.stream)),
      last.map(({ event }) => event.revision),
      last.map(({ after }) => after.office),
      `[${last.map(({ after }) => storedState(after)).join(',')}]`,
      last.map(({ after }) => after.notes.length),
    ],
  );
}

/** Only where something of the person has changed: most events say nothing of that. */
async function writePeople(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  const changed = changes.filter(({ before, after }) => after.applicant === null || before.applicant !== after.applicant);
  const last = [...new Map(changed.map(({ event, after }) => [idOf(event.stream), after.applicant]))];
  const erased = last.flatMap(([caseId, applicant]) => (applicant === null ? [caseId] : []));
  if (erased.length > 0) await tx.query('DELETE FROM people WHERE case_id = ANY ($1::uuid[])', [erased]);
  const known = last.flatMap(([caseId, applicant]) => (applicant === null ? [] : [{ caseId, applicant }]));
  if (known.length === 0) return;
  const likenesses = await likenessesOf(
    known.map(({ applicant }) => applicant),
    async texts => (await tx.query<{ folded: string }>(FOLDED, [texts])).rows.map(({ folded }) => folded),
  );
  await tx.query(
    `INSERT INTO people (case_id, numbers, names, birth_key, keys)
     SELECT case_id, numbers, names, birth_key, keys FROM json_populate_recordset(NULL::people, $1::json)
     ON CONFLICT (case_id) DO UPDATE SET numbers = excluded.numbers, names = excluded.names,
        birth_key = excluded.birth_key, keys = excluded.keys`,
    [JSON.stringify(likenesses.map((likeness, at) => ({ case_id: known[at]?.caseId, ...likeness })))],
  );
}

/**
 * Notes have rows of their own: they are what a file may have without end, and its row is written anew with every event.
 * Where one was taken out of the middle, all of the case are written anew.
 */
async function writeNotes(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  const written = new Map<string, { from: number; notes: Notes }>();
  for (const { event, before, after } of changes) {
    if (before.notes === after.notes) continue;
    const grown = event.type === 'NoteAdded';
    written.set(event.stream, { from: grown ? (written.get(event.stream)?.from ?? before.notes.length) : 0, notes: after.notes });
  }
  const anew = [...written].filter(([, { from }]) => from === 0).map(([stream]) => idOf(stream));
  if (anew.length > 0) await tx.query('DELETE FROM notes WHERE case_id = ANY ($1::uuid[])', [anew]);
  const rows = [...written].flatMap(([stream, { from, notes }]) =>
    notes.last(notes.length - from).map((note, index) => ({ caseId: idOf(stream), place: from + index, ...note })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO notes (case_id, place, noted_at, author, note)
     SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[])
     ON CONFLICT (case_id, place) DO UPDATE SET noted_at = excluded.noted_at, author = excluded.author, note = excluded.note`,
    [
      rows.map(({ caseId }) => caseId),
      rows.map(({ place }) => place),
      rows.map(({ at }) => at),
      rows.map(({ by }) => by),
      rows.map(({ text }) => text),
    ],
  );
}
type Notes = AsylumCase['notes'];

/** As JSON, without its notes, what differs from a case before its opening: fields that no event has touched are the very same. */
function storedState(asylumCase: AsylumCase): string {
  const stored: Partial<Record<keyof AsylumCase, unknown>> = {};
  for (const field of FIELDS) if (field !== 'notes' && asylumCase[field] !== noCase[field]) stored[field] = asylumCase[field];
  return JSON.stringify(stored);
}
const FIELDS = Object.keys(noCase) as readonly (keyof AsylumCase)[];
const LISTS = FIELDS.filter(field => noCase[field] instanceof Series);

/** The case with these of its notes. */
export function stateOf(stored: string, notes: readonly Note[]): AsylumCase {
  const parsed = JSON.parse(stored) as Partial<Record<keyof AsylumCase, unknown>> & {
    fears?: Record<string, Fear & { accounts: Iterable<never> }>;
  };
  const lists = LISTS.flatMap(field => (parsed[field] === undefined ? [] : [[field, Series.of(parsed[field] as unknown[])]]));
  const fears = Object.entries(parsed.fears ?? {}).map(([country, fear]) => [country, { ...fear, accounts: Series.of(fear.accounts) }]);
  return { ...noCase, ...parsed, ...Object.fromEntries(lists), fears: Object.fromEntries(fears), notes: Series.of(notes) } as AsylumCase;
}

export type Note = AsylumCase['notes'] extends Series<infer Element> ? Element : never;
