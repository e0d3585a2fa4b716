import { setImmediate } from 'node:timers/promises';

/** What people at one place are counted under: how many, and how many of them are counted there and nowhere else. */
export interface Cell {
  readonly month: string;
  readonly nationality: string;
  readonly country: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly alone: Readonly<Record<string, number>>;
}

/** What one figure of a report sums up; months `YYYY-MM`, both included. Without a part, all. */
export interface Region {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly nationality?: string | undefined;
  readonly country?: string | undefined;
}

/** What everybody knows of the columns. */
export interface Relations {
  readonly columns: readonly string[];
  /** Whom one column counts the other counts too: `applied` is part of `transferred`. */
  readonly partOf: Readonly<Record<string, string>>;
  /** Each ends at most one of the other, and not before it began: `accepted` ends a `requested`. */
  readonly ends: Readonly<Record<string, string>>;
}

/** Cells of 1 to this many are not for the public. */
export const SMALL = 4;

interface Change {
  readonly column: string;
  readonly cell: number;
  readonly by: 1 | -1;
}
/** How another table differs from the true one. */
type Doubt = readonly Change[];

interface Sensitive {
  readonly region: Region;
  /** Those in it that count anybody. */
  readonly cells: readonly number[];
}

/**
 * Which figures the public is not shown. Each small one is put in doubt by another table that could be the true one: its cells are
 * moved by one, none to or from 0, and all that is known of the columns still holds. Whatever differs between the two tables is hidden, so
 * what is shown fits both: however totals, months, ranges and reports are combined, every hidden figure could have another value.
 */
export class Suppression {
  private readonly doubts = new Map<string, Doubt[]>();
  private readonly touching = new Map<string, Doubt[]>();
  private readonly parts: readonly (readonly [part: string, whole: string])[];
  private readonly ends: readonly (readonly [end: string, begun: string])[];

  private readonly index: ReadonlyMap<string, number>;
  private readonly neighbours = new Map<string, number[]>();

  private constructor(
    private readonly cells: readonly Cell[],
    { partOf, ends }: Relations,
  ) {
    this.parts = Object.entries(partOf);
    this.ends = Object.entries(ends);
    this.index = new Map(cells.map((cell, index) => [placeOf(cell), index]));
    for (const [index, cell] of cells.entries()) for (const name of NEAR.map(near => near(cell))) listed(this.neighbours, name).push(index);
  }

  /**
   * Others have their turn in between: of years this takes a while.
   * @param cells one for each month, nationality and country, sorted by month: the same cells always lead to the same doubts
   */
  static async of(cells: readonly Cell[], relations: Relations): Promise<Suppression> {
    const suppression = new Suppression(cells, relations);
    for (const column of relations.columns)
      for (const [at, sensitive] of suppression.sensitive(column).entries()) {
        if (at % 20 === 0) await setImmediate();
        if (!suppression.isInDoubt(column, sensitive)) suppression.add(suppression.doubtOf(column, sensitive));
      }
    return suppression;
  }

  hides(column: string, region: Region): boolean {
    return (this.doubts.get(column) ?? []).some(doubt => this.differs(doubt, column, region));
  }

  /** Regions whose figure may be small, the widest first: what puts one in doubt may do so with those within it. */
  private sensitive(column: string): Sensitive[] {
    const counted = this.cells.flatMap((cell, index) => (this.count(column, index) > 0 ? [{ cell, index }] : []));
    const all = (of: (cell: Cell) => string): (string | undefined)[] => [undefined, ...new Set(counted.map(({ cell }) => of(cell)))];
    const found: Sensitive[] = [];
    for (const nationality of all(cell => cell.nationality))
      for (const country of all(cell => cell.country)) {
        const within = counted.filter(({ cell }) => contains({ nationality, country }, cell));
        const months = [...new Set(within.map(({ cell }) => cell.month))].sort();
        months.forEach((from, first) => {
          for (const to of months.slice(first)) {
            const region = { from, to, nationality, country };
            const cells = within.flatMap(({ cell, index }) => (contains(region, cell) ? [index] : []));
            if (this.leastOf(column, cells) > SMALL) break;
            found.push({ region, cells });
          }
        });
      }
    return found.sort((a, b) => b.cells.length - a.cells.length);
  }

  /** Who is counted in several cells is one person in their sum: it has at least so many. */
  private leastOf(column: string, cells: readonly number[]): number {
    const alone = cells.reduce((sum, index) => sum + (this.cells[index]?.alone[column] ?? 0), 0);
    return Math.max(alone, ...cells.map(index => this.count(column, index)));
  }

  private isInDoubt(column: string, { region, cells }: Sensitive): boolean {
    return cells.some(cell => this.touching.get(`${cell} ${column}`)?.some(doubt => this.differs(doubt, column, region)));
  }

  private differs(doubt: Doubt, column: string, region: Region): boolean {
    let sum = 0;
    for (const change of doubt) if (change.column === column && contains(region, this.cell(change.cell))) sum += change.by;
    return sum !== 0;
  }

  private add(doubt: Doubt): void {
    for (const column of new Set(doubt.map(change => change.column))) listed(this.doubts, column).push(doubt);
    for (const { cell, column } of doubt) listed(this.touching, `${cell} ${column}`).push(doubt);
  }

  private doubtOf(column: string, { region, cells }: Sensitive): Doubt {
    for (const [some, others] of this.exchanges(column, cells)) {
      if (!this.differs([...changes(column, some, 1), ...changes(column, others, -1)], column, region)) continue;
      const [doubt] = [...this.possible(column, some, others), ...this.possible(column, others, some)];
      if (doubt) return doubt;
    }
    const largest = cells.toSorted((a, b) => this.count(column, b) - this.count(column, a)).slice(0, 1);
    return this.possible(column, largest, [])[0] ?? changes(column, largest, 1);
  }

  /** Which cells may trade with which others, first those that change the fewest totals. */
  private *exchanges(column: string, cells: readonly number[]): Generator<readonly [some: number[], others: number[]]> {
    // A square keeps the totals of both months and of both nationalities.
    for (const x of cells)
      for (const corner of this.near(column, x, besides))
        for (const opposite of this.near(column, x, lineOf)) {
          const y = this.index.get(placeOf({ ...this.cell(opposite), nationality: this.cell(corner).nationality })) ?? -1;
          if (this.count(column, y) > 0)
            yield [
              [x, y],
              [corner, opposite],
            ];
        }
    for (const near of NEAR) for (const x of cells) for (const y of this.near(column, x, near)) yield [[x], [y]];
  }

  /** Those that count anybody: what is hidden already first, then the smallest. */
  private near(column: string, x: number, near: (cell: Cell) => string): number[] {
    const isShown = (cell: number): number => (this.touching.has(`${cell} ${column}`) ? 0 : 1);
    return (this.neighbours.get(near(this.cell(x))) ?? [])
      .filter(y => y !== x && this.count(column, y) > 0)
      .map(y => ({ y, shown: isShown(y), count: this.count(column, y) }))
      .sort((a, b) => a.shown - b.shown || a.count - b.count || a.y - b.y)
      .map(({ y }) => y);
  }

  /** The trade in the column alone; with what ends or is ended by it; each with what must go along because one is part of the other. */
  private possible(column: string, ups: readonly number[], downs: readonly number[]): Doubt[] {
    if (downs.some(cell => this.count(column, cell) < 2)) return [];
    const along = this.ends.flatMap(([end, begun]) => (end === column ? [begun] : begun === column ? [end] : []));
    const trade = (columns: readonly string[], up: readonly number[], down: readonly number[]): Change[] =>
      this.together(columns, up, down).flatMap(name => [...changes(name, up, 1), ...changes(name, down, -1)]);
    return [[], ...along.map(other => trade([other], this.meant(other, ups), this.meant(other, downs)))]
      .map(others => [...trade([column], ups, downs), ...others])
      .filter(doubt => this.couldBe(doubt));
  }

  /** What ended in a month may have begun in an earlier one. */
  private meant(column: string, cells: readonly number[]): number[] {
    return cells.map(cell => {
      const line = this.neighbours.get(lineOf(this.cell(cell))) ?? [];
      return line.findLast(other => other <= cell && this.count(column, other) > 0) ?? cell;
    });
  }

  private together(columns: readonly string[], ups: readonly number[], downs: readonly number[]): readonly string[] {
    const whole = new Set(columns);
    for (const name of whole)
      for (const [part, of] of this.parts) {
        if (part === name && ups.some(cell => this.count(part, cell) >= this.count(of, cell))) whole.add(of);
        if (of === name && downs.some(cell => this.count(part, cell) >= this.count(of, cell))) whole.add(part);
      }
    return [...whole];
  }

  /** What is 0 is shown as 0, and nobody is taken away who is counted elsewhere too. */
  private couldBe(doubt: Doubt): boolean {
    const changed = (column: string, cell: number): number =>
      doubt.reduce((sum, change) => (change.column === column && change.cell === cell ? sum + change.by : sum), this.count(column, cell));
    const touched = [...new Set(doubt.map(({ cell }) => cell))];
    return (
      doubt.every(
        ({ column, cell, by }) =>
          this.count(column, cell) > 0 && changed(column, cell) > 0 && (by > 0 || (this.cells[cell]?.alone[column] ?? 0) > 0),
      ) &&
      touched.every(cell => this.parts.every(([part, whole]) => changed(part, cell) <= changed(whole, cell))) &&
      (!doubt.some(({ column }) => this.ends.some(names => names.includes(column))) ||
        touched.every(cell => this.endsNoneTooMany(this.cell(cell), changed)))
    );
  }

  private endsNoneTooMany(cell: Cell, changed: (column: string, cell: number) => number): boolean {
    const line = this.neighbours.get(lineOf(cell)) ?? [];
    return [...new Set(this.ends.map(([, begun]) => begun))].every(begun => {
      const its = this.ends.flatMap(([end, of]) => (of === begun ? [end] : []));
      const open = (count: (column: string, cell: number) => number): number[] => {
        let sum = 0;
        return line.map(cell => (sum += count(begun, cell) - its.reduce((ended, end) => ended + count(end, cell), 0)));
      };
      const now = open((column, cell) => this.count(column, cell));
      return open(changed).every((left, index) => left >= Math.min(0, now[index] ?? 0));
    });
  }

  private cell(index: number): Cell {
    return this.cells[index] as Cell;
  }

  private count(column: string, cell: number): number {
    return this.cells[cell]?.counts[column] ?? 0;
  }
}

const changes = (column: string, cells: readonly number[], by: 1 | -1): Change[] => cells.map(cell => ({ column, cell, by }));

const placeOf = ({ month, nationality, country }: Pick<Cell, 'month' | 'nationality' | 'country'>): string =>
  `${month} ${nationality} ${country}`;
const besides = ({ month, country }: Cell): string => `${month} in ${country}`;
const lineOf = ({ nationality, country }: Cell): string => `${nationality} to ${country}`;
/** What two cells may have in common, first that which leaves most totals as they are when they trade. */
const NEAR = [
  besides,
  lineOf,
  ({ month, nationality }: Cell): string => `${month} of ${nationality}`,
  ({ country }: Cell): string => `all in ${country}`,
  (): string => 'all',
];

const contains = ({ from, to, nationality, country }: Region, cell: Cell): boolean =>
  (from === undefined || cell.month >= from) &&
  (to === undefined || cell.month <= to) &&
  (nationality === undefined || cell.nationality === nationality) &&
  (country === undefined || cell.country === country);

function listed<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
