import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { HoldKind } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { safeguardsProjection } from '../../src/read-models/safeguards/safeguards.projection.js';
import { ReportSafeguards, ReportSafeguardsHandler } from '../../src/read-models/safeguards/safeguards.query.js';
import type { ReportAsked } from '../../src/reporting/report-asked.js';
import { follow, type Following } from './following.js';
import { at, anEvent, opened, requested, retracted } from './histories.js';

let following: Following;
let handler: ReportSafeguardsHandler;
beforeEach(async () => {
  following = await follow(safeguardsProjection, kinds => kinds.register(caseStream));
  handler = new ReportSafeguardsHandler(following.readModels);
});
afterEach(() => following.stop());

const report = (asked: ReportAsked = {}) => handler.execute(new ReportSafeguards(asked));
const figures = async (asked: ReportAsked = {}) => (await report(asked)).figures;
const nothing = {
  refusals: {},
  blockedDepartures: {},
  irregularDepartures: 0,
  holds: {},
  longestOpenHours: null,
  protectionAlerts: { raised: 0, open: 0 },
  disclosuresWithoutConsent: 0,
  duplicatesMerged: 0,
};

const notAccepted = (when: string, ...codes: string[]): NewEvent =>
  anEvent({ type: 'WithdrawalRefused', data: { code: codes[0] as string, codes, language: 'es' } }, at(when));
const blocked = (when: string, ...failedChecks: string[]): NewEvent =>
  anEvent({ type: 'DepartureBlocked', data: { command: 'RecordDeparture', failedChecks } }, at(when));
const left = (when: string, irregular: boolean): NewEvent =>
  anEvent(
    {
      type: 'ApplicantDeparted',
      data: { flight: 'GT101', ...(irregular && { irregular, failedChecks: ['not-cleared'] }) },
      ...(irregular && { personal: { explanation: 'told' } }),
    } as never,
    at(when),
  );
const held = (when: string, holdId: string, kind: HoldKind): NewEvent =>
  anEvent({ type: 'TransferHoldPlaced', data: { holdId, kind } }, at(when));
const released = (when: string, holdId: string): NewEvent => anEvent({ type: 'TransferHoldReleased', data: { holdId } }, at(when));
const raised = (when: string, alertId: string): NewEvent =>
  anEvent({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } }, at(when));
const answered = (when: string, alertId: string): NewEvent =>
  anEvent({ type: 'ProtectionAlertAnswered', data: { alertId }, personal: { answer: 'told' } }, at(when));
async function open(...events: NewEvent[]): Promise<string> {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened(), ...events);
  return caseId;
}

test('disclosures without a consent count, but for those that were recorded in error', async () => {
  const disclosed = (when: string, unconsented: boolean) =>
    anEvent(
      {
        type: 'DisclosureMade',
        data: { recipient: 'consulate', categories: ['identity'], basis: 'written-consent', ...(unconsented && { unconsented }) },
      },
      at(when),
    );
  const mistaken = disclosed('2020-01-12T12:00:00Z', true);
  await open(disclosed('2020-01-10T12:00:00Z', true), disclosed('2020-01-11T12:00:00Z', false), mistaken);
  expect(await figures()).toMatchObject({ disclosuresWithoutConsent: 2 });
  expect(await figures({ to: '2020-01-10' })).toMatchObject({ disclosuresWithoutConsent: 1 });
  const other = disclosed('2020-01-12T12:00:00Z', true);
  const caseId = await open(other);
  await following.given(`case-${caseId}`, retracted(other, '2020-01-13T12:00:00Z'));
  expect(await figures()).toMatchObject({ disclosuresWithoutConsent: 2 });
});

test('without a case there is nothing', async () => {
  expect(await report()).toEqual({ figures: nothing, asOfPosition: '' });
});

test('refusals count by their first code, departures by every failed check, on their day', async () => {
  await open(
    requested('2020-01-10T00:00:00Z'),
    notAccepted('2020-01-10T12:00:00Z', 'language-not-understood', 'withdrawal-not-voluntary'),
    blocked('2020-01-10T23:59:59Z', 'not-cleared', 'hold-standing'),
    blocked('2020-01-11T00:00:00Z', 'not-cleared'),
    left('2020-01-11T12:00:00Z', false),
  );
  await open(notAccepted('2020-01-10T12:00:00Z', 'withdrawal-not-voluntary'), left('2020-01-11T12:00:00Z', true));
  expect(await figures()).toEqual({
    ...nothing,
    refusals: { 'language-not-understood': 1, 'withdrawal-not-voluntary': 1 },
    blockedDepartures: { 'hold-standing': 1, 'not-cleared': 2 },
    irregularDepartures: 1,
  });
  expect(await figures({ from: '2020-01-11', to: '2020-01-11' })).toEqual({
    ...nothing,
    blockedDepartures: { 'not-cleared': 1 },
    irregularDepartures: 1,
  });
  expect(await figures({ country: 'GT' })).toMatchObject({ refusals: { 'language-not-understood': 1 }, irregularDepartures: 0 });
  expect(await figures({ country: 'SV' })).toEqual(nothing);
});

test('holds count when they are placed; how long the longest stands is measured at the newest event, not now', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  // One hold id in two cases: a person chose it.
  const one = await open(held('2020-01-10T00:00:00Z', first, 'court-order'), held('2020-01-11T00:00:00Z', second, 'medical'));
  const other = await open(held('2020-01-12T00:00:00Z', first, 'medical'));
  expect(await figures()).toMatchObject({ holds: { 'court-order': 1, medical: 2 }, longestOpenHours: 48 });
  await following.given(`case-${one}`, released('2020-01-12T12:00:00Z', first));
  expect(await figures()).toMatchObject({ holds: { 'court-order': 1, medical: 2 }, longestOpenHours: 36 });
  await following.given(`case-${one}`, released('2020-01-12T12:00:00Z', second));
  await following.given(`case-${other}`, anEvent({ type: 'NoteAdded', data: {}, personal: { text: 'told' } }, at('2020-01-12T12:20:00Z')));
  expect(await figures()).toMatchObject({ longestOpenHours: 12.3 });
  expect(await figures({ to: '2020-01-11' })).toMatchObject({ holds: { 'court-order': 1, medical: 1 }, longestOpenHours: null });
  await following.given(`case-${other}`, released('2020-01-12T13:00:00Z', first));
  expect(await figures()).toMatchObject({ longestOpenHours: null });
  // Another process, whose time is half an hour behind, records something after it.
  await open(held('2020-01-13T12:00:00Z', second, 'medical'), answered('2020-01-13T11:30:00Z', randomUUID()));
  expect(await figures()).toMatchObject({ longestOpenHours: 0 });
});

test('alerts are raised, and open until they are answered', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const caseId = await open(raised('2020-01-10T00:00:00Z', first), raised('2020-01-11T00:00:00Z', second));
  await following.given(`case-${caseId}`, answered('2020-01-12T00:00:00Z', first));
  expect(await figures()).toMatchObject({ protectionAlerts: { raised: 2, open: 1 }, longestOpenHours: null });
  expect(await figures({ to: '2020-01-10' })).toMatchObject({ protectionAlerts: { raised: 1, open: 0 } });
});

test('nothing personal is in any column, and the same position means the same report', async () => {
  await open(held('2020-01-10T00:00:00Z', randomUUID(), 'medical'));
  expect(JSON.stringify(await report())).toBe(JSON.stringify(await report()));
  const { rows } = await following.database.query<{ columns: string }>(
    "SELECT string_agg(column_name, ' ' ORDER BY table_name, ordinal_position) AS columns FROM information_schema.columns WHERE " +
      "table_schema LIKE 'rm_safeguards_%'",
  );
  expect(rows).toEqual([{ columns: 'one position recorded_at event_id code fact case_id subject country day opened_at closed_at' }]);
});

test('files that were closed as duplicates count on their day', async () => {
  const before = await figures();
  await following.given(
    `case-${randomUUID()}`,
    opened(),
    anEvent({ type: 'MarkedAsDuplicate', data: { of: randomUUID() } }, at('2020-01-14T15:00:00Z')),
  );
  expect((await figures()).duplicatesMerged).toBe(Number(before.duplicatesMerged) + 1);
  expect((await figures({ to: '2020-01-13' })).duplicatesMerged).toBe(before.duplicatesMerged);
});
