import type { Queryable } from '../../database/database.js';
import { misfit } from '../../event-store/rule.js';
import { isSmall, regionOf, requireWholeMonths } from '../../reporting/publishing.js';
import type { Cell, Region, Suppression } from '../../reporting/suppression.js';
import type { OutcomeFigures, OutcomesAsked, OutcomesOfGroup } from './outcomes.query.js';
import { EVENTS, PEOPLE, SPREAD_PEOPLE } from './outcomes.figures.js';

/** Groups that suppression knows; by others nothing is published. */
const PUBLISHED = ['month', 'nationality', 'country'] as const;
type Published = (typeof PUBLISHED)[number];
const isPublished = (by: string): by is Published => PUBLISHED.some(name => name === by);

/** What everybody knows of the columns. */
export const RELATIONS = {
  partOf: {
    intended: 'transferred',
    applied: 'transferred',
    onward: 'transferred',
    silent: 'transferred',
    granted: 'applied',
    denied: 'applied',
    abandoned: 'applied',
  },
  ends: { accepted: 'requested', refused: 'requested', lapsed: 'requested' },
};

/** @throws DomainError `validation-failed` */
export const requirePublishable = ({ by = 'month', ...asked }: OutcomesAsked): void =>
  requireWholeMonths(asked, !isPublished(by) && misfit('/by', 'invalid', `must be ${PUBLISHED.join(', ')} for the public`));

const CELLS = `
  WITH spread AS (${SPREAD_PEOPLE}),
  people AS (SELECT DISTINCT case_id, fact, to_char(day, 'YYYY-MM') AS month, nationality, country FROM spread),
  placed AS (
    SELECT month, nationality, country, fact, 1 AS count, (count(*) OVER (PARTITION BY case_id, fact) = 1)::int AS alone FROM people
    UNION ALL SELECT to_char(day, 'YYYY-MM'), nationality, country, fact, count, count FROM {outcomes}.sums
      CROSS JOIN LATERAL (VALUES ${[...EVENTS, ...PEOPLE].map(fact => `('${fact}', ${fact})`).join(', ')}) AS each (fact, count)
      WHERE count > 0
  ), cells AS (
    SELECT month, nationality, country, fact, sum(count) AS count, sum(alone) AS alone FROM placed GROUP BY 1, 2, 3, 4
  )
  SELECT month, nationality, country, json_object_agg(fact, count) AS counts, json_object_agg(fact, alone) AS alone FROM cells
  GROUP BY month, nationality, country ORDER BY month COLLATE "C", nationality COLLATE "C", country COLLATE "C"`;

/** All that is counted, whatever is asked for, so that no two answers of one position tell more than each alone. */
export const cellsOf = async (tx: Queryable): Promise<readonly Cell[]> => (await tx.query<Cell>(CELLS)).rows;

/** The figures that the public may see; null for the rest. */
export function published(
  { rows, total }: { readonly rows: readonly OutcomesOfGroup[]; readonly total: OutcomeFigures },
  { by = 'month', ...asked }: OutcomesAsked,
  suppression: Suppression,
): { readonly rows: OutcomesOfGroup[]; readonly total: OutcomeFigures } {
  const all = regionOf(asked);
  const within = (group: string): Region => (by === 'month' ? { ...all, from: group, to: group } : { ...all, [by]: group });
  return {
    rows: rows.map(({ group, ...figures }) => ({ group, ...shown(figures, within(group), suppression) })),
    total: shown(total, all, suppression),
  };
}

function shown(figures: OutcomeFigures, region: Region, suppression: Suppression): OutcomeFigures {
  const hidden = [...EVENTS, ...PEOPLE].filter(column => isSmall(figures[column]) || suppression.hides(column, region));
  const left: OutcomeFigures = { ...figures, ...Object.fromEntries(hidden.map(column => [column, null])) };
  return isRateHidden(left) ? { ...left, appliedRate: null } : left;
}

const isRateHidden = ({ applied, transferred }: OutcomeFigures): boolean => applied === null || transferred === null;

/** A row of the public's CSV: what is hidden is `*`, and empty is only what there is not. */
export const starred = (row: OutcomesOfGroup): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => [
      name,
      value === null && (name !== 'appliedRate' || isRateHidden(row)) ? '*' : value,
    ]),
  );
