import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { caseStream } from '../../cases/case.stream.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { FamilyEvent } from '../../families/family.events.js';
import { familyStream, type Family } from '../../families/family.state.js';
import type { RestingPlace } from '../../personal-data/at-rest.js';
import { changesOf, type Change, type Projection } from '../../projecting/projection.js';
import { NOTE_TABLES, writeNotes } from './case-notes.js';
import { parted, sameTexts } from './case-texts.js';
import { FOLDED, likenessesOf } from './likeness.js';
import { sealed } from './sealed.js';

export const CASE_FILE = 'case-file';

/** Every case as it stands, its texts sealed, and what another file of the same person is recognised by. */
export const caseFileProjection: Projection = {
  name: CASE_FILE,
  version: 11,
  // Rows are rewritten with every event: room on the page keeps the indexes out of it.
  tables: `
    CREATE TABLE cases (
      case_id uuid PRIMARY KEY,
      revision int NOT NULL,
      office text NOT NULL,
      state text NOT NULL,
      note_count int NOT NULL
    ) WITH (fillfactor = 70);
    CREATE TABLE texts (
      case_id uuid PRIMARY KEY,
      sealed bytea NOT NULL
    );
    CREATE TABLE people (
      case_id uuid PRIMARY KEY,
      numbers text[] NOT NULL,
      names text[] NOT NULL,
      birth_key text,
      keys text[] NOT NULL
    );
    ${NOTE_TABLES}
    CREATE TABLE families (
      case_id uuid PRIMARY KEY,
      family_unit_id uuid NOT NULL
    );`,
  // What is not yet sorted in would be looked through by every opening.
  completion: 'CREATE INDEX people_keys ON people USING gin (keys) WITH (fastupdate = off)',
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
  const last = [...new Map(changes.map(change => [change.event.stream, change])).values()].map(({ event, after }) => ({
    caseId: idOf(event.stream),
    revision: event.revision,
    after,
    ...parted(after),
  }));
  // The states travel as one JSON array: as elements of a text array each of their quotes would be escaped and read back.
  await tx.query(
    `INSERT INTO cases (case_id, revision, office, state, note_count)
     SELECT case_id, revision, office, state::text, note_count
     FROM ROWS FROM (unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]), json_array_elements($4::json), unnest($5::int[]))
       AS given (case_id, revision, office, state, note_count)
     ON CONFLICT (case_id) DO UPDATE SET revision = excluded.revision, office = excluded.office, state = excluded.state,
        note_count = excluded.note_count`,
    [
      last.map(({ caseId }) => caseId),
      last.map(({ revision }) => revision),
      last.map(({ after }) => after.office),
      `[${last.map(({ open }) => open).join(',')}]`,
      last.map(({ after }) => after.notes.length),
    ],
  );
  // Under the key of the change that they came with, however many changes come at a time: made anew, a row is the same.
  const retold = new Map(
    changes.flatMap(({ event, before, after, key }) =>
      after.applicant === null || !sameTexts(before, after) ? [[idOf(event.stream), key] as const] : [],
    ),
  );
  await writeTexts(
    last.flatMap(({ caseId, texts }) => {
      const key = retold.get(caseId);
      return key === undefined ? [] : [{ caseId, sealed: sealed(key, textsPlace(caseId), texts) }];
    }),
    tx,
  );
}

/** Where what a case keeps sealed stands. */
export const textsPlace = (caseId: string): RestingPlace => ['case-file.texts', caseId];

async function writeTexts(rows: readonly { readonly caseId: string; readonly sealed: Buffer | null }[], tx: Queryable): Promise<void> {
  const gone = rows.flatMap(row => (row.sealed === null ? [row.caseId] : []));
  if (gone.length > 0) await tx.query('DELETE FROM texts WHERE case_id = ANY ($1::uuid[])', [gone]);
  const kept = rows.filter(row => row.sealed !== null);
  if (kept.length === 0) return;
  await tx.query(
    `INSERT INTO texts (case_id, sealed) SELECT * FROM unnest($1::uuid[], $2::bytea[])
     ON CONFLICT (case_id) DO UPDATE SET sealed = excluded.sealed`,
    [kept.map(row => row.caseId), kept.map(row => row.sealed)],
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
