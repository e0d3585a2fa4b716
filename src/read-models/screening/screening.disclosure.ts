import type { Queryable } from '../../database/database.js';
import type { Cell } from '../../reporting/suppression.js';

/** A median may be how long it took one person. */
export const NEVER_PUBLISHED = ['medianHours.screening', 'medianHours.review'];

/** What is established was told before, as nearly always: the rest of the columns stand side by side. */
export const RELATIONS = { partOf: {}, ends: { fearEstablished: 'fearExpressed' } };

// Who counts on two days is taken off once where both are of one month, and is of neither month alone where they are not.
const CELLS = `
  WITH named AS (
    SELECT day, country, count, NULL::date AS since, fact, key FROM {screening}.sums WHERE fact NOT LIKE 'took-%'
    UNION ALL SELECT day, country, count, since, fact, key FROM {screening}.repeats
  ), counted AS (
    SELECT to_char(day, 'YYYY-MM') AS month, to_char(since, 'YYYY-MM') AS since, country, count,
      CASE fact WHEN 'exception' THEN 'exceptions.' || key WHEN 'fear-expressed' THEN 'fearExpressed'
        WHEN 'fear-established' THEN 'fearEstablished' ELSE fact END AS figure
    FROM named
  ), placed AS (
    SELECT month, country, figure, count, count AS alone FROM counted WHERE since IS NULL
    UNION ALL SELECT month, country, figure, CASE WHEN since = month THEN -count ELSE 0 END, -count FROM counted WHERE since IS NOT NULL
    UNION ALL SELECT since, country, figure, 0, -count FROM counted WHERE since <> month
  ), cells AS (
    SELECT month, country, figure, sum(count) AS count, greatest(sum(alone), 0) AS alone FROM placed GROUP BY month, country, figure
  )
  SELECT month, '' AS nationality, country, json_object_agg(figure, count ORDER BY figure COLLATE "C") AS counts,
    json_object_agg(figure, alone ORDER BY figure COLLATE "C") AS alone
  FROM cells GROUP BY month, country ORDER BY month COLLATE "C", country COLLATE "C"`;

/** All that is counted, whatever is asked for, so that no two answers of one position tell more than each alone. */
export const cellsOf = async (tx: Queryable): Promise<readonly Cell[]> => (await tx.query<Cell>(CELLS)).rows;
