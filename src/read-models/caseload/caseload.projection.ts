import type { CaseEvent } from '../../cases/case.events.js';
import { alienNumbersOf, namesOf } from '../../cases/applicant.state.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { countryOf, countsAsMinor } from '../../cases/standing.state.js';
import { deadlinesOf, isSilent } from '../../cases/deadlines.state.js';
import type { Queryable } from '../../database/database.js';
import { idOf } from '../../event-store/event-store.js';
import { isDay } from '../../fields/formats.js';
import { plain } from '../../fields/plain-names.js';
import { isBefore, millis, toInstant } from '../../fields/time.js';
import type { Change, Projection } from '../../projecting/projection.js';
import { searchable } from './searching.js';

// The search terms stand apart: nearly every event changes a case, and hardly any changes the person.
// The fill factor leaves room for rows to change within their page. What an index has pending, in kB, every search reads.
// Several workers would each read ahead for one page, ten times as much as it needs.
// By fewer samples of words a term that fits some ten of a million people passes for one that fits thousands.
const tables = `
CREATE TABLE cases (
  case_id uuid PRIMARY KEY,
  revision int NOT NULL,
  status text NOT NULL,
  office text NOT NULL,
  assigned_to text,
  opened_at timestamptz NOT NULL,
  country text,
  holds text[] NOT NULL,
  due_at timestamptz,
  minor_at_encounter boolean NOT NULL,
  age_disputed boolean NOT NULL,
  open_alerts int NOT NULL,
  minor boolean NOT NULL,
  nationalities text[] NOT NULL,
  follow_up_overdue boolean NOT NULL,
  family_key text COLLATE "C" NOT NULL
) WITH (fillfactor = 70, parallel_workers = 0);
COMMENT ON COLUMN cases.family_key IS 'personal: empty once erased';

CREATE TABLE people (
  case_id uuid PRIMARY KEY,
  given_names text,
  family_name text,
  alien_number text,
  birth_date date,
  words text NOT NULL,
  sounds text[] NOT NULL
) WITH (parallel_workers = 0);
COMMENT ON TABLE people IS 'personal: a row for each person who is not erased';
ALTER TABLE people ALTER COLUMN words SET STATISTICS 1000;
`;

const completion = `
CREATE INDEX ON cases (opened_at, case_id);
CREATE INDEX ON cases (office, opened_at, case_id);
CREATE INDEX ON cases (assigned_to, opened_at, case_id) WHERE assigned_to IS NOT NULL;
CREATE INDEX ON cases (status, opened_at, case_id);
CREATE INDEX ON cases (country, opened_at, case_id);
CREATE INDEX ON cases (office, opened_at, case_id) WHERE assigned_to IS NULL;
CREATE INDEX ON cases (opened_at, case_id) WHERE minor;
CREATE INDEX ON cases (opened_at, case_id) WHERE status <> 'closed';
CREATE INDEX ON cases USING gin (holds) WITH (gin_pending_list_limit = 256);
CREATE INDEX ON cases USING gin (nationalities) WITH (gin_pending_list_limit = 256);
CREATE INDEX ON cases (family_key, case_id);
CREATE INDEX ON cases (coalesce(due_at, 'infinity'::timestamptz), case_id);
CREATE INDEX ON cases (coalesce(due_at, '-infinity'::timestamptz), case_id);
CREATE INDEX ON people USING gin (words gin_trgm_ops) WITH (gin_pending_list_limit = 256);
CREATE INDEX ON people USING gin (sounds) WITH (gin_pending_list_limit = 256);
CREATE INDEX ON people (birth_date);
`;

type CaseChange = Change<AsylumCase, CaseEvent>;

/** "Which cases are there, and which need something done?" */
export const caseloadProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'caseload',
  version: 8,
  tables,
  completion,
  categories: ['case'],
  async project(changes, tx) {
    const latest = new Map<string, CaseChange>();
    const renamed = new Map<string, AsylumCase>();
    for (const change of changes) {
      const caseId = idOf(change.event.stream);
      latest.set(caseId, change);
      // Once its key is destroyed a person is unknown before the erasure too, and the row must still go.
      if (change.before.applicant !== change.after.applicant || !change.after.applicant) renamed.set(caseId, change.after);
    }
    await writeCases(latest, tx);
    if (renamed.size > 0) await writePeople(renamed, tx);
  },
};

async function writeCases(latest: ReadonlyMap<string, CaseChange>, tx: Queryable): Promise<void> {
  const rows = [...latest].map(([caseId, { event, after }]) => ({
    case_id: caseId,
    revision: event.revision,
    status: after.status,
    office: after.office,
    assigned_to: after.assignedTo,
    // To the millisecond, as cursors have it.
    opened_at: toInstant(millis(after.openedAt)),
    country: countryOf(after),
    holds: [...new Set(after.holds.map(({ kind }) => kind))].sort(),
    due_at: earliestDue(after),
    minor_at_encounter: after.minorAtEncounter,
    age_disputed: after.ageDisputed,
    open_alerts: after.protectionAlerts.filter(({ answeredAt }) => answeredAt === null).length,
    minor: countsAsMinor(after),
    nationalities: after.applicant?.nationalities ?? [],
    follow_up_overdue: isSilent(after) && after.followUp.overdue.length > 0,
    family_key: plain(after.applicant?.familyName ?? ''),
  }));
  await tx.query(
    `INSERT INTO cases SELECT * FROM json_populate_recordset(NULL::cases, $1)
     ON CONFLICT (case_id) DO UPDATE SET
       revision = excluded.revision, status = excluded.status, office = excluded.office, assigned_to = excluded.assigned_to,
       opened_at = excluded.opened_at, country = excluded.country, holds = excluded.holds, due_at = excluded.due_at,
       minor_at_encounter = excluded.minor_at_encounter, age_disputed = excluded.age_disputed, open_alerts = excluded.open_alerts,
       minor = excluded.minor, nationalities = excluded.nationalities, follow_up_overdue = excluded.follow_up_overdue,
       family_key = excluded.family_key`,
    [JSON.stringify(rows)],
  );
}

const earliestDue = (asylumCase: AsylumCase): string | null =>
  deadlinesOf(asylumCase)
    .map(({ dueAt }) => dueAt)
    .reduce<string | null>((first, one) => (first === null || isBefore(one, first) ? one : first), null);

async function writePeople(renamed: ReadonlyMap<string, AsylumCase>, tx: Queryable): Promise<void> {
  const rows = [...renamed].flatMap(([caseId, { applicant, formerly }]) => {
    if (!applicant) return [];
    const { givenNames, familyName, alienNumber, birthDate } = applicant;
    const words = searchable({
      names: [...namesOf(applicant), ...formerly.names],
      alienNumbers: [...alienNumbersOf(applicant), ...formerly.alienNumbers],
    });
    const named = { case_id: caseId, given_names: givenNames, family_name: familyName, alien_number: alienNumber, words };
    // Of a year 0, which was taken once, whoever has it is found by all else.
    return [{ ...named, birth_date: isDay(birthDate) ? birthDate : null }];
  });
  // All of them first: of an erased person nothing may stay behind.
  await tx.query('DELETE FROM people WHERE case_id = ANY($1::uuid[])', [[...renamed.keys()]]);
  await tx.query(
    `INSERT INTO people SELECT case_id, given_names, family_name, alien_number, birth_date, folded,
       ledger.sounds(regexp_replace(folded, '[^ ]*[0-9][^ ]*', '', 'g'))
     FROM json_populate_recordset(NULL::people, $1), ledger.fold(words) AS folded`,
    [JSON.stringify(rows)],
  );
}
