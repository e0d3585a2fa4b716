import type { Queryable } from '../../database/database.js';
import { DomainError } from '../../event-store/domain-error.js';
import { misfit, together } from '../../event-store/rule.js';
import { isMonthEnd, isMonthStart } from '../../fields/time.js';
import { SMALL, Suppression, type Cell, type Region } from '../../reporting/suppression.js';
import type { OutcomeFigures, OutcomesAsked, OutcomesOfGroup } from './outcomes.query.js';
import { EVENTS, PEOPLE, SPREAD_PEOPLE } from './outcomes.figures.js';

/** Groups that suppression knows; by others nothing is published. */
const PUBLISHED = ['month', 'nationality', 'country'] as const;
type Published = (typeof PUBLISHED)[number];
const isPublished = (by: string): by is Published => PUBLISHED.some(name => name === by);

const RELATIONS = {
  columns: [...EVENTS, ...PEOPLE],
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

/** Any other parts of months, one taken from another, would show what happened on single days. @throws DomainError `validation-failed` */
export function requirePublishable({ from, to, by = 'month' }: OutcomesAsked): void {
  const wrong = together(
    from !== undefined && !isMonthStart(from) && misfit('/from', 'invalid', 'must be the first day of a month for the public'),
    to !== undefined && !isMonthEnd(to) && misfit('/to', 'invalid', 'must be the last day of a month for the public'),
    !isPublished(by) && misfit('/by', 'invalid', `must be ${PUBLISHED.join(', ')} for the public`),
  );
  if (wrong instanceof DomainError) throw wrong;
}

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

/** The newest is kept: it is worked out once for all who ask while nothing that is counted changes. */
export class Suppressions {
  private kept?: { readonly of: string; readonly suppression: Promise<Suppression> };

  of(cells: readonly Cell[]): Promise<Suppression> {
    const of = JSON.stringify(cells);
    if (this.kept?.of !== of) this.kept = { of, suppression: Suppression.of(cells, RELATIONS) };
    return this.kept.suppression;
  }
}

/** The figures that the public may see; null for the rest. */
export function published(
  { rows, total }: { readonly rows: readonly OutcomesOfGroup[]; readonly total: OutcomeFigures },
  { country, from, to, by = 'month' }: OutcomesAsked,
  suppression: Suppression,
): { readonly rows: OutcomesOfGroup[]; readonly total: OutcomeFigures } {
  const all: Region = { country, from: from?.slice(0, 7), to: to?.slice(0, 7) };
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
const isSmall = (count: number | null): boolean => count !== null && count > 0 && count <= SMALL;

/** A row of the public's CSV: what is hidden is `*`, and empty is only what there is not. */
export const starred = (row: OutcomesOfGroup): object =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => [
      name,
      value === null && (name !== 'appliedRate' || isRateHidden(row)) ? '*' : value,
    ]),
  );
