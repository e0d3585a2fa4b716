import type { Drawn } from '../../reporting/drawn.js';
import type { OutcomeFigures, Outcomes } from './outcomes.query.js';

const FIGURES: readonly (keyof OutcomeFigures)[] = [
  'requested',
  'accepted',
  'refused',
  'transferred',
  'intended',
  'applied',
  'granted',
  'denied',
  'abandoned',
  'onward',
  'silent',
  'appliedRate',
];

/** The report on outcomes as a table, and its transfers as bars. @param by what its groups are */
export const drawnOutcomes = ({ rows, total }: Outcomes, by: string): Pick<Drawn, 'title' | 'unit' | 'columns' | 'rows' | 'bars'> => ({
  title: `People transferred, by ${by}`,
  unit: 'people who arrived',
  columns: ['', ...FIGURES],
  rows: [...rows, { group: 'total', ...total }].map(row => [row.group, ...FIGURES.map(figure => row[figure])]),
  bars: rows.map(({ group, transferred }) => ({ label: group, value: transferred ?? 0 })),
});
