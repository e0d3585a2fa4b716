import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { screeningProjection } from '../../src/read-models/screening/screening.projection.js';
import { ReportScreening, ReportScreeningHandler } from '../../src/read-models/screening/screening.query.js';
import type { ReportAsked } from '../../src/reporting/report-asked.js';
import { follow, type Following } from './following.js';
import { at, anEvent, opened, retracted } from './histories.js';

let following: Following;
let handler: ReportScreeningHandler;
beforeEach(async () => {
  following = await follow(screeningProjection, kinds => kinds.register(caseStream));
  handler = new ReportScreeningHandler(following.readModels);
});
afterEach(() => following.stop());

const report = (asked: ReportAsked = {}) => handler.execute(new ReportScreening(asked));
const figures = async (asked: ReportAsked = {}) => (await report(asked)).figures;
const nothing = {
  screened: 0,
  exceptions: {},
  fearExpressed: 0,
  fearEstablished: 0,
  returned: 0,
  medianHours: { screening: null, review: null },
};

const [screeningId, determinationId] = [randomUUID(), randomUUID()];
const started = (when: string, country: PartnerCountry = 'GT'): NewEvent =>
  anEvent({ type: 'ScreeningStarted', data: { screeningId, country, language: 'es' } }, at(when));
const submitted = (when: string, country: PartnerCountry = 'GT'): NewEvent =>
  anEvent(
    { type: 'DeterminationSubmitted', data: { determinationId, screeningId, country, outcome: 'amenable' }, personal: { reasons: 'told' } },
    at(when),
  );
const confirmed = (when: string): NewEvent =>
  anEvent({ type: 'DeterminationConfirmed', data: { determinationId, outcome: 'amenable' } }, at(when));
const returned = (when: string): NewEvent => anEvent({ type: 'DeterminationReturned', data: { determinationId } }, at(when));
const feared = (when: string, country: PartnerCountry = 'GT'): NewEvent =>
  anEvent({ type: 'FearExpressed', data: { country }, personal: { account: 'told' } }, at(when));
const assessed = (when: string, established: boolean): NewEvent =>
  anEvent(
    {
      type: 'FearAssessed',
      data: { screeningId, country: 'GT', persecution: established, torture: false, established },
      personal: { reasons: 'told' },
    },
    at(when),
  );
const exception = (when: string, ground: string): NewEvent =>
  anEvent({ type: 'ExceptionEstablished', data: { screeningId, ground }, personal: { evidence: 'told' } }, at(when));
async function open(...events: NewEvent[]): Promise<string> {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened(), ...events);
  return caseId;
}

test('without a case there is nothing, and no median', async () => {
  expect(await report()).toEqual({ figures: nothing, asOfPosition: '' });
});

test('what is found is counted on its day, a person once for each agreement', async () => {
  await open(
    started('2020-01-10T00:00:00Z'),
    feared('2020-01-10T23:59:59Z'),
    feared('2020-01-11T00:00:00Z'),
    assessed('2020-01-12T00:00:00Z', true),
    exception('2020-01-12T00:00:00Z', 'valid-visa'),
  );
  await open(
    started('2020-01-11T12:00:00Z'),
    feared('2020-01-11T13:00:00Z'),
    feared('2020-01-11T13:00:00Z', 'HN'),
    assessed('2020-01-12T00:00:00Z', false),
    exception('2020-01-12T10:00:00Z', 'public-interest'),
    exception('2020-01-12T11:00:00Z', 'public-interest'),
    exception('2020-01-12T12:00:00Z', 'valid-visa'),
  );
  expect(await figures()).toEqual({
    ...nothing,
    screened: 2,
    exceptions: { 'public-interest': 1, 'valid-visa': 2 },
    fearExpressed: 3,
    fearEstablished: 1,
  });
  expect(await figures({ from: '2020-01-10', to: '2020-01-10' })).toEqual({ ...nothing, screened: 1, fearExpressed: 1 });
  expect(await figures({ from: '2020-01-11', to: '2020-01-11' })).toEqual({ ...nothing, screened: 1, fearExpressed: 3 });
  expect(await figures({ country: 'HN' })).toEqual({ ...nothing, fearExpressed: 1 });
  expect(await figures({ country: 'GT' })).toMatchObject({ screened: 2, fearExpressed: 2 });
});

test('a person who is screened under two agreements is two screenings', async () => {
  await open(
    started('2020-01-10T00:00:00Z'),
    feared('2020-01-10T01:00:00Z'),
    started('2020-06-10T00:00:00Z', 'HN'),
    feared('2020-06-10T01:00:00Z', 'HN'),
  );
  expect(await figures()).toMatchObject({ screened: 2, fearExpressed: 2 });
  expect(await figures({ country: 'HN' })).toMatchObject({ screened: 1, fearExpressed: 1 });
});

test('medians in hours: to the first submission, and from each to its confirmation or return', async () => {
  await open(
    started('2020-01-10T00:00:00Z'),
    submitted('2020-01-10T10:00:00Z'),
    returned('2020-01-10T12:00:00Z'),
    submitted('2020-01-20T00:00:00Z'),
    confirmed('2020-01-20T06:20:00Z'),
  );
  expect(await figures()).toMatchObject({ returned: 1, medianHours: { screening: 10, review: 4.2 } });
  await open(started('2020-02-01T00:00:00Z'), submitted('2020-02-02T01:00:00Z'), confirmed('2020-02-02T04:00:00Z'));
  expect(await figures()).toMatchObject({ returned: 1, medianHours: { screening: 17.5, review: 3 } });
  expect(await figures({ from: '2020-02-01', country: 'GT' })).toMatchObject({ returned: 0, medianHours: { screening: 25, review: 3 } });
});

test('what was entered in error never happened', async () => {
  const caseId = randomUUID();
  const mistaken = feared('2020-01-10T10:00:00Z');
  await following.given(`case-${caseId}`, opened(), started('2020-01-10T00:00:00Z'), mistaken);
  expect(await figures()).toMatchObject({ fearExpressed: 1 });
  await following.given(`case-${caseId}`, retracted(mistaken, '2020-01-11T10:00:00Z'));
  expect(await figures()).toMatchObject({ screened: 1, fearExpressed: 0 });
});

test('nothing personal is in any column, and the same position means the same report', async () => {
  const caseId = await open(started('2020-01-10T00:00:00Z'));
  const one = await report();
  expect(JSON.stringify(await report())).toBe(JSON.stringify(one));
  const next = await following.given(`case-${caseId}`, feared('2020-01-11T00:00:00Z'));
  expect(next > one.asOfPosition).toBe(true);
  expect((await report()).asOfPosition).toBe(next);
  const { rows } = await following.database.query<{ columns: string }>(
    "SELECT string_agg(column_name, ' ' ORDER BY table_name, ordinal_position) AS columns FROM information_schema.columns WHERE " +
      "table_schema LIKE 'rm_screening_%'",
  );
  const summed = 'day since country fact key count day country fact key count fact size took_ms country day count';
  expect(rows).toEqual([{ columns: `one position event_id case_id fact ground country day took_ms ${summed}` }]);
});
