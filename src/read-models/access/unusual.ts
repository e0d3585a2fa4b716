/** What somebody opened in a period: how many files by each measure. */
export interface Opened {
  readonly sub: string;
  readonly role: string;
  readonly counts: Readonly<Record<Measure, number>>;
}

export const MEASURES = ['files', 'other-offices', 'no-purpose'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Compared {
  readonly sub: string;
  readonly role: string;
  readonly measure: Measure;
  readonly count: number;
  /** Of the others of the role. */
  readonly median: number;
  readonly spread: number;
  /** How many spreads the count lies above the median. */
  readonly score: number;
  /** How many times the median it is; null where that is 0. */
  readonly times: number | null;
  readonly others: number;
}

/** With fewer others nobody is compared: their median would be one person's week. */
export const FEWEST_OTHERS = 5;
/** Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993). */
const FAR = 3.5;
/** What a median absolute deviation of normal figures is multiplied with to be their standard deviation. */
const AS_DEVIATION = 1.4826;

/** Those who opened far more than the others of their role, the furthest first. */
export const farAbove = (callers: readonly Opened[]): Compared[] =>
  [...byRole(callers).values()]
    .filter(({ length }) => length > FEWEST_OTHERS)
    .flatMap(ofRole => MEASURES.flatMap(measure => compared(ofRole, measure)))
    .filter(({ score }) => score >= FAR)
    .toSorted((a, b) => b.score - a.score || a.sub.localeCompare(b.sub));

export function byRole(callers: readonly Opened[]): ReadonlyMap<string, readonly Opened[]> {
  const roles = new Map<string, Opened[]>();
  for (const caller of callers) {
    const ofRole = roles.get(caller.role);
    if (ofRole) ofRole.push(caller);
    else roles.set(caller.role, [caller]);
  }
  return roles;
}

/** Each with the others of the role, without itself. */
function compared(callers: readonly Opened[], measure: Measure): Compared[] {
  const counts = callers.map(caller => caller.counts[measure]).toSorted((a, b) => a - b);
  const deviationsFrom = new Map<number, readonly number[]>();
  return callers.map(({ sub, role, counts: { [measure]: count } }) => {
    const median = medianWithout(counts, count);
    let deviations = deviationsFrom.get(median);
    if (!deviations) {
      deviations = counts.map(other => Math.abs(other - median)).toSorted((a, b) => a - b);
      deviationsFrom.set(median, deviations);
    }
    // Counts scatter by their root even where everybody works alike, and by one where hardly anybody has any.
    const spread = Math.max(AS_DEVIATION * medianWithout(deviations, Math.abs(count - median)), Math.sqrt(median), 1);
    return {
      sub,
      role,
      measure,
      count,
      median,
      spread: rounded(spread),
      score: rounded((count - median) / spread),
      times: median === 0 ? null : rounded(count / median),
      others: callers.length - 1,
    };
  });
}

/** Of the figures in their order, one of that value left out. */
function medianWithout(sorted: readonly number[], value: number): number {
  const left = sorted.indexOf(value);
  const at = (place: number): number => sorted[place < left ? place : place + 1] ?? 0;
  const length = sorted.length - 1;
  return (at(Math.floor((length - 1) / 2)) + at(Math.floor(length / 2))) / 2;
}

const rounded = (figure: number): number => Math.round(figure * 10) / 10;
