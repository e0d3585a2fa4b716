import type { Queryable } from '../../database/database.js';
import { COUNTS, EVENTS, heard, IS_PERSON, NATIONALITY, PEOPLE, UNLESS_HEARD } from './outcomes.figures.js';

const ALL = [...EVENTS, ...PEOPLE];
const PLACE = ['day', 'country', 'office', 'nationality', 'minor'].join(', ');

// Whom one column counts at several places is one person in their sum: such cases are counted from their facts, and are few.
export const SUMS = `
CREATE TABLE sums (
  day date NOT NULL,
  country text NOT NULL,
  office text NOT NULL,
  nationality text NOT NULL,
  minor boolean NOT NULL,
  ${ALL.map(fact => `${fact} int NOT NULL`).join(', ')},
  empty boolean NOT NULL GENERATED ALWAYS AS (${ALL.map(fact => `${fact} = 0`).join(' AND ')}) STORED,
  PRIMARY KEY (${PLACE})
);
COMMENT ON TABLE sums IS 'of all cases what happened to requests, of those not spread the people too';
CREATE INDEX ON sums (empty) WHERE empty;
`;

/** SQL: the cases that are summed up. */
const TOUCHED = 'case_id = ANY ($1)';
const EVERY = 'case_id IS NOT NULL';

const spread = (which: string): string => `
  WITH heard AS (${heard('facts', which)})
  UPDATE cases SET spread = NOT spread WHERE ${which} AND spread <> (case_id IN (
    SELECT f.case_id FROM facts f JOIN cases c USING (case_id) ${UNLESS_HEARD}
    WHERE f.${which} AND ${IS_PERSON} AND ${COUNTS}
    GROUP BY f.case_id, f.fact HAVING count(DISTINCT (f.day, f.country, f.office)) > 1))`;

const added = (which: string, times: string): string => `
  WITH heard AS (${heard('facts', which)}), counted AS (
    SELECT f.day, f.country, f.office, ${NATIONALITY} AS nationality, c.minor,
      ${EVENTS.map(fact => `count(*) FILTER (WHERE f.fact = '${fact}') AS ${fact}`).join(', ')},
      ${PEOPLE.map(fact => `bool_or(f.fact = '${fact}' AND NOT c.spread)::int AS ${fact}`).join(', ')}
    FROM facts f JOIN cases c USING (case_id) ${UNLESS_HEARD}
    WHERE f.${which} AND ${COUNTS} GROUP BY c.case_id, f.day, f.country, f.office
  )
  INSERT INTO sums SELECT ${PLACE}, ${ALL.map(fact => `sum(${fact}) * ${times}`).join(', ')} FROM counted GROUP BY ${PLACE}
  ON CONFLICT (${PLACE}) DO UPDATE SET ${ALL.map(fact => `${fact} = sums.${fact} + excluded.${fact}`).join(', ')}`;

const WITHOUT_EMPTY = 'DELETE FROM sums WHERE empty';

/** The sums of all cases, where there are none yet. */
export const SUMMED_UP = [spread(EVERY), added(EVERY, '1'), WITHOUT_EMPTY].join(';');

/** Keeps the sums true while `change` changes the cases: what they counted for is taken away, and what they count for then is added. */
export async function summingUp(caseIds: readonly string[], tx: Queryable, change: () => Promise<void>): Promise<void> {
  if (caseIds.length === 0) return change();
  await tx.query(added(TOUCHED, '$2'), [caseIds, -1]);
  await change();
  await tx.query(spread(TOUCHED), [caseIds]);
  await tx.query(added(TOUCHED, '$2'), [caseIds, 1]);
  await tx.query(WITHOUT_EMPTY);
}
