import type { AgreementEvent } from '../../agreements/agreement.events.js';
import { agreementStream, type Agreement } from '../../agreements/agreement.state.js';
import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { caseStream } from '../../cases/case.stream.js';
import { deadlinesOf, isSilent } from '../../cases/deadlines.state.js';
import type { Queryable } from '../../database/database.js';
import { uuidV5 } from '../../event-store/command-identity.js';
import { idOf } from '../../event-store/event-store.js';
import { millis, toInstant } from '../../fields/time.js';
import { changesOf, spansOf, type Change, type Projection } from '../../projecting/projection.js';

// Follow-ups depend on two streams: they are worked out again from `arrivals` and `follow_up` when either moves.
const tables = `
CREATE TABLE deadlines (
  deadline_id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  kind text NOT NULL,
  milestone text,
  due_at timestamptz NOT NULL,
  office text NOT NULL,
  assigned_to text
);
CREATE INDEX ON deadlines (case_id);
CREATE INDEX ON deadlines (due_at, deadline_id);
CREATE INDEX ON deadlines (office, due_at, deadline_id);

CREATE TABLE arrivals (
  case_id uuid PRIMARY KEY,
  transfer_id uuid NOT NULL,
  country text NOT NULL,
  arrived_at timestamptz NOT NULL,
  silent boolean NOT NULL,
  overdue text[] NOT NULL,
  office text NOT NULL,
  assigned_to text
);
CREATE INDEX ON arrivals (country);

CREATE TABLE follow_up (
  country text PRIMARY KEY,
  milestones text[] NOT NULL
);
COMMENT ON TABLE follow_up IS 'of the newest rule set of each agreement';
`;

type CaseChange = Change<AsylumCase, CaseEvent>;
type AgreementChange = Change<Agreement, AgreementEvent>;

/** "What is due, when, and whose is it?" */
export const deadlinesProjection: Projection = {
  name: 'deadlines',
  version: 1,
  tables,
  categories: [caseStream.category, agreementStream.category],
  async project(changes, tx) {
    const cases = latestByCase(changesOf(caseStream, changes));
    const countries = await writeRules(changesOf(agreementStream, changes), tx);
    if (cases.size > 0) await writeCases(cases, tx);
    if (cases.size > 0 || countries.length > 0) await writeFollowUps([...cases.keys()], countries, tx);
  },
};

/** Only of cases of which something changed that a deadline depends on. */
const latestByCase = (changes: readonly CaseChange[]): Map<string, AsylumCase> =>
  new Map(
    [...spansOf(changes)]
      .filter(([, { before, after }]) => dependsOn(before) !== dependsOn(after))
      .map(([stream, { after }]) => [idOf(stream), after]),
  );

const dependsOn = (asylumCase: AsylumCase): string => {
  const { office, assignedTo, transfer, followUp } = asylumCase;
  return JSON.stringify([
    office,
    assignedTo,
    deadlinesOf(asylumCase),
    isSilent(asylumCase),
    transfer?.transferId,
    transfer?.arrivedAt,
    followUp.overdue,
  ]);
};

async function writeCases(cases: ReadonlyMap<string, AsylumCase>, tx: Queryable): Promise<void> {
  const entries = [...cases];
  await tx.query('DELETE FROM deadlines WHERE case_id = ANY($1::uuid[])', [[...cases.keys()]]);
  await insertDeadlines(
    tx,
    entries.flatMap(([caseId, after]) =>
      deadlinesOf(after).map(({ deadlineId, kind, dueAt }) => ({
        deadline_id: deadlineId,
        case_id: caseId,
        kind,
        milestone: null,
        due_at: dueAt,
        office: after.office,
        assigned_to: after.assignedTo,
      })),
    ),
  );
  const arrivals = entries.flatMap(([caseId, after]) => {
    const { transferId, country, arrivedAt } = after.transfer ?? {};
    if (!transferId || !arrivedAt) return [];
    const {
      office,
      assignedTo,
      followUp: { overdue },
    } = after;
    // To the millisecond, as cursors have what is counted from it.
    const arrived_at = toInstant(millis(arrivedAt));
    return [
      { case_id: caseId, transfer_id: transferId, country, arrived_at, silent: isSilent(after), overdue, office, assigned_to: assignedTo },
    ];
  });
  await tx.query(
    `INSERT INTO arrivals SELECT * FROM json_populate_recordset(NULL::arrivals, $1)
     ON CONFLICT (case_id) DO UPDATE SET
       transfer_id = excluded.transfer_id, country = excluded.country, arrived_at = excluded.arrived_at, silent = excluded.silent,
       overdue = excluded.overdue, office = excluded.office, assigned_to = excluded.assigned_to`,
    [JSON.stringify(arrivals)],
  );
  // Requested anew: the arrival before is over.
  const gone = entries.filter(([, after]) => !after.transfer?.transferId).map(([caseId]) => caseId);
  await tx.query('DELETE FROM arrivals WHERE case_id = ANY($1::uuid[])', [gone]);
}

/** The countries whose follow-up is another now. */
async function writeRules(changes: readonly AgreementChange[], tx: Queryable): Promise<string[]> {
  const milestones = new Map(changes.map(({ event, after }) => [idOf(event.stream), after.ruleSet?.followUp ?? []]));
  if (milestones.size === 0) return [];
  const { rows } = await tx.query<{ country: string }>(
    `INSERT INTO follow_up SELECT * FROM json_populate_recordset(NULL::follow_up, $1)
     ON CONFLICT (country) DO UPDATE SET milestones = excluded.milestones WHERE follow_up.milestones <> excluded.milestones
     RETURNING country`,
    [JSON.stringify([...milestones].map(([country, durations]) => ({ country, milestones: durations })))],
  );
  return rows.map(({ country }) => country);
}

async function writeFollowUps(caseIds: readonly string[], countries: readonly string[], tx: Queryable): Promise<void> {
  const concerned = '(a.case_id = ANY($1::uuid[]) OR a.country = ANY($2::text[]))';
  await tx.query(`DELETE FROM deadlines d USING arrivals a WHERE d.case_id = a.case_id AND d.kind = 'follow-up' AND ${concerned}`, [
    caseIds,
    countries,
  ]);
  // Counted in UTC: a day added in the session's own time zone might have 23 hours.
  const { rows } = await tx.query<{
    caseId: string;
    transferId: string;
    milestone: string;
    dueAt: Date;
    office: string;
    assignedTo: string | null;
  }>(
    `SELECT a.case_id AS "caseId", a.transfer_id AS "transferId", milestone, a.office, a.assigned_to AS "assignedTo",
       (a.arrived_at AT TIME ZONE 'UTC' + milestone::interval) AT TIME ZONE 'UTC' AS "dueAt"
     FROM arrivals a JOIN follow_up f USING (country) CROSS JOIN unnest(f.milestones) AS milestone
     WHERE a.silent AND milestone <> ALL (a.overdue) AND ${concerned}`,
    [caseIds, countries],
  );
  await insertDeadlines(
    tx,
    rows.map(({ caseId, transferId, milestone, dueAt, office, assignedTo }) => ({
      deadline_id: uuidV5(milestone, transferId),
      case_id: caseId,
      kind: 'follow-up',
      milestone,
      due_at: dueAt,
      office,
      assigned_to: assignedTo,
    })),
  );
}

async function insertDeadlines(tx: Queryable, rows: readonly object[]): Promise<void> {
  if (rows.length > 0)
    await tx.query('INSERT INTO deadlines SELECT * FROM json_populate_recordset(NULL::deadlines, $1) ON CONFLICT DO NOTHING', [
      JSON.stringify(rows),
    ]);
}
