/** Counted on the day of the event, as often as it happened. */
export const EVENTS = ['requested', 'accepted', 'refused', 'lapsed'] as const;
/** People of the cohort that arrived on the day, each once. */
export const PEOPLE = ['transferred', 'intended', 'applied', 'granted', 'denied', 'abandoned', 'onward', 'silent'] as const;

/** SQL: the nationality of the case `c`. */
export const NATIONALITY = `CASE WHEN c.nationality_unknown THEN 'unknown' WHEN c.nationalities = '{}' THEN 'stateless'
    ELSE (SELECT string_agg(DISTINCT one COLLATE "C", '+' ORDER BY one COLLATE "C") FROM unnest(c.nationalities) AS one) END`;

const listed = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ');
export const IS_PERSON = `f.fact IN (${listed(PEOPLE)})`;

/** SQL: when somebody was first heard of after an arrival, of the cases of whom `which` holds. */
export const heard = (facts: string, which: string): string => `SELECT case_id, transfer_id, min(happened_at) AS first FROM ${facts}
    WHERE transfer_id IS NOT NULL AND fact NOT IN ('transferred', 'silent') AND ${which} GROUP BY case_id, transfer_id`;
export const UNLESS_HEARD = "LEFT JOIN heard ON f.fact = 'silent' AND heard.case_id = f.case_id AND heard.transfer_id = f.transfer_id";
/** SQL: whether the fact `f` of the case `c` counts, by all that is known now: nobody is silent who was heard of or died before. */
export const COUNTS = `f.fact <> 'heard'
      AND (f.fact <> 'silent' OR NOT (coalesce(c.died_at < f.happened_at, false) OR coalesce(heard.first < f.happened_at, false)))`;

/** SQL: each figure of people whose sums stand nowhere, once for each day, country and office. */
export const SPREAD_PEOPLE = `
    WITH heard AS (${heard('{outcomes}.facts', 'case_id IN (SELECT case_id FROM {outcomes}.cases WHERE spread)')})
    SELECT f.case_id, f.fact, f.day, f.country, f.office, ${NATIONALITY} AS nationality, c.minor
    FROM {outcomes}.cases c JOIN {outcomes}.facts f USING (case_id) ${UNLESS_HEARD}
    WHERE c.spread AND ${IS_PERSON} AND ${COUNTS}`;
