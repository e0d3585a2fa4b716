import { applyDecorators, type Type } from '@nestjs/common';
import { getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csv, CSV, type Cell } from '../http/csv.js';
import { Produces, preferredType } from '../http/message.js';
import { AnyText, Optional, WholeNumber } from '../fields/fields.js';
import { version } from '../version.js';

const NDJSON = 'application/x-ndjson';

/** A report is given as JSON, or its rows alone as CSV or NDJSON. */
export const AsReport = (): MethodDecorator => applyDecorators(Produces('application/json', CSV, NDJSON));

/** What every form of a report says. */
export const REPORT_HEADERS = ['As-Of-Position', 'Code-Version'] as const;

/** How the documentation tells of a report's rows as text. @param columns of the CSV */
export const asText = (row: Type, columns: readonly string[]) => ({
  row,
  content: {
    [CSV]: {
      schema: {
        type: 'string',
        description: `RFC 4180, after a header line; empty where JSON has null. The columns: ${columns.join(', ')}.`,
      },
    },
    [NDJSON]: {
      schema: {
        type: 'string',
        description: `A row on each line, as ${row.name} describes it.`,
        contentMediaType: 'application/json',
        contentSchema: { $ref: getSchemaPath(row) },
      },
    },
  },
});

export interface Report {
  readonly rows: readonly object[];
  readonly asOfPosition: string;
  readonly codeVersion: string;
}

/** Which code counted: of the service, and of the read model. */
export const codeVersionOf = (projection: { readonly version: number }): string => `${version}+${projection.version}`;

/**
 * The report in the form that the sender likes best.
 * @param columns the names in the CSV's header line, also where there is no row
 * @param inCsv the rows as they stand in CSV, where that differs
 */
export function answerReport<R extends Report>(
  report: R,
  columns: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
  inCsv: readonly object[] = report.rows,
): R | string {
  return inTheFormLiked(report, { rows: report.rows, inCsv }, columns, request, reply);
}

/** What counted the figures, and up to where. */
export class AsOf {
  @AnyText({ description: 'Of the newest event that the figures reflect: the same position means the same figures.' })
  readonly asOfPosition!: string;
  @AnyText() readonly codeVersion!: string;
  @WholeNumber({ min: 1, description: 'How many cases may be missing or out of date, if any.' }) @Optional() readonly parked?: number;
}

/**
 * A report that is one set of figures: the only row of its CSV and NDJSON.
 * @param columns paths such as `medianHours.review`; a cell that counts by code reads `valid-visa=3 public-interest=1`
 * @param inCsv the figures as they stand in CSV, where that differs
 */
export function answerFigures<F extends object, A extends AsOf>(
  figures: F,
  asOf: A,
  columns: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
  inCsv: object = figures,
): (F & A) | string {
  return inTheFormLiked({ ...figures, ...asOf }, { rows: [figures], inCsv: [inCsv] }, columns, request, reply);
}

function inTheFormLiked<R extends AsOf>(
  report: R,
  { rows, inCsv }: { readonly rows: readonly object[]; readonly inCsv: readonly object[] },
  columns: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
): R | string {
  reply.headers({ 'as-of-position': report.asOfPosition, 'code-version': report.codeVersion });
  const type = preferredType(request);
  if (type === 'application/json') return report;
  reply.header('content-type', `${type}; charset=utf-8`);
  return type === CSV
    ? csv(
        columns,
        inCsv.map(row => inCells(columns, row)),
      )
    : rows.map(row => `${JSON.stringify(row)}\n`).join('');
}

const inCells = (columns: readonly string[], row: object): Readonly<Record<string, Cell>> =>
  Object.fromEntries(
    columns.map(column => {
      const value = column.split('.').reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)[name], row);
      return [column, counted(value) ?? (value as Cell)];
    }),
  );

const counted = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([code, count]) => `${code}=${String(count)}`)
        .join(' ')
    : undefined;
