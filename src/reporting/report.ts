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
  reply.headers({ 'as-of-position': report.asOfPosition, 'code-version': report.codeVersion });
  const type = preferredType(request);
  if (type === 'application/json') return report;
  reply.header('content-type', `${type}; charset=utf-8`);
  const rows = report.rows as readonly ReportRow[];
  return type === CSV ? csv(columns, rows) : rows.map(row => `${JSON.stringify(row)}\n`).join('');
}

/** RFC 4180; null is an empty cell. */
export const csv = (columns: readonly string[], rows: readonly ReportRow[]): string =>
  [columns, ...rows.map(row => columns.map(column => row[column] ?? ''))].map(cells => `${cells.map(cell).join(',')}\r\n`).join('');

const cell = (value: Cell): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
