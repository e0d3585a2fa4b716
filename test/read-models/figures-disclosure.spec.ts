import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { safeguardsProjection } from '../../src/read-models/safeguards/safeguards.projection.js';
import { ReportSafeguards, ReportSafeguardsHandler } from '../../src/read-models/safeguards/safeguards.query.js';
import { screeningProjection } from '../../src/read-models/screening/screening.projection.js';
import { ReportScreening, ReportScreeningHandler } from '../../src/read-models/screening/screening.query.js';
import type { PublishedReportAsked } from '../../src/reporting/report-asked.js';
import { Attacker, type Known } from '../support/attacker.js';
import { follow } from './following.js';
import { anEvent, at, opened } from './histories.js';

/* All that the public may ask of a position in the reports that have no groups, and what can be worked out of it together. */

const MONTHS = ['2020-01', '2020-02', '2020-03'] as const;
const COUNTRIES = ['GT', 'HN'] as const;
const CELLS = MONTHS.flatMap(month => COUNTRIES.map(country => ({ month, country })));
const lastDay = (month: string): string => new Date(Date.UTC(2020, Number(month.slice(5)), 0)).toISOString().slice(0, 10);
const ASKED = [undefined, ...COUNTRIES].flatMap((country): PublishedReportAsked[] =>
  [{}, ...MONTHS.flatMap((from, index) => MONTHS.slice(index).map(to => ({ from: `${from}-01`, to: lastDay(to) })))].map(range => ({
    ...range,
    ...(country && { country }),
  })),
);

type Figures = Readonly<Record<string, number | null>>;
const flat = (figures: object, prefix = ''): Figures =>
  Object.assign(
    {},
    ...Object.entries(figures).map(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null ? flat(value, `${prefix}${name}.`) : { [prefix + name]: value },
    ),
  ) as Figures;

/** How many people of a place live through it. */
type Counts = Readonly<Record<string, readonly number[]>>;
const noon = (month: string, day: number): string => `${month}-${String(day).padStart(2, '0')}T12:00:00Z`;
const started = (country: PartnerCountry, when: string): NewEvent =>
  anEvent({ type: 'ScreeningStarted', data: { screeningId: randomUUID(), country, language: 'es' } }, at(when));

function* lives(counts: Counts, event: (name: string, country: PartnerCountry, month: string) => NewEvent[]): Generator<NewEvent[]> {
  for (const [name, people] of Object.entries(counts))
    for (const [index, { month, country }] of CELLS.entries())
      for (let person = 0; person < (people[index] ?? 0); person++)
        yield [opened(), started(country, noon(month, 2)), ...event(name, country, month)];
}

const REPORTS = {
  screening: {
    projection: screeningProjection,
    handlerOf: (readModels: ConstructorParameters<typeof ReportScreeningHandler>[0]) => {
      const handler = new ReportScreeningHandler(readModels);
      return async (asked: PublishedReportAsked) => (await handler.execute(new ReportScreening(asked))).figures;
    },
    columns: ['screened', 'exceptions.public-interest', 'exceptions.valid-visa', 'fearExpressed', 'fearEstablished', 'returned'],
    people: ['exceptions.public-interest', 'exceptions.valid-visa', 'fearExpressed', 'fearEstablished'],
    never: ['medianHours.screening', 'medianHours.review'],
    counts: {
      nothing: [3, 0, 7, 9, 1, 0],
      visa: [9, 1, 0, 6, 2, 0],
      interest: [1, 0, 8, 0, 0, 12],
      fear: [12, 3, 5, 1, 9, 7],
      returned: [6, 2, 0, 8, 1, 9],
    },
    event: (name: string, country: PartnerCountry, month: string): NewEvent[] => {
      const screeningId = randomUUID();
      const exception = (ground: string): NewEvent =>
        anEvent({ type: 'ExceptionEstablished', data: { screeningId, ground }, personal: { evidence: 'told' } }, at(noon(month, 3)));
      const feared = (when: string): NewEvent =>
        anEvent({ type: 'FearExpressed', data: { country }, personal: { account: 'told' } }, at(when));
      const found = { persecution: true, torture: false, established: true };
      switch (name) {
        case 'visa':
          return [exception('valid-visa')];
        case 'interest':
          return [exception('public-interest')];
        case 'fear':
          // Some of them a second time in a later month: they are one person in the sum of both.
          return [
            feared(noon(month, 3)),
            anEvent({ type: 'FearAssessed', data: { screeningId, country, ...found }, personal: { reasons: 'told' } }, at(noon(month, 5))),
            ...(month === '2020-01' && country === 'GT' ? [feared(noon('2020-03', 3))] : []),
          ];
        case 'returned':
          return [anEvent({ type: 'DeterminationReturned', data: { determinationId: randomUUID() } }, at(noon(month, 6)))];
        default:
          return [];
      }
    },
  },
  safeguards: {
    projection: safeguardsProjection,
    handlerOf: (readModels: ConstructorParameters<typeof ReportSafeguardsHandler>[0]) => {
      const handler = new ReportSafeguardsHandler(readModels);
      return async (asked: PublishedReportAsked) => (await handler.execute(new ReportSafeguards(asked))).figures;
    },
    columns: [
      'refusals.withdrawal-not-voluntary',
      'blockedDepartures.hold-standing',
      'blockedDepartures.not-cleared',
      'holds.court-order',
      'holds.medical',
      'protectionAlerts.raised',
      'protectionAlerts.open',
      'duplicatesMerged',
    ],
    people: [] as string[],
    never: ['longestOpenHours'],
    counts: {
      refusal: [5, 2, 0, 6, 1, 1],
      blocked: [9, 1, 0, 6, 2, 7],
      court: [1, 0, 8, 0, 7, 12],
      medical: [2, 3, 5, 1, 1, 7],
      alert: [4, 0, 3, 9, 5, 6],
      answered: [5, 2, 2, 0, 1, 1],
      merged: [0, 0, 1, 1, 6, 0],
    },
    event: (name: string, _: PartnerCountry, month: string): NewEvent[] => {
      const [id, when] = [randomUUID(), at(noon(month, 4))];
      switch (name) {
        case 'refusal': {
          const code = 'withdrawal-not-voluntary';
          return [anEvent({ type: 'WithdrawalRefused', data: { code, codes: [code], language: 'es' } }, when)];
        }
        case 'blocked':
          return [
            anEvent(
              { type: 'DepartureBlocked', data: { command: 'RecordDeparture', failedChecks: ['not-cleared', 'hold-standing'] } },
              when,
            ),
          ];
        case 'court':
          return [anEvent({ type: 'TransferHoldPlaced', data: { holdId: id, kind: 'court-order' } }, when)];
        case 'medical':
          return [anEvent({ type: 'TransferHoldPlaced', data: { holdId: id, kind: 'medical' } }, when)];
        case 'merged':
          return [anEvent({ type: 'MarkedAsDuplicate', data: { of: id } }, when)];
        default:
          return [
            anEvent({ type: 'ProtectionAlertRaised', data: { alertId: id, cause: 'fear' } }, when),
            ...(name === 'answered'
              ? [anEvent({ type: 'ProtectionAlertAnswered', data: { alertId: id }, personal: { answer: 'told' } }, when)]
              : []),
          ];
      }
    },
  },
};

describe.each(Object.entries(REPORTS))('of %s', (_, { projection, handlerOf, columns, people, never, counts, event }) => {
  test('no figure of 1 to 4 is shown, all others are exact or hidden, and nothing that is hidden can be worked out', async () => {
    const following = await follow(
      projection,
      kinds => kinds.register(caseStream),
      undefined,
      one => one,
    );
    try {
      const report = handlerOf(following.readModels);
      for (const life of lives(counts, event)) await following.given(`case-${randomUUID()}`, ...life);
      const known: Known[] = [];
      const hidden: { readonly of: number[]; readonly what: string }[] = [];
      let shownCounts = 0;
      for (const asked of ASKED) {
        const [exact, open] = [flat(await report(asked)), flat(await report({ ...asked, disclosure: 'public' }))];
        expect(Object.keys(open)).toEqual(Object.keys(exact));
        for (const column of never) expect(open[column]).toBeNull();
        for (const column of columns) {
          const [value, published] = [exact[column] ?? 0, open[column] === undefined ? 0 : open[column]];
          const inside = CELLS.flatMap(({ month, country }, index) =>
            month >= (asked.from ?? month).slice(0, 7) && month <= (asked.to ?? month).slice(0, 7) && country === (asked.country ?? country)
              ? [columns.indexOf(column) * CELLS.length + index]
              : [],
          );
          if (published === null) hidden.push({ of: inside, what: `${column} ${JSON.stringify(asked)}` });
          else {
            expect({ column, asked, published }).toEqual({ column, asked, published: value });
            expect(published === 0 || published > 4).toBe(true);
            shownCounts += published > 0 ? 1 : 0;
            // Who counts in two months is one person over both.
            if (!people.includes(column)) known.push({ of: inside, is: 'equal', value: published });
            else
              known.push(
                { of: [], less: inside, is: 'at-most', value: -published },
                ...inside.map(one => ({ of: [one], is: 'at-most' as const, value: published })),
              );
          }
          if (value === 0) expect(published).toBe(0);
        }
      }
      // An alert that is open was raised.
      const [raised, standing] = ['protectionAlerts.raised', 'protectionAlerts.open'].map(name => columns.indexOf(name) * CELLS.length);
      if (standing !== undefined && standing >= 0)
        for (const index of CELLS.keys()) known.push({ of: [standing + index], less: [(raised ?? 0) + index], is: 'at-most', value: 0 });
      const attacker = new Attacker(
        columns.flatMap(() => CELLS.map(() => 0)),
        known,
      );
      expect(hidden.filter(({ of }) => attacker.knows(of)).map(({ what }) => what)).toEqual([]);
      expect(hidden.length).toBeGreaterThan(20);
      expect(shownCounts).toBeGreaterThan(20);
      for (const wrong of [{ from: '2020-01-02' }, { to: '2020-02-28' }])
        await expect(report({ ...wrong, disclosure: 'public' })).rejects.toMatchObject({ violations: [{ code: 'invalid' }] });
    } finally {
      await following.stop();
    }
  });
});
