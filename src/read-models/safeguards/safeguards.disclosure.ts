import type { Queryable } from '../../database/database.js';
import type { Cell } from '../../reporting/suppression.js';

/** Under the longest hold stands one person. */
export const NEVER_PUBLISHED = ['longestOpenHours'];

/** All else stands side by side: of a departure that was blocked twice over there is no figure but under each check. */
export const RELATIONS = { partOf: { 'protectionAlerts.open': 'protectionAlerts.raised' }, ends: {} };

const CELLS = `
  WITH counted AS (
    SELECT to_char(day, 'YYYY-MM') AS month, coalesce(country, '') AS country, fact, code, count(*) AS count,
      count(*) FILTER (WHERE fact = 'alert' AND closed_at IS NULL) AS open
    FROM {safeguards}.facts GROUP BY 1, 2, fact, code
  ), cells AS (
    SELECT month, country, figure, sum(number) AS count FROM counted, LATERAL (VALUES
      (CASE fact WHEN 'refusal' THEN 'refusals.' || code WHEN 'blocked' THEN 'blockedDepartures.' || code WHEN 'hold' THEN 'holds.' || code
        WHEN 'irregular' THEN 'irregularDepartures' WHEN 'alert' THEN 'protectionAlerts.raised'
        WHEN 'unconsented' THEN 'disclosuresWithoutConsent' ELSE 'duplicatesMerged' END, count),
      ('protectionAlerts.open', open)) AS each (figure, number)
    WHERE number > 0 GROUP BY month, country, figure
  )
  SELECT month, '' AS nationality, country, json_object_agg(figure, count ORDER BY figure COLLATE "C") AS counts,
    json_object_agg(figure, count ORDER BY figure COLLATE "C") AS alone
  FROM cells GROUP BY month, country ORDER BY month COLLATE "C", country COLLATE "C"`;

/** All that is counted, whatever is asked for, so that no two answers of one position tell more than each alone. */
export const cellsOf = async (tx: Queryable): Promise<readonly Cell[]> => (await tx.query<Cell>(CELLS)).rows;
