import type { CaseEvent } from '../../cases/case.events.js';
import { noCase, type AsylumCase } from '../../cases/case.state.js';
import { personKey } from '../../cases/recent-openings.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import type { FamilyEvent } from '../../families/family.events.js';
import type { Change, Projection } from '../../projecting/projection.js';

export const CASE_FILE = 'case-file';

/** Every case as it stands, and what another file of the same person is recognised by. */
export const caseFileProjection: Projection = {
  name: CASE_FILE,
  version: 2,
  // Rows are rewritten with every event: room on the page keeps the indexes out of it.
  tables: `
    CREATE TABLE cases (
      case_id uuid PRIMARY KEY,
      revision int NOT NULL,
      office text NOT NULL,
      state text NOT NULL,
      person_key text,
      alien_number text
    ) WITH (fillfactor = 70);
    CREATE INDEX cases_person_key ON cases (person_key) WHERE person_key IS NOT NULL;
    CREATE INDEX cases_alien_number ON cases (alien_number) WHERE alien_number IS NOT NULL;
    CREATE TABLE families (
      case_id uuid PRIMARY KEY,
      family_unit_id uuid NOT NULL
    );`,
  categories: ['case', 'family'],
  async project(changes, tx) {
    await writeCases(changes.filter(({ event }) => event.stream.startsWith('case-')) as CaseChange[], tx);
    await writeFamilies(changes.filter(({ event }) => event.type === 'FamilyMemberAdded') as FamilyChange[], tx);
  },
};

type CaseChange = Change<AsylumCase, CaseEvent>;
type FamilyChange = Change<unknown, Extract<FamilyEvent, { type: 'FamilyMemberAdded' }>>;

async function writeFamilies(added: readonly FamilyChange[], tx: Queryable): Promise<void> {
  if (added.length === 0) return;
  await tx.query(
    'INSERT INTO families SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING',
    [added.map(({ event }) => event.data.caseId), added.map(({ event }) => idOf(event.stream))],
  );
}

async function writeCases(changes: readonly CaseChange[], tx: Queryable): Promise<void> {
  if (changes.length === 0) return;
  const last = [...new Map(changes.map(change => [change.event.stream, change])).values()];
  // The states travel as one JSON array: as elements of a text array each of their quotes would be escaped and read back.
  await tx.query(
    `INSERT INTO cases (case_id, revision, office, state, person_key, alien_number)
     SELECT case_id, revision, office, state::text, person_key, alien_number
     FROM ROWS FROM (unnest($1::uuid[]), unnest($2::int[]), unnest($3::text[]), json_array_elements($4::json), unnest($5::text[]), unnest($6::text[]))
       AS given (case_id, revision, office, state, person_key, alien_number)
     ON CONFLICT (case_id) DO UPDATE SET revision = excluded.revision, office = excluded.office, state = excluded.state,
       person_key = excluded.person_key, alien_number = excluded.alien_number`,
    [
      last.map(({ event }) => idOf(event.stream)),
      last.map(({ event }) => event.revision),
      last.map(({ after }) => after.office),
      `[${last.map(({ after }) => storedState(after)).join(',')}]`,
      last.map(({ after }) => (after.applicant && personKey(after.applicant)) ?? null),
      last.map(({ after }) => after.applicant?.alienNumber ?? null),
    ],
  );
}

/** As JSON, what differs from a case before its opening: fields that no event has touched are the very same. */
function storedState(asylumCase: AsylumCase): string {
  const stored: Partial<Record<keyof AsylumCase, unknown>> = {};
  for (const field of FIELDS) if (asylumCase[field] !== noCase[field]) stored[field] = asylumCase[field];
  return JSON.stringify(stored);
}
const FIELDS = Object.keys(noCase) as readonly (keyof AsylumCase)[];

export const stateOf = (stored: string): AsylumCase => ({ ...noCase, ...JSON.parse(stored) as Partial<AsylumCase> });
