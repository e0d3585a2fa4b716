import type { INestApplicationContext } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { validatedParameters } from './fields/validation.js';
import { outcomesProjection } from './read-models/outcomes/outcomes.projection.js';
import { drawnOutcomes } from './read-models/outcomes/outcomes-in-text.js';
import { OutcomesAsked, ReportOutcomes } from './read-models/outcomes/outcomes.query.js';
import { safeguardsProjection } from './read-models/safeguards/safeguards.projection.js';
import { ReportSafeguards } from './read-models/safeguards/safeguards.query.js';
import { screeningProjection } from './read-models/screening/screening.projection.js';
import { ReportScreening } from './read-models/screening/screening.query.js';
import { workloadProjection } from './read-models/workload/workload.projection.js';
import { ReportWorkload } from './read-models/workload/workload.query.js';
import type { Bar, Drawn } from './reporting/drawn.js';
import { ReportAsked } from './reporting/report-asked.js';
import { codeVersionOf } from './reporting/report.js';

export const REPORTS = ['outcomes', 'screening', 'safeguards', 'workload'] as const;
export type ReportName = (typeof REPORTS)[number];

const WORKLOAD = ['office', 'caseworker', 'open', 'oldestDays', 'overdue'] as const;

export interface Asked {
  readonly country?: string;
  readonly from?: string;
  readonly to?: string;
  /** Of outcomes. */
  readonly by?: string;
}

/** The report that the API gives, to be looked at. @throws ValidationFailed, ReadModelBehind, DatabaseUnavailable */
export async function drawnReport(app: INestApplicationContext, name: ReportName, { by = 'country', ...asked }: Asked): Promise<Drawn> {
  const queries = app.get(QueryBus);
  const now = new Date().toISOString();
  const told = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const parameters = validatedParameters(ReportAsked, told, now);
  const { country = 'all agreements', from = 'the beginning', to = 'the newest event' } = asked;
  const scope = `${country}, from ${from} to ${to}`;
  switch (name) {
    case 'outcomes': {
      const outcomes = await queries.execute(new ReportOutcomes(validatedParameters(OutcomesAsked, { ...told, by }, now)));
      const { asOfPosition } = outcomes;
      return { ...drawnOutcomes(outcomes, by), scope, asOfPosition, codeVersion: codeVersionOf(outcomesProjection) };
    }
    case 'screening': {
      const { figures, asOfPosition } = await queries.execute(new ReportScreening(parameters));
      const { screened, fearExpressed, fearEstablished, returned, exceptions } = figures;
      const bars = barsOf({ screened, fearExpressed, fearEstablished, returned, ...exceptions });
      const drawn = { title: 'Screening, and what was found in it', unit: 'screenings and people', scope, bars };
      return { ...drawn, ...inLines(figures), asOfPosition, codeVersion: codeVersionOf(screeningProjection) };
    }
    case 'safeguards': {
      const { figures, asOfPosition } = await queries.execute(new ReportSafeguards(parameters));
      const bars = [
        ...barsOf(figures.blockedDepartures).map(({ label, value }) => ({ label: `blocked: ${label}`, value })),
        ...barsOf(figures.holds).map(({ label, value }) => ({ label: `hold: ${label}`, value })),
      ];
      const drawn = { title: 'Departures that were blocked, and holds placed', unit: 'failed checks and holds', scope, bars };
      return { ...drawn, ...inLines(figures), asOfPosition, codeVersion: codeVersionOf(safeguardsProjection) };
    }
    case 'workload': {
      const { rows, asOfPosition } = await queries.execute(new ReportWorkload(parameters));
      return {
        title: 'Open cases, by caseworker',
        unit: 'open cases',
        scope,
        columns: WORKLOAD,
        rows: rows.map(row => WORKLOAD.map(column => row[column])),
        bars: rows.map(({ office, caseworker, open }) => ({ label: `${office} ${caseworker ?? 'nobody'}`, value: open })),
        asOfPosition,
        codeVersion: codeVersionOf(workloadProjection),
      };
    }
  }
}

const barsOf = (counts: Readonly<Record<string, number | null>>): Bar[] =>
  Object.entries(counts).map(([label, value]) => ({ label, value: value ?? 0 }));

/** One set of figures, a line each; what is counted by code has a line for each code. */
const inLines = (figures: object): Pick<Drawn, 'columns' | 'rows'> => ({
  columns: ['', 'figure'],
  rows: Object.entries(figures).flatMap(([name, value]: [string, unknown]): [string, string | number | null][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value as Record<string, number | null>).map(([code, count]) => [`${name} ${code}`, count])
      : [[name, value as number | null]],
  ),
});
