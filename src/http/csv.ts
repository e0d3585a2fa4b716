export const CSV = 'text/csv';

export type Cell = string | number | boolean | null | undefined;

/** What a spreadsheet takes for a formula when a cell begins with it. */
const FORMULA = /^[=+\-@\t\r]/;

/** RFC 4180; null is an empty cell, and what a spreadsheet would reckon is written behind `'`. */
export const csv = (columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): string =>
  [columns, ...rows.map(row => columns.map(column => row[column] ?? ''))].map(cells => `${cells.map(cell).join(',')}\r\n`).join('');

const cell = (value: NonNullable<Cell>): string => {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
