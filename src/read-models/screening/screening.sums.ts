import type { Queryable } from '../../database/database.js';

/** Counted as often as they happen; the others are people, once for each agreement. */
const EVENTS = "('screened', 'returned')";
/** SQL: what of a fact its median is taken of, and how long it took, roughly: within a quarter of a doubling. */
const OF_MEDIAN = "CASE WHEN fact = 'submitted' THEN 'took-screening' WHEN fact IN ('confirmed', 'returned') THEN 'took-review' END";
const SIZE = 'floor(4 * ln(greatest(took_ms, 1)::float8) / ln(2::float8))::int';
/** SQL: the cases that are summed up. */
const TOUCHED = 'case_id = ANY ($1)';
const EVERY = 'true';
/** SQL: their facts; what has no country counts for all agreements alone. */
const factsOf = (
  which: string,
): string => `(SELECT case_id, fact, coalesce(ground, '') AS key, coalesce(country, '') AS country, day, took_ms FROM facts
    WHERE ${which}) AS f`;
/** SQL: each day on which somebody counts, and the last before on which the person counted for the same. */
const peopleOf = (
  which: string,
): string => `(SELECT *, lag(day) OVER (PARTITION BY case_id, country, fact, key ORDER BY day) AS since FROM (
    SELECT DISTINCT case_id, country, fact, key, day FROM ${factsOf(which)}
    WHERE fact IN ('exception', 'fear-expressed', 'fear-established')) AS days) AS people`;

// Whoever counts on several days is one person over all of them: of a range, those are taken away who count in it before.
export const SUMS = `
CREATE TABLE sums (
  day date NOT NULL,
  country text NOT NULL,
  fact text NOT NULL,
  key text NOT NULL,
  count int NOT NULL,
  PRIMARY KEY (day, country, fact, key)
);
COMMENT ON COLUMN sums.key IS 'the ground of an exception; of what a median is taken of, the size of how long it took';
CREATE INDEX ON sums (count) WHERE count = 0;

CREATE TABLE repeats (
  day date NOT NULL,
  since date NOT NULL,
  country text NOT NULL,
  fact text NOT NULL,
  key text NOT NULL,
  count int NOT NULL,
  PRIMARY KEY (day, since, country, fact, key)
);
COMMENT ON TABLE repeats IS 'how many people of a day counted for the same before, last on the other day';
CREATE INDEX ON repeats (count) WHERE count = 0;

CREATE TABLE took (
  fact text NOT NULL,
  size int NOT NULL,
  took_ms bigint NOT NULL,
  country text NOT NULL,
  day date NOT NULL,
  count int NOT NULL,
  PRIMARY KEY (fact, size, took_ms, country, day)
);
CREATE INDEX ON took (count) WHERE count = 0;
`;

const added = (which: string, times: string): readonly string[] => [
  `INSERT INTO sums SELECT day, country, fact, key, sum(count) * ${times} FROM (
     SELECT day, country, fact, '' AS key, 1 AS count FROM ${factsOf(which)} WHERE fact IN ${EVENTS}
     UNION ALL SELECT day, country, fact, key, 1 FROM ${peopleOf(which)}
     UNION ALL SELECT day, country, ${OF_MEDIAN}, ${SIZE}::text, 1 FROM ${factsOf(which)} WHERE took_ms IS NOT NULL) AS counted
   GROUP BY day, country, fact, key
   ON CONFLICT (day, country, fact, key) DO UPDATE SET count = sums.count + excluded.count`,
  `INSERT INTO repeats SELECT day, since, country, fact, key, count(*) * ${times} FROM ${peopleOf(which)} WHERE since IS NOT NULL
   GROUP BY day, since, country, fact, key
   ON CONFLICT (day, since, country, fact, key) DO UPDATE SET count = repeats.count + excluded.count`,
  `INSERT INTO took SELECT ${OF_MEDIAN}, ${SIZE}, took_ms, country, day, count(*) * ${times} FROM ${factsOf(which)}
   WHERE took_ms IS NOT NULL
   GROUP BY 1, 2, took_ms, country, day
   ON CONFLICT (fact, size, took_ms, country, day) DO UPDATE SET count = took.count + excluded.count`,
];

/** The sums of all cases, where there are none yet. */
export const SUMMED_UP = added(EVERY, '1').join(';');

/** Keeps the sums true while `change` changes the cases: what they counted for is taken away, and what they count for then is added. */
export async function summingUp(caseIds: readonly string[], tx: Queryable, change: () => Promise<void>): Promise<void> {
  if (caseIds.length === 0) return change();
  for (const sql of added(TOUCHED, '$2')) await tx.query(sql, [caseIds, -1]);
  await change();
  for (const sql of added(TOUCHED, '$2')) await tx.query(sql, [caseIds, 1]);
  for (const table of ['sums', 'repeats', 'took']) await tx.query(`DELETE FROM ${table} WHERE count = 0`);
}
