import { DomainError } from '../event-store/domain-error.js';
import { misfit, together } from '../event-store/rule.js';
import { isMonthEnd, isMonthStart } from '../fields/time.js';
import { ReadModelBehind } from '../projecting/read-models.js';
import { SMALL, Suppression, type Cell, type Region, type Relations } from './suppression.js';

interface Asked {
  readonly from?: string;
  readonly to?: string;
  readonly country?: string;
}

/**
 * Any other parts of months, one taken from another, would show what happened on single days.
 * @param more what else is asked and not published
 * @throws DomainError `validation-failed`
 */
export function requireWholeMonths({ from, to }: Asked, ...more: readonly (DomainError | false)[]): void {
  const wrong = together(
    from !== undefined && !isMonthStart(from) && misfit('/from', 'invalid', 'must be the first day of a month for the public'),
    to !== undefined && !isMonthEnd(to) && misfit('/to', 'invalid', 'must be the last day of a month for the public'),
    ...more,
  );
  if (wrong instanceof DomainError) throw wrong;
}

/** Once repaired, there would be two answers of one position, which together tell more than either. @throws ReadModelBehind */
export function requireWhole(name: string, parked: number): void {
  if (parked > 0) throw new ReadModelBehind(`The read model ${name} holds cases back: nothing is published without them.`);
}

/** The newest is kept: it is worked out once for all who ask while nothing that is counted changes. */
export class Suppressions {
  private kept?: { readonly of: string; readonly suppression: Promise<Suppression> };

  constructor(private readonly relations: Omit<Relations, 'columns'>) {}

  /** @param cells all that is counted, whatever is asked for, so that no two answers of one position tell more than each alone */
  of(cells: readonly Cell[]): Promise<Suppression> {
    const of = JSON.stringify(cells);
    const columns = [...new Set(cells.flatMap(({ counts }) => Object.keys(counts)))].sort();
    if (this.kept?.of !== of) this.kept = { of, suppression: Suppression.of(cells, { ...this.relations, columns }) };
    return this.kept.suppression;
  }
}

export const isSmall = (count: number | null): boolean => count !== null && count > 0 && count <= SMALL;

export const regionOf = ({ country, from, to }: Asked): Region => ({ country, from: from?.slice(0, 7), to: to?.slice(0, 7) });

/**
 * The figures that the public may see; null for the rest.
 * @param figures in which a number within another object is of the column `outer.inner`
 * @param never columns that are of single people
 */
export function published<F extends object>(figures: F, region: Region, suppression: Suppression, never: readonly string[]): F {
  return mapped(figures, '', (column, value) =>
    never.includes(column) || (typeof value === 'number' && (isSmall(value) || suppression.hides(column, region))) ? null : value,
  ) as F;
}

/** In the public's CSV what is hidden is `*`. */
export const starred = (figures: object): object => mapped(figures, '', (_, value) => value ?? '*');

const mapped = (figures: object, prefix: string, change: (column: string, value: unknown) => unknown): object =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'object' && value !== null ? mapped(value, `${prefix}${name}.`, change) : change(`${prefix}${name}`, value),
    ]),
  );
