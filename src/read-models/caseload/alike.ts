import { type Asker, type CaseNarrowing, narrowed } from './case-filter.js';

/** So many are shown that are only alike, and looked at to find them. */
const MOST_ALIKE = 20;
const LOOKED_AT = 200;

/**
 * The statement that finds cases of people whose names sound or look like those asked for, the nearest first, but for `known`.
 * Each name sounds like one of the person's, or, where not enough do, differs from one by a letter, or by two where it is long.
 */
export function alike(names: readonly string[], filter: CaseNarrowing, asker: Asker, known: readonly string[]) {
  const sql = narrowed(filter, asker);
  sql.add('case_id <> ALL (?::uuid[])', known);
  const [first = ''] = names;
  const letters = Array.from(first);
  const half = Math.ceil(letters.length / 2);
  const folded = (text: string): string => `ledger.fold(${sql.value(text)})`;
  const sounding = names.map(name => `sounds && ledger.sounds(${folded(name)})`).join(' AND ');
  const looking = `(words LIKE ${folded(`% ${letters.slice(0, half).join('')}%`)}
    OR words LIKE ${folded(`%${letters.slice(half).join('')} %`)})`;
  const asked = sql.value(names);
  // People first, by what they are called: the limit would have the planner read people in the order of their ids instead.
  const from = (who: string): string => `SELECT case_id, words
    FROM (SELECT case_id, words FROM {caseload}.people WHERE ${who} OFFSET 0) AS p JOIN {caseload}.cases USING (case_id) ${sql.where()}`;
  const text = `
    WITH asked AS MATERIALIZED (SELECT ledger.fold(name) AS name FROM unnest(${asked}::text[]) AS name),
    sounding AS (${from(sounding)} LIMIT ${LOOKED_AT}),
    looking AS (${from(`(SELECT count(*) FROM sounding) < ${LOOKED_AT} AND ${looking}`)} LIMIT ${LOOKED_AT}),
    found AS (
      SELECT case_id, words, true AS sounds FROM sounding UNION ALL SELECT case_id, words, false FROM looking
      WHERE case_id NOT IN (SELECT case_id FROM sounding)),
    measured AS (
      SELECT case_id, sounds, min(nearest) AS nearness, max(fewest - CASE WHEN length(name) < 8 THEN 1 ELSE 2 END) AS beyond
      FROM found, LATERAL (
        SELECT name, max(ledger.similarity(own, name)) AS nearest, min(ledger.edits(own, name, 2)) AS fewest
        FROM asked, unnest(string_to_array(trim(words), ' ')) AS own GROUP BY name) AS each
      GROUP BY case_id, sounds)
    SELECT case_id AS "caseId" FROM measured WHERE sounds OR beyond <= 0 ORDER BY nearness DESC, case_id LIMIT ${MOST_ALIKE}`;
  return { text, values: sql.values };
}
