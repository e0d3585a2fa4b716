/** One line of the table: what was measured, against which bar, and how near it is to its own limit. */
export interface Row {
  readonly what: string;
  readonly bar: string;
  readonly figure: string;
  /** To the limit that was taken in the same run. */
  readonly ratio: string;
  readonly met: boolean;
}

const HEAD = { what: 'what', bar: 'bar', figure: 'figure', ratio: 'ratio to its own limit' };
const COLUMNS = ['what', 'bar', 'figure', 'ratio'] as const;

export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(row => ({ ...row, figure: row.met ? row.figure : `${row.figure} (below the bar)` }))];
  const widths = COLUMNS.map(column => Math.max(...lines.map(line => line[column].length)));
  const written = lines.map(line => `| ${COLUMNS.map((column, index) => line[column].padEnd(widths[index] ?? 0)).join(' | ')} |`);
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`;
  return [written[0], rule, ...written.slice(1)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Milliseconds at the median of so many rounds, one after the other. @param warmUp rounds before that are not counted */
export async function medianOf(rounds: number, work: () => Promise<unknown>, warmUp = 0): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < rounds + warmUp; round++) {
    const begun = performance.now();
    await work();
    if (round >= warmUp) taken.push(performance.now() - begun);
  }
  return median(taken);
}

/** The value below which the share of all values lies. */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Tells how far a measurement has come. */
export type Say = (line: string) => void;

export const perSecond = (count: number): string => `${count < 10_000 ? count.toFixed(0) : `${(count / 1000).toFixed(1)}k`}/s`;
export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
