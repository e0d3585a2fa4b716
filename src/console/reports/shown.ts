import type { Schemas } from '../api/client';
import { countryName, inWords } from '../shell/words';

export interface Point {
  readonly label: string;
  /** Null: not shown to the public, or nothing to reckon from. */
  readonly value: number | null;
}

/** One figure, drawn for itself: its neighbours may be a hundred times as large. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  readonly kind: 'line' | 'bars';
  readonly points: readonly Point[];
}

export interface Shown {
  readonly series: readonly Series[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly asOfPosition: string;
  readonly codeVersion: string;
  readonly parked?: number;
}

type Outcomes = Schemas['OutcomesReport'];
type Figures = Schemas['OutcomeFigures'];
export type By = 'month' | 'nationality' | 'country' | 'office' | 'minor';

const OUTCOMES: Readonly<Record<keyof Figures, readonly [title: string, unit: string]>> = {
  requested: ['Transfers requested', 'requests'],
  accepted: ['Accepted', 'requests'],
  refused: ['Refused', 'requests'],
  lapsed: ['Lapsed without an answer', 'requests'],
  transferred: ['Transferred', 'people who arrived'],
  intended: ['Said that they want asylum there', 'of those who arrived'],
  applied: ['Applied for asylum there', 'of those who arrived'],
  granted: ['Granted asylum', 'of those who arrived'],
  denied: ['Denied asylum', 'of those who arrived'],
  abandoned: ['Application given up', 'of those who arrived'],
  onward: ['Gone on to another country', 'of those who arrived'],
  silent: ['Silent at a follow-up', 'of those who arrived'],
  appliedRate: ['Applied, of those transferred', 'percent'],
};
const FIGURES = Object.keys(OUTCOMES) as (keyof Figures)[];

export function shownOutcomes({ rows, total, ...how }: Outcomes, by: By): Shown {
  const groups = by === 'month' ? withoutGaps(rows) : rows;
  return {
    ...how,
    series: FIGURES.map(figure => ({
      title: OUTCOMES[figure][0],
      unit: OUTCOMES[figure][1],
      kind: by === 'month' ? 'line' : 'bars',
      points: groups.map(row => ({ label: groupName(by, row.group), value: row[figure] })),
    })),
    columns: [inWords(by), ...FIGURES.map(figure => (figure === 'appliedRate' ? 'Applied, percent' : inWords(figure)))],
    rows: [
      ...rows.map(row => [groupName(by, row.group), ...FIGURES.map(figure => row[figure])]),
      ...(rows.length > 0 ? [['All', ...FIGURES.map(figure => total[figure])]] : []),
    ],
  };
}

function groupName(by: By, group: string): string {
  if (by === 'nationality') return group.split('+').map(countryName).join(' and ');
  if (by === 'country') return countryName(group);
  return by === 'minor' ? (group === 'minor' ? 'Under 18' : 'Adult') : group;
}

/** A month in which nothing was counted is one of the line all the same. */
function withoutGaps(rows: Outcomes['rows']): Outcomes['rows'] {
  const [first, last] = [rows[0]?.group, rows.at(-1)?.group];
  if (first === undefined || last === undefined) return rows;
  const none = { ...(Object.fromEntries(FIGURES.map(figure => [figure, 0])) as Record<keyof Figures, number>), appliedRate: null };
  const known = new Map(rows.map(row => [row.group, row]));
  const months: Outcomes['rows'] = [];
  for (let month = first; month <= last; month = monthAfter(month)) months.push(known.get(month) ?? { group: month, ...none });
  return months;
}

function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}

export function shownScreening({ screened, fearExpressed, fearEstablished, returned, exceptions, medianHours, ...how }: Screening): Shown {
  const counts: readonly Counted[] = [
    ['Screenings begun', screened],
    ['Fear expressed', fearExpressed],
    ['Fear established', fearEstablished],
    ['Determinations sent back', returned],
  ];
  const hours: readonly Counted[] = [
    ['Screening, to its first submission', medianHours.screening],
    ['Review of a submission', medianHours.review],
  ];
  return inLines(how, [
    ['Screening', 'screenings and people', counts],
    ['Exceptions established, by ground', 'people', byCode(exceptions)],
    ['Median time', 'hours', hours],
  ]);
}
type Screening = Schemas['WholeScreeningReport'];

export function shownSafeguards({ blockedDepartures, holds, refusals, protectionAlerts, ...rest }: Safeguards): Shown {
  const { irregularDepartures, disclosuresWithoutConsent, duplicatesMerged, longestOpenHours, ...how } = rest;
  return inLines(how, [
    ['Departures blocked, by failed check', 'failed checks', byCode(blockedDepartures)],
    ['Holds placed, by kind', 'holds', byCode(holds)],
    ['Withdrawals refused, by first reason', 'withdrawals', byCode(refusals)],
    [
      'Protection alerts',
      'alerts',
      [
        ['Raised', protectionAlerts.raised],
        ['Still open', protectionAlerts.open],
      ],
    ],
    [
      'Against the rules',
      'departures and disclosures',
      [
        ['Departed although a check had failed', irregularDepartures],
        ['Disclosed without consent', disclosuresWithoutConsent],
      ],
    ],
    ['Duplicates', 'files', [['Closed as duplicates', duplicatesMerged]]],
    ['Longest hold that still stands', 'hours', [['Since it was placed', longestOpenHours]]],
  ]);
}
type Safeguards = Schemas['WholeSafeguardReport'];

export function shownWorkload({ rows, ...how }: Schemas['WorkloadReport']): Shown {
  const named = rows.map(row => ({ ...row, label: `${row.office}, ${row.caseworker ?? 'nobody'}` }));
  const series = (title: string, unit: string, figure: 'open' | 'overdue' | 'oldestDays'): Series => ({
    title,
    unit,
    kind: 'bars',
    points: named.map(row => ({ label: row.label, value: row[figure] })),
  });
  return {
    ...how,
    series: [
      series('Open', 'cases, by office and caseworker', 'open'),
      series('Overdue', 'cases, by office and caseworker', 'overdue'),
      series('Oldest open case', 'days, by office and caseworker', 'oldestDays'),
    ],
    columns: ['Office', 'Caseworker', 'Open cases', 'Oldest, days', 'Overdue'],
    rows: rows.map(({ office, caseworker, open, oldestDays, overdue }) => [office, caseworker ?? 'Nobody', open, oldestDays, overdue]),
  };
}

type Counted = readonly [label: string, value: number | null];

const byCode = (counts: Readonly<Record<string, number | null>>): Counted[] =>
  Object.entries(counts).map(([code, count]) => [inWords(code), count]);

type Group = readonly [title: string, unit: string, counted: readonly Counted[]];

/** One set of figures, a line each. */
const inLines = (how: Pick<Shown, 'asOfPosition' | 'codeVersion' | 'parked'>, groups: readonly Group[]): Shown => ({
  ...how,
  series: groups.map(([title, unit, counted]) => ({
    title,
    unit,
    kind: 'bars',
    points: counted.map(([label, value]) => ({ label, value })),
  })),
  columns: ['What', 'Figure', 'Unit'],
  rows: groups.flatMap(([title, unit, counted]) => counted.map(([label, value]) => [`${title}: ${label.toLowerCase()}`, value, unit])),
});
