import type { CaseEvent } from '../../cases/case.events.js';
import type { AsylumCase } from '../../cases/case.state.js';
import { countryOf } from '../../cases/standing.state.js';
import { deadlinesOf, isSilent } from '../../cases/deadlines.state.js';
import { idOf } from '../../event-store/event-store.js';
import { isBefore } from '../../fields/time.js';
import { spansOf, type Change, type Projection } from '../../projecting/projection.js';

const tables = `
CREATE TABLE cases (
  case_id uuid PRIMARY KEY,
  office text NOT NULL,
  caseworker text,
  country text,
  opened_at timestamptz NOT NULL,
  open boolean NOT NULL,
  due_at timestamptz,
  follow_up_overdue boolean NOT NULL
);
COMMENT ON COLUMN cases.due_at IS 'the earliest of what somebody must do';

CREATE TABLE as_of (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position text COLLATE "C" NOT NULL,
  recorded_at timestamptz
);
COMMENT ON TABLE as_of IS 'the newest event of a case that the figures reflect: time is measured there, never now';
INSERT INTO as_of (position) VALUES ('');
`;

/** "Who has how much to do, and what is late?" Nothing in it is personal to an applicant. */
export const workloadProjection: Projection<AsylumCase, CaseEvent> = {
  name: 'workload',
  version: 2,
  tables,
  completion: 'CREATE INDEX ON cases (office, caseworker) WHERE open',
  ofAllStreams: ['as_of'],
  categories: ['case'],
  async project(changes, tx) {
    const rows = changedRows(changes);
    if (rows.length > 0)
      await tx.query(
        `INSERT INTO cases SELECT * FROM json_populate_recordset(NULL::cases, $1)
         ON CONFLICT (case_id) DO UPDATE SET
           office = excluded.office, caseworker = excluded.caseworker, country = excluded.country, opened_at = excluded.opened_at,
           open = excluded.open, due_at = excluded.due_at, follow_up_overdue = excluded.follow_up_overdue`,
        [`[${rows.join(',')}]`],
      );
    const newest = changes.at(-1);
    await tx.query('UPDATE as_of SET position = $1, recorded_at = $2 WHERE position < $1', [
      newest?.position ?? '',
      newest?.event.metadata.recordedAt,
    ]);
  },
};

/** As JSON; none of a case of which nothing changed that is kept here: with most events a row would be rewritten as it was. */
function changedRows(changes: readonly Change<AsylumCase, CaseEvent>[]): string[] {
  return [...spansOf(changes)].flatMap(([stream, { before, after }]) => {
    const caseId = idOf(stream);
    const row = rowOf(caseId, after);
    return row === rowOf(caseId, before) ? [] : [row];
  });
}

const rowOf = (caseId: string, asylumCase: AsylumCase): string =>
  JSON.stringify({
    case_id: caseId,
    office: asylumCase.office,
    caseworker: asylumCase.assignedTo,
    country: countryOf(asylumCase),
    opened_at: asylumCase.openedAt,
    open: asylumCase.status !== 'closed',
    due_at: earliestDue(asylumCase),
    follow_up_overdue: isSilent(asylumCase) && asylumCase.followUp.overdue.length > 0,
  });

const earliestDue = (asylumCase: AsylumCase): string | null =>
  deadlinesOf(asylumCase)
    .map(({ dueAt }) => dueAt)
    .reduce<string | null>((first, one) => (first === null || isBefore(one, first) ? one : first), null);
