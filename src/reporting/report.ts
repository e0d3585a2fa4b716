import { readFileSync } from 'node:fs';
import { applyDecorators } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Produces, preferredType } from '../http/message.js';

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';

/** A report is given as JSON, or its rows alone as CSV or NDJSON. */
export const AsReport = (): MethodDecorator => applyDecorators(Produces('application/json', CSV, NDJSON));

type Cell = string | number | boolean | null;
export type ReportRow = Readonly<Record<string, Cell>>;

export interface Report {
  readonly rows: readonly object[];
  readonly asOfPosition: string;
  readonly codeVersion: string;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** Which code counted: of the service, and of the read model. */
export const codeVersionOf = (projection: { readonly version: number }): string => `${version}+${projection.version}`;

/**
 * The report in the form that the sender likes best.
 * @param columns the names in the CSV's header line, also where there is no row
 */
export function answerReport<R extends Report>(report: R, columns: readonly string[], request: FastifyRequest, reply: FastifyReply): object | string {
  return inTheFormLiked(report, report.rows, columns, request, reply);
}

/** What counted the figures, and up to where. */
export type AsOf = Omit<Report, 'rows'>;

/**
 * A report that is one set of figures: the only row of its CSV and NDJSON.
 * @param columns paths such as `medianHours.review`; a cell that counts by code reads `valid-visa=3 public-interest=1`
 */
export function answerFigures(figures: object, asOf: AsOf, columns: readonly string[], request: FastifyRequest, reply: FastifyReply): object | string {
  return inTheFormLiked({ ...figures, ...asOf }, [figures], columns, request, reply);
}

function inTheFormLiked(report: AsOf, rows: readonly object[], columns: readonly string[], request: FastifyRequest, reply: FastifyReply): object | string {
  reply.headers({ 'as-of-position': report.asOfPosition, 'code-version': report.codeVersion });
  const type = preferredType(request);
  if (type === 'application/json') return report;
  reply.header('content-type', `${type}; charset=utf-8`);
  return type === CSV ? csv(columns, rows.map(row => inCells(columns, row))) : rows.map(row => `${JSON.stringify(row)}\n`).join('');
}

const inCells = (columns: readonly string[], row: object): ReportRow => Object.fromEntries(columns.map(column => {
  const value = column.split('.').reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)[name], row);
  return [column, counted(value) ?? value as Cell];
}));

const counted = (value: unknown): string | undefined =>
  (typeof value === 'object' && value !== null ? Object.entries(value).map(([code, count]) => `${code}=${String(count)}`).join(' ') : undefined);

/** RFC 4180; null is an empty cell. */
export const csv = (columns: readonly string[], rows: readonly ReportRow[]): string =>
  [columns, ...rows.map(row => columns.map(column => row[column] ?? ''))].map(cells => `${cells.map(cell).join(',')}\r\n`).join('');

const cell = (value: Cell): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
