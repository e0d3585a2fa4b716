/** What is known of a sum of unknown numbers. */
export interface Known {
  readonly of: readonly number[];
  /** Unknowns that are taken away. */
  readonly less?: readonly number[];
  readonly is: 'equal' | 'at-most';
  readonly value: number;
}

/** A prime whose square still is an exact number. */
const P = 94_906_249;
const inverse = (n: number): number => {
  let [result, base, exponent] = [1, n, P - 2];
  for (; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
};

/** Where nothing bounds a number, so many are tried. */
const UNBOUNDED = 100;

/** Works out what it can of unknown whole numbers, none below its least, from sums of them alone. */
export class Attacker {
  private readonly rows = new Map<number, number[]>();
  readonly bounds: (readonly [least: number, most: number])[];

  constructor(
    private readonly least: readonly number[],
    private readonly known: readonly Known[],
  ) {
    for (const { of, less = [], is } of known) if (is === 'equal') this.take(this.vector(of, less));
    this.bounds = this.narrowed(least.map(from => [from, Infinity]));
  }

  /** Whether the sum follows from the equations, or from what each unknown can be at all. */
  knows(of: readonly number[]): boolean {
    if (this.reduced(this.vector(of, [])).every(part => part === 0)) return true;
    return of.every(index => this.bounds[index]?.[0] === this.bounds[index]?.[1]);
  }

  /** Tables that fit; for few unknowns. */
  *tables(bounds = this.bounds): Generator<readonly number[]> {
    const open = bounds.findIndex(([from, to]) => from !== to);
    const [from, to] = bounds[open] ?? [];
    if (from === undefined || to === undefined) return void (yield bounds.map(([only]) => only));
    for (let value = from; value <= Math.min(to, from + UNBOUNDED); value++) {
      const narrowed = this.narrowed(bounds.map((bound, index) => (index === open ? [value, value] : bound)));
      if (narrowed.every(([least, most]) => least <= most)) yield* this.tables(narrowed);
    }
  }

  private vector(of: readonly number[], less: readonly number[]): number[] {
    const vector = Array.from({ length: this.least.length }, () => 0);
    for (const index of of) vector[index] = (vector[index] as number) + 1;
    for (const index of less) vector[index] = ((vector[index] as number) + P - 1) % P;
    return vector;
  }

  private take(row: number[]): void {
    const rest = this.reduced(row);
    const pivot = rest.findIndex(part => part !== 0);
    if (pivot < 0) return;
    const by = inverse(rest[pivot] as number);
    this.rows.set(
      pivot,
      rest.map(part => (part * by) % P),
    );
  }

  private reduced(vector: readonly number[]): number[] {
    let rest = [...vector];
    for (let at = 0; at < rest.length; at++) {
      const [factor, row] = [rest[at] as number, this.rows.get(at)];
      if (factor !== 0 && row) rest = rest.map((part, index) => (part + (P - factor) * (row[index] as number)) % P);
    }
    return rest;
  }

  private narrowed(from: readonly (readonly [number, number])[]): (readonly [number, number])[] {
    const bounds = [...from];
    for (let changed = true; changed;) {
      changed = false;
      const narrow = (index: number, least: number, most: number): void => {
        const [low, high] = bounds[index] as readonly [number, number];
        if (least <= low && most >= high) return;
        bounds[index] = [Math.max(low, least), Math.min(high, most)];
        changed = true;
      };
      for (const { of, less = [], is, value } of this.known) {
        const sum = (indexes: readonly number[], which: 0 | 1): number =>
          indexes.reduce((total, index) => total + (bounds[index] as readonly [number, number])[which], 0);
        const [low, high] = [sum(of, 0) - sum(less, 1), sum(of, 1) - sum(less, 0)];
        if (is === 'equal' ? low > value || high < value : low > value) return bounds.map(() => [1, 0] as const);
        for (const index of of) {
          const [own, ownMost] = bounds[index] as readonly [number, number];
          if (low > -Infinity) narrow(index, -Infinity, value - (low - own));
          if (is === 'equal' && high < Infinity) narrow(index, value - (high - ownMost), Infinity);
        }
        for (const index of less) {
          const [own, ownMost] = bounds[index] as readonly [number, number];
          if (low + ownMost > -Infinity && ownMost < Infinity) narrow(index, low + ownMost - value, Infinity);
          if (is === 'equal' && high < Infinity) narrow(index, -Infinity, high + own - value);
        }
      }
      if (bounds.some(([least, most]) => least > most)) return bounds.map(() => [1, 0] as const);
    }
    return bounds;
  }
}
