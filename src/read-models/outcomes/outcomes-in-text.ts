import type { INestApplicationContext } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { OutcomesAsked, ReportOutcomes, type OutcomeFigures } from './outcomes.query.js';
import { validatedParameters } from '../../fields/validation.js';

const NAMES: readonly (keyof OutcomeFigures)[] = [
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

/** The report on outcomes as a table for a terminal. @throws ValidationFailed, ReadModelBehind, DatabaseUnavailable */
export async function report(app: INestApplicationContext, asked: object): Promise<string> {
  const parameters = validatedParameters(
    OutcomesAsked,
    Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
    new Date().toISOString(),
  );
  const { rows, total, asOfPosition } = await app.get(QueryBus).execute(new ReportOutcomes(parameters));
  const lines = [
    ['', ...NAMES],
    ...[...rows, { group: 'total', ...total }].map(row => [row.group, ...NAMES.map(name => String(row[name] ?? '-'))]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0))) ?? [];
  const table = lines.map(line =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
  return [...table, `as of position ${asOfPosition || 'none'}`].join('\n');
}
