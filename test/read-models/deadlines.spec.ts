import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AgreementEvent } from '../../src/agreements/agreement.events.js';
import { agreementStream } from '../../src/agreements/agreement.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { ValidationFailed } from '../../src/fields/validation.js';
import { deadlinesProjection } from '../../src/read-models/deadlines/deadlines.projection.js';
import { type DeadlineFilter, ListDeadlines, ListDeadlinesHandler } from '../../src/read-models/deadlines/deadlines.query.js';
import { follow, stored, type Following } from './following.js';
import { accepted, applied, arrived, at, departed, anEvent, flown, opened, requested, retracted, returned } from './histories.js';

let following: Following;
let handler: ListDeadlinesHandler;
beforeEach(async () => {
  following = await follow(deadlinesProjection, kinds => {
    kinds.register(caseStream);
    kinds.register(agreementStream);
  });
  handler = new ListDeadlinesHandler(following.readModels);
});
afterEach(() => following.stop());

const list = (filter: DeadlineFilter = {}, onlyOffice: string | null = null) => handler.execute(new ListDeadlines(filter, onlyOffice));
const due = async (filter: DeadlineFilter = {}) => (await list(filter)).rows.map(({ kind, dueAt }) => `${kind} ${dueAt}`);
const rules = (followUp: readonly string[], version = 1) =>
  stored<AgreementEvent>({
    type: 'AgreementRulesPublished',
    data: { version, replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp },
  });

async function open(...events: ReturnType<typeof anEvent>[]): Promise<string> {
  const caseId = randomUUID();
  await following.given(`case-${caseId}`, opened(), ...events);
  return caseId;
}

test('a reply is due while it is asked for, an acceptance runs out while nobody has left', async () => {
  const requestId = randomUUID();
  const caseId = await open(
    anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-ana' } }),
    requested('2020-01-13T15:00:00Z', '2020-01-27T15:00:00Z', 'GT', requestId),
  );
  const other = await open(requested('2020-01-14T15:00:00Z', '2020-01-28T15:00:00Z'));
  expect((await list()).rows).toEqual([
    {
      deadlineId: requestId,
      caseId,
      kind: 'transfer-reply',
      milestone: null,
      dueAt: '2020-01-27T15:00:00Z',
      office: 'ELP',
      assignedTo: 'cw-ana',
    },
    expect.objectContaining({ caseId: other, kind: 'transfer-reply', dueAt: '2020-01-28T15:00:00Z', assignedTo: null }),
  ]);
  await following.given(`case-${caseId}`, accepted('2020-01-15T15:00:00Z'));
  expect(await due()).toEqual(['transfer-reply 2020-01-28T15:00:00Z', 'acceptance-expiry 2020-03-16T15:00:00Z']);
  await following.given(
    `case-${caseId}`,
    anEvent({ type: 'TransferScheduled', data: { manifestId: randomUUID(), placeWeek: '2020-W04', departsAt: '2020-01-20T15:00:00Z' } }),
  );
  expect(await due({ kind: 'acceptance-expiry' })).toHaveLength(1);
  await following.given(`case-${caseId}`, departed('2020-01-20T15:00:00Z'));
  await following.given(`case-${other}`, anEvent({ type: 'TransferRefused', data: { requestId: randomUUID(), reasonCode: null } }));
  expect(await due()).toEqual([]);
});

test('an alert is due at once, until it is answered, also in a closed case', async () => {
  const alertId = randomUUID();
  const caseId = await open(
    ...flown('2020-01-14T15:00:00Z'),
    anEvent({ type: 'ProtectionAlertRaised', data: { alertId, cause: 'fear' } }, at('2020-01-15T15:00:00Z')),
  );
  await following.given(`case-${caseId}`, anEvent({ type: 'CaseClosed', data: { reasonCode: 'done' } }));
  expect((await list()).rows).toEqual([
    expect.objectContaining({ deadlineId: alertId, caseId, kind: 'protection-alert', dueAt: '2020-01-15T15:00:00Z' }),
  ]);
  await following.given(`case-${caseId}`, anEvent({ type: 'ProtectionAlertAnswered', data: { alertId } }));
  expect(await due()).toEqual([]);
});

test('whoever died has none', async () => {
  await following.given('agreement-GT', rules(['PT72H']));
  const alert = anEvent({ type: 'ProtectionAlertRaised', data: { alertId: randomUUID(), cause: 'fear' } }, at('2020-01-15T15:00:00Z'));
  const arrived = await open(...flown('2020-01-14T15:00:00Z'), alert);
  const asked = await open(requested('2020-01-14T15:00:00Z'));
  expect(await due()).toHaveLength(3);
  for (const caseId of [arrived, asked]) await following.given(`case-${caseId}`, anEvent({ type: 'DeathRecorded', data: {} }));
  expect(await due()).toEqual([]);
});

test('after an arrival each milestone is due until something is heard', async () => {
  await following.given('agreement-GT', rules(['PT72H', 'P30D']));
  const transferId = randomUUID();
  const silent = await open(...flown('2020-03-01T12:00:00Z', transferId));
  const heard = await open(...flown('2020-03-02T12:00:00Z'));
  const { rows } = await list({ dueBefore: '2020-03-05' });
  expect(rows).toEqual([expect.objectContaining({ caseId: silent, kind: 'follow-up', milestone: 'PT72H', dueAt: '2020-03-04T12:00:00Z' })]);
  expect(rows[0]?.deadlineId).toMatch(/^[0-9a-f-]{36}$/);
  expect(await due()).toEqual(['2020-03-04', '2020-03-05', '2020-03-31', '2020-04-01'].map(day => `follow-up ${day}T12:00:00Z`));
  await following.given(`case-${heard}`, applied('2020-03-03T12:00:00Z'));
  expect(await due()).toEqual(['2020-03-04', '2020-03-31'].map(day => `follow-up ${day}T12:00:00Z`));
  await following.given(
    `case-${silent}`,
    anEvent({ type: 'FollowUpOverdue', data: { transferId, milestone: 'PT72H' } }, at('2020-03-04T12:00:00Z')),
  );
  expect(await due()).toEqual(['follow-up 2020-03-31T12:00:00Z']);
  await following.given(
    `case-${silent}`,
    anEvent(
      { type: 'OnwardDepartureReported', data: { toCountry: 'HN', manner: 'voluntary', sourceCode: 'family' } },
      at('2020-03-03T12:00:00Z'),
    ),
  );
  expect(await due()).toEqual([]);
});

test('a contact ends them for good, though the person may be lost again', async () => {
  await following.given('agreement-GT', rules(['P30D']));
  const lost = anEvent({ type: 'WhereaboutsUnknown', data: { sourceCode: 'shelter' } }, at('2020-03-03T12:00:00Z'));
  const found = anEvent({ type: 'ContactReestablished', data: { sourceCode: 'family' } }, at('2020-03-04T12:00:00Z'));
  const caseId = await open(...flown('2020-03-01T12:00:00Z'), lost);
  const together = await open(...flown('2020-03-01T12:00:00Z'), found, lost);
  expect((await list()).rows.map(row => row.caseId)).toEqual([caseId]);
  await following.given(`case-${caseId}`, found);
  await following.given(`case-${caseId}`, { ...lost, id: randomUUID() });
  expect(await due()).toEqual([]);
  // Back, and sent again: that arrival is followed anew.
  await following.given(`case-${together}`, returned('2020-03-05T12:00:00Z'), ...flown('2020-03-10T12:00:00Z'));
  expect(await due()).toEqual(['follow-up 2020-04-09T12:00:00Z']);
});

test('what was heard in error leaves silence: its milestones are due again', async () => {
  await following.given('agreement-GT', rules(['PT72H', 'P30D']));
  const transferId = randomUUID();
  const overdue = anEvent({ type: 'FollowUpOverdue', data: { transferId, milestone: 'PT72H' } }, at('2020-03-04T12:00:00Z'));
  const mistaken = applied('2020-03-05T12:00:00Z');
  const caseId = await open(...flown('2020-03-01T12:00:00Z', transferId), overdue, mistaken);
  expect(await due()).toEqual([]);
  await following.given(`case-${caseId}`, retracted(mistaken, '2020-03-06T12:00:00Z'));
  expect(await due()).toEqual(['follow-up 2020-03-31T12:00:00Z']);
});

test('the newest rules count, also for those who arrived before', async () => {
  const caseId = await open(...flown('2020-03-01T12:00:00Z'));
  expect(await due()).toEqual([]);
  await following.given('agreement-GT', rules(['P30D']));
  await following.given('agreement-HN', rules(['P1D']));
  expect(await due()).toEqual(['follow-up 2020-03-31T12:00:00Z']);
  await following.given('agreement-GT', rules(['P2W', 'P1DT12H'], 2));
  expect(await due()).toEqual(['follow-up 2020-03-03T00:00:00Z', 'follow-up 2020-03-15T12:00:00Z']);
  await following.given(`case-${caseId}`, returned('2020-03-02T12:00:00Z'));
  expect(await due()).toEqual([]);
});

test('an office sees its own deadlines alone, and they go with the case', async () => {
  const ours = await open(requested('2020-01-13T15:00:00Z'));
  const other = await open(requested('2020-01-14T15:00:00Z'));
  const handedOver = anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'ELP', toOffice: 'LRD', reasonCode: 'moved' } });
  await following.given(`case-${other}`, anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-ana' } }), handedOver);
  expect((await list({}, 'ELP')).rows.map(({ caseId }) => caseId)).toEqual([ours]);
  expect((await list({ office: 'LRD' }, 'ELP')).rows).toEqual([]);
  expect((await list({ office: 'LRD' })).rows).toEqual([expect.objectContaining({ caseId: other, assignedTo: null })]);
});

test('pages do not shift while deadlines come and go', async () => {
  const cases = [];
  for (let day = 10; day < 15; day++) cases.push(await open(requested('2020-01-01T00:00:00Z', `2020-01-${day}T00:00:00Z`)));
  const first = await list({ limit: 2 });
  await following.given(`case-${cases[0]}`, anEvent({ type: 'TransferRefused', data: { requestId: randomUUID(), reasonCode: null } }));
  await open(requested('2020-01-01T00:00:00Z', '2020-01-09T00:00:00Z'));
  const second = await list({ limit: 2, cursor: first.nextCursor ?? undefined });
  const third = await list({ limit: 2, cursor: second.nextCursor ?? undefined });
  expect([first, second, third].flatMap(({ rows }) => rows.map(({ caseId }) => caseId))).toEqual(cases);
  expect(third.nextCursor).toBeNull();
  await expect(list({ cursor: Buffer.from('["2020","x"]').toString('base64url') })).rejects.toThrow(ValidationFailed);
});

test('who arrived twice is followed from the last arrival', async () => {
  await following.given('agreement-GT', rules(['P1D']));
  const caseId = await open(...flown('2020-03-01T12:00:00Z'), returned('2020-03-02T12:00:00Z'));
  await following.given(`case-${caseId}`, requested('2020-03-02T12:00:00Z'));
  expect(await due({ kind: 'follow-up' })).toEqual([]);
  await following.given(
    `case-${caseId}`,
    accepted('2020-03-03T12:00:00Z'),
    departed('2020-03-04T12:00:00Z'),
    arrived('2020-03-05T12:00:00Z'),
  );
  expect(await due()).toEqual(['follow-up 2020-03-06T12:00:00Z']);
});
