/** Counted on the day of the event, as often as it happened. */
export const EVENTS = ['requested', 'accepted', 'refused', 'lapsed'] as const;
/** People of the cohort that arrived on the day, each once. */
export const PEOPLE = ['transferred', 'intended', 'applied', 'granted', 'denied', 'abandoned', 'onward', 'silent'] as const;

/** SQL: the nationality of the case `c`. */
export const NATIONALITY = `CASE WHEN c.nationality_unknown THEN 'unknown' WHEN c.nationalities = '{}' THEN 'stateless'
    ELSE (SELECT string_agg(DISTINCT one COLLATE "C", '+' ORDER BY one COLLATE "C") FROM unnest(c.nationalities) AS one) END`;

/** SQL: whether the fact `f` of the case `c` counts, by all that is known now. */
export const COUNTS = `f.fact <> 'heard' AND (f.fact <> 'silent' OR NOT (coalesce(c.died_at < f.happened_at, false) OR EXISTS (
        SELECT FROM {outcomes}.facts h WHERE h.case_id = f.case_id AND h.transfer_id = f.transfer_id
          AND h.fact NOT IN ('transferred', 'silent') AND h.happened_at < f.happened_at)))`;
