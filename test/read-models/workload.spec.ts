import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { schemaOf } from '../../src/projecting/generations.js';
import { workloadProjection } from '../../src/read-models/workload/workload.projection.js';
import { ReportWorkload, ReportWorkloadHandler } from '../../src/read-models/workload/workload.query.js';
import type { ReportAsked } from '../../src/reporting/report-asked.js';
import { follow, type Following } from './following.js';
import { at, departed, anEvent, flown, opened, requested, retracted } from './histories.js';

let following: Following;
let handler: ReportWorkloadHandler;
beforeEach(async () => {
  following = await follow(workloadProjection, kinds => kinds.register(caseStream));
  handler = new ReportWorkloadHandler(following.readModels);
});
afterEach(() => following.stop());

const report = (asked: ReportAsked = {}) => handler.execute(new ReportWorkload(asked));
const rows = async (asked: ReportAsked = {}) => (await report(asked)).rows;
const assigned = (when: string, caseworkerId: string): NewEvent => anEvent({ type: 'CaseAssigned', data: { caseworkerId } }, at(when));
const noted = (when: string): NewEvent => anEvent({ type: 'NoteAdded', data: {}, personal: { text: 'told' } }, at(when));
async function open(openedAt: string, office: string, ...events: NewEvent[]): Promise<string> {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened({ office, openedAt }), ...events);
  return caseId;
}

test('without a case there is nobody', async () => {
  expect(await report()).toEqual({ rows: [], asOfPosition: '' });
});

test('a case that was recorded before an event of an earlier time is of no day yet', async () => {
  await open('2020-01-13T15:00:00.005Z', 'LRD');
  await open('2020-01-13T15:00:00Z', 'ELP', noted('2020-01-13T15:00:00.003Z'));
  expect(await rows()).toMatchObject([
    { office: 'ELP', oldestDays: 0 },
    { office: 'LRD', oldestDays: 0 },
  ]);
});

test('open cases by office and caseworker, those of nobody last; days are measured at the newest event', async () => {
  await open('2020-01-13T15:00:00Z', 'LRD');
  await open('2020-01-02T12:00:00Z', 'ELP', assigned('2020-01-03T00:00:00Z', 'cw-beto'));
  const caseId = await open('2020-01-10T00:00:00Z', 'ELP', assigned('2020-01-11T00:00:00Z', 'cw-ana'));
  await open('2020-01-12T00:00:00Z', 'ELP', assigned('2020-01-12T00:00:00Z', 'cw-ana'));
  await open('2020-01-14T00:00:00Z', 'ELP', noted('2020-01-14T12:00:00Z'));
  expect(await rows()).toEqual([
    { office: 'ELP', caseworker: 'cw-ana', open: 2, oldestDays: 4, overdue: 0 },
    { office: 'ELP', caseworker: 'cw-beto', open: 1, oldestDays: 12, overdue: 0 },
    { office: 'ELP', caseworker: null, open: 1, oldestDays: 0, overdue: 0 },
    { office: 'LRD', caseworker: null, open: 1, oldestDays: 0, overdue: 0 },
  ]);
  await following.given(
    `case-${caseId}`,
    anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'ELP', toOffice: 'LRD', reasonCode: 'moved' } }, at('2020-01-20T00:00:00Z')),
  );
  expect(await rows()).toMatchObject([
    { office: 'ELP', caseworker: 'cw-ana', open: 1, oldestDays: 8 },
    { caseworker: 'cw-beto' },
    { office: 'ELP', caseworker: null },
    { office: 'LRD', caseworker: null, open: 2, oldestDays: 10 },
  ]);
  expect(await rows({ from: '2020-01-10', to: '2020-01-12' })).toMatchObject([
    { office: 'ELP', caseworker: 'cw-ana', open: 1 },
    { office: 'LRD', caseworker: null, open: 1 },
  ]);
});

test('a row is written anew only by what changes it', async () => {
  const caseId = await open('2020-01-10T00:00:00Z', 'ELP');
  const schema = schemaOf(await following.readModels.generationOf(workloadProjection.name));
  const written = async () => (await following.database.query(`SELECT xmin::text, caseworker FROM ${schema}.cases`)).rows;
  const before = await written();
  await following.given(`case-${caseId}`, noted('2020-01-10T12:00:00Z'));
  expect(await written()).toEqual(before);
  await following.given(`case-${caseId}`, assigned('2020-01-11T00:00:00Z', 'cw-ana'), noted('2020-01-11T12:00:00Z'));
  expect(await written()).toMatchObject([{ caseworker: 'cw-ana' }]);
});

test('a closed case is no work, one that is reopened is', async () => {
  const caseId = await open(
    '2020-01-10T00:00:00Z',
    'ELP',
    anEvent({ type: 'ReferredToUsProcedure', data: { ground: 'policy' } }),
    anEvent({ type: 'CaseClosed', data: { reasonCode: 'done' } }),
  );
  expect(await rows()).toEqual([]);
  await following.given(`case-${caseId}`, anEvent({ type: 'CaseReopened', data: { reasonCode: 'not-done' } }));
  expect(await rows()).toMatchObject([{ open: 1 }]);
});

test('a case is overdue once, with a reply, an alert or a follow-up past its time', async () => {
  const reply = await open('2020-01-10T00:00:00Z', 'ELP', requested('2020-01-13T15:00:00Z', '2020-01-27T15:00:00Z'));
  const alerts = [randomUUID(), randomUUID()].map(alertId =>
    anEvent({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } }, at('2020-01-20T00:00:00Z')),
  );
  await open('2020-01-10T00:00:00Z', 'LRD', departed('2020-01-19T00:00:00Z'), ...alerts);
  expect(await rows()).toMatchObject([
    { office: 'ELP', overdue: 0 },
    { office: 'LRD', overdue: 0 },
  ]);
  await following.given(`case-${reply}`, noted('2020-01-27T15:00:00Z'));
  expect(await rows()).toMatchObject([
    { office: 'ELP', overdue: 0 },
    { office: 'LRD', overdue: 1 },
  ]);
  await following.given(`case-${reply}`, noted('2020-01-27T15:00:01Z'));
  expect(await rows()).toMatchObject([
    { office: 'ELP', overdue: 1 },
    { office: 'LRD', overdue: 1 },
  ]);
  expect(await rows({ country: 'GT' })).toMatchObject([{ office: 'ELP', open: 1, overdue: 1 }]);

  const transferId = randomUUID();
  const silent = await open('2020-01-10T00:00:00Z', 'SND', ...flown('2020-02-01T00:00:00Z', transferId));
  await following.given(
    `case-${silent}`,
    anEvent({ type: 'FollowUpOverdue', data: { transferId, milestone: 'PT72H' } }, at('2020-02-04T00:00:00Z')),
  );
  expect((await rows()).at(-1)).toMatchObject({ office: 'SND', open: 1, overdue: 1 });
  const heard = anEvent({ type: 'ContactReestablished', data: { sourceCode: 'family' } }, at('2020-02-05T00:00:00Z'));
  await following.given(`case-${silent}`, heard);
  expect((await rows()).at(-1)).toMatchObject({ office: 'SND', open: 1, overdue: 0 });
  await following.given(`case-${silent}`, retracted(heard, '2020-02-06T00:00:00Z'));
  expect((await rows()).at(-1)).toMatchObject({ office: 'SND', open: 1, overdue: 1 });
});

test('nothing of an applicant is in any column, and the same position means the same report', async () => {
  await open('2020-01-10T00:00:00Z', 'ELP');
  expect(JSON.stringify(await report())).toBe(JSON.stringify(await report()));
  const { rows: found } = await following.database.query<{ columns: string }>(
    "SELECT string_agg(column_name, ' ' ORDER BY table_name, ordinal_position) AS columns FROM information_schema.columns WHERE " +
      "table_schema LIKE 'rm_workload_%'",
  );
  expect(found).toEqual([
    { columns: 'one position recorded_at case_id office caseworker country opened_at open due_at follow_up_overdue' },
  ]);
});
