import type { AsylumCase } from '../../cases/case.state.js';
import { BY_NAME, BY_NUMBER } from './likeness.js';

export const BASES = ['alien-number', 'name'] as const;
export const STANDINGS = ['open', 'dismissed', 'merged'] as const;

/** Another file, as far as it is like one's own. */
export interface LookAlike {
  readonly caseId: string;
  readonly byNumber: boolean;
  readonly byName: boolean;
  /** Whether it is closed as a duplicate, of whatever file. */
  readonly isDuplicate: boolean;
}

/** In SQL, as JSON, the files of any office that look like the same person's as the case `own.case_id`. */
export const LOOK_ALIKES = `(SELECT coalesce(json_agg(alike ORDER BY "caseId"), '[]') FROM (
  SELECT other.case_id AS "caseId", ${BY_NUMBER} AS "byNumber", ${BY_NAME} AS "byName",
    cases.state::json ->> 'duplicateOf' IS NOT NULL AS "isDuplicate"
  FROM {case-file}.people AS own
    JOIN {case-file}.people AS other ON own.keys && other.keys AND own.case_id <> other.case_id
    JOIN {case-file}.cases ON cases.case_id = other.case_id
  WHERE own.case_id = $1
) AS alike WHERE "byNumber" OR "byName")`;

/** What was said of the two: that they are not of one person, or, by closing one of them, that they are. */
export function standingOf(
  { duplicates, duplicateOf, merged }: Pick<AsylumCase, 'duplicates' | 'duplicateOf' | 'merged'>,
  { caseId, isDuplicate }: LookAlike,
): (typeof STANDINGS)[number] {
  if (isDuplicate || duplicateOf === caseId || merged.includes(caseId)) return 'merged';
  return duplicates[caseId]?.standing ?? 'open';
}
