import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ApplicantFacts } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { outcomesProjection } from '../../src/read-models/outcomes/outcomes.projection.js';
import { type OutcomesAsked, ReportOutcomes, ReportOutcomesHandler } from '../../src/read-models/outcomes/outcomes.query.js';
import { plusDays } from '../../src/fields/time.js';
import { csv } from '../../src/http/csv.js';
import { follow, type Following } from './following.js';
import { accepted, applied, arrived, at, departed, anEvent, flown, opened, requested, retracted, returned } from './histories.js';

const nothing = {
  requested: 0,
  accepted: 0,
  refused: 0,
  lapsed: 0,
  transferred: 0,
  intended: 0,
  applied: 0,
  granted: 0,
  denied: 0,
  abandoned: 0,
  onward: 0,
  silent: 0,
  appliedRate: null,
};

describe('the outcomes', () => {
  let following: Following;
  let handler: ReportOutcomesHandler;
  beforeEach(async () => {
    following = await follow(outcomesProjection, kinds => kinds.register(caseStream));
    handler = new ReportOutcomesHandler(following.readModels);
  });
  afterEach(() => following.stop());

  const report = (asked: OutcomesAsked = {}) => handler.execute(new ReportOutcomes(asked));
  const groups = async (asked: OutcomesAsked) =>
    Object.fromEntries((await report(asked)).rows.map(({ group, ...figures }) => [group, figures]));
  async function open(known: Partial<ApplicantFacts>, ...events: ReturnType<typeof anEvent>[]): Promise<string> {
    const caseId = randomUUID();
    await following.given(`case-${caseId}`, opened(known), ...events);
    return caseId;
  }
  const decided = (type: 'AsylumGranted' | 'AsylumDenied' | 'OtherProtectionGranted', when: string) =>
    anEvent({ type, data: { final: true }, personal: { reference: 'R-2' } }, at(when));

  test('without a case there is nothing, and no rate', async () => {
    expect(await report()).toEqual({ rows: [], total: nothing, asOfPosition: expect.any(String) });
  });

  test('requests count on their own day, people with those who arrived when they did', async () => {
    await open(
      {},
      requested('2020-01-10T00:00:00Z'),
      accepted('2020-01-31T23:59:59Z'),
      departed('2020-02-03T10:00:00Z'),
      arrived('2020-02-03T12:00:00Z'),
      applied('2020-05-01T12:00:00Z'),
    );
    await open(
      {},
      requested('2020-01-11T00:00:00Z'),
      anEvent({ type: 'TransferRefused', data: { requestId: randomUUID(), reasonCode: null } }, at('2020-02-01T00:00:00Z')),
    );
    await open(
      {},
      requested('2020-01-20T00:00:00Z'),
      anEvent({ type: 'TransferRequestLapsed', data: { requestId: randomUUID() } }, at('2020-02-04T00:00:00Z')),
    );
    const transferId = randomUUID();
    const overdue = ['PT72H', 'P30D'].map(milestone =>
      anEvent({ type: 'FollowUpOverdue', data: { transferId, milestone } }, at('2020-03-11T12:00:00Z')),
    );
    await open({}, ...flown('2020-02-10T12:00:00Z', transferId), ...overdue);
    expect(await groups({ by: 'month' })).toEqual({
      '2020-01': { ...nothing, requested: 3, accepted: 1 },
      '2020-02': { ...nothing, requested: 1, accepted: 1, refused: 1, lapsed: 1, transferred: 2, applied: 1, silent: 1, appliedRate: 50 },
    });
    expect((await report()).total).toEqual({
      ...nothing,
      requested: 4,
      accepted: 2,
      refused: 1,
      lapsed: 1,
      transferred: 2,
      applied: 1,
      silent: 1,
      appliedRate: 50,
    });
    expect((await report({ from: '2020-02-10', to: '2020-02-29' })).total).toMatchObject({
      requested: 1,
      transferred: 1,
      applied: 0,
      appliedRate: 0,
    });
    expect((await report({ to: '2020-02-03' })).total).toMatchObject({ transferred: 1, applied: 1 });
    expect((await report({ country: 'HN' })).total).toEqual(nothing);
  });

  test('every step counts a person once, and other protection is not asylum', async () => {
    const day = '2020-03-01T12:00:00Z';
    await open(
      {},
      ...flown(day),
      anEvent({ type: 'AsylumIntentionExpressed', data: { country: 'GT' } }, at(day)),
      applied(day),
      decided('AsylumDenied', day),
      decided('AsylumGranted', day),
    );
    const abandoned = anEvent({ type: 'AsylumApplicationAbandoned', data: { reasonCode: 'left' } }, at(day));
    const onward = anEvent(
      { type: 'OnwardDepartureReported', data: { toCountry: 'HN', manner: 'voluntary', sourceCode: 'family' } },
      at(day),
    );
    await open({}, ...flown(day), applied(day), abandoned, applied('2020-03-02T12:00:00Z'), onward, { ...onward, id: randomUUID() });
    await open({}, ...flown(day), applied(day), decided('OtherProtectionGranted', day));
    expect(await groups({ by: 'country' })).toEqual({
      GT: {
        ...nothing,
        requested: 3,
        accepted: 3,
        transferred: 3,
        intended: 1,
        applied: 3,
        granted: 1,
        denied: 1,
        abandoned: 1,
        onward: 1,
        appliedRate: 100,
      },
    });
  });

  test('a person who is sent twice is of two cohorts, but one person in each group and in all', async () => {
    await open({}, ...flown('2020-01-10T12:00:00Z'), applied('2020-01-11T12:00:00Z'));
    await open(
      {},
      ...flown('2020-01-10T12:00:00Z'),
      returned('2020-01-20T12:00:00Z'),
      ...flown('2020-02-10T12:00:00Z'),
      applied('2020-02-11T12:00:00Z'),
    );
    expect(await groups({ by: 'month' })).toMatchObject({
      '2020-01': { transferred: 2, applied: 1, appliedRate: 50 },
      '2020-02': { transferred: 1, applied: 1 },
    });
    const { rows, total } = await report({ by: 'country' });
    expect(rows).toMatchObject([{ group: 'GT', requested: 3, transferred: 2, applied: 2 }]);
    expect(total).toMatchObject({ requested: 3, transferred: 2, applied: 2, appliedRate: 100 });
  });

  test('what was entered in error never happened', async () => {
    const day = '2020-03-01T12:00:00Z';
    const [application, denial] = [applied(day), decided('AsylumDenied', day)];
    const caseId = await open({}, ...flown(day), application, denial);
    await open({}, ...flown(day), applied(day));
    expect((await report()).total).toMatchObject({ transferred: 2, applied: 2, denied: 1, appliedRate: 100 });
    await following.given(`case-${caseId}`, retracted(denial, '2020-03-02T12:00:00Z'));
    expect((await report()).total).toMatchObject({ transferred: 2, applied: 2, denied: 0, appliedRate: 100 });
    const newest = await following.given(`case-${caseId}`, retracted(application, '2020-03-03T12:00:00Z'));
    expect(await report()).toMatchObject({ asOfPosition: newest, total: { transferred: 2, applied: 1, denied: 0, appliedRate: 50 } });
    await following.given(`case-${caseId}`, applied('2020-03-04T12:00:00Z'));
    expect((await report()).total).toMatchObject({ applied: 2 });
  });

  test('silent is who was overdue at a milestone before which, by all that is known now, nothing had happened', async () => {
    const overdueAt = (arrivedAt: string, milestone: string, days: number, transferId: string) =>
      anEvent({ type: 'FollowUpOverdue', data: { transferId, milestone } }, at(plusDays(arrivedAt, days)));
    const arrivedAt = '2020-03-01T12:00:00Z';
    /** Nobody had said anything by the third day, nor by the thirtieth. */
    async function overdue(): Promise<{ caseId: string; transferId: string }> {
      const transferId = randomUUID();
      const notes = [overdueAt(arrivedAt, 'PT72H', 3, transferId), overdueAt(arrivedAt, 'P30D', 30, transferId)];
      return { caseId: await open({}, ...flown(arrivedAt, transferId), ...notes), transferId };
    }
    const silentAfter = async (...late: ReturnType<typeof anEvent>[]): Promise<number> => {
      const silent = async (): Promise<number> => Number((await report()).total.silent);
      const before = await silent();
      const { caseId } = await overdue();
      if (late.length > 0) await following.given(`case-${caseId}`, ...late);
      return (await silent()) - before;
    };
    const told = (occurredAt: string) => ({ occurredAt, recordedAt: '2020-04-05T12:00:00Z' });
    const contact = (occurredAt: string) => anEvent({ type: 'ContactReestablished', data: { sourceCode: 'family' } }, told(occurredAt));
    const onTheSecondDay = '2020-03-03T12:00:00Z';

    expect(await silentAfter()).toBe(1);
    expect(await silentAfter(contact(onTheSecondDay))).toBe(0);
    expect(await silentAfter(contact('2020-03-04T12:00:00Z'))).toBe(1);
    expect(await silentAfter(contact('2020-03-10T12:00:00Z'))).toBe(1);
    expect(await silentAfter({ ...applied(onTheSecondDay), id: randomUUID() })).toBe(0);
    expect(await silentAfter(anEvent({ type: 'AsylumIntentionExpressed', data: { country: 'GT' } }, told(onTheSecondDay)))).toBe(0);
    const onward = { toCountry: 'HN', manner: 'voluntary', sourceCode: 'family' } as const;
    expect(await silentAfter(anEvent({ type: 'OnwardDepartureReported', data: onward }, told(onTheSecondDay)))).toBe(0);
    expect(await silentAfter(anEvent({ type: 'ReturnRecorded', data: { reasonCode: 'sent-back' } }, told(onTheSecondDay)))).toBe(0);
    const unknown = anEvent({ type: 'WhereaboutsUnknown', data: { sourceCode: 'family' } }, told(onTheSecondDay));
    expect(await silentAfter(unknown)).toBe(1);
    const death = anEvent({ type: 'DeathRecorded', data: {} }, told(onTheSecondDay));
    expect(await silentAfter(death)).toBe(0);
    // What was heard, or recorded, in error was silence.
    const mistaken = contact(onTheSecondDay);
    expect(await silentAfter(mistaken, retracted(mistaken, '2020-04-06T12:00:00Z'))).toBe(1);
    const reopened = anEvent({ type: 'CaseReopened', data: { reasonCode: 'in-error' } }, at('2020-04-06T12:00:00Z'));
    expect(await silentAfter({ ...death, id: randomUUID() }, reopened)).toBe(1);
    // What came before another arrival says nothing of the silence after it.
    const again = randomUUID();
    const [back, secondly] = ['2020-04-10T12:00:00Z', '2020-05-01T12:00:00Z'];
    expect(await silentAfter(contact(onTheSecondDay), returned(back), ...flown(secondly, again))).toBe(0);
    const silentAgain = overdueAt(secondly, 'PT72H', 3, again);
    expect(await silentAfter(contact(onTheSecondDay), returned(back), ...flown(secondly, again), silentAgain)).toBe(1);
  });

  test('nationalities are as they are known now, for figures of the past too', async () => {
    const caseId = await open({ nationalities: ['SV'] }, ...flown('2020-01-10T12:00:00Z'));
    await open({ nationalities: ['SV', 'HN'] }, ...flown('2020-01-10T12:00:00Z'));
    await open({ nationalities: [] }, requested('2020-01-10T12:00:00Z'));
    await open({ nationalities: [], nationalityUnknown: true }, requested('2020-01-10T12:00:00Z'));
    const correct = (applicant: Partial<ApplicantFacts>) =>
      following.given(
        `case-${caseId}`,
        anEvent({ type: 'ApplicantCorrected', data: { applicant, fields: [], reasonCode: 'passport-seen', minorAtEncounter: false } }),
      );
    const transferred = async () => (await report({ by: 'nationality' })).rows.map(row => [row.group, row.transferred]);
    expect(await transferred()).toEqual([
      ['HN+SV', 1],
      ['SV', 1],
      ['stateless', 0],
      ['unknown', 0],
    ]);
    await correct({ nationalities: ['HN'] });
    await correct({ languages: ['es', 'en'] });
    expect(await transferred()).toEqual([
      ['HN', 1],
      ['HN+SV', 1],
      ['stateless', 0],
      ['unknown', 0],
    ]);
    await correct({ nationalityUnknown: true });
    expect(await transferred()).toEqual([
      ['HN+SV', 1],
      ['stateless', 0],
      ['unknown', 1],
    ]);
  });

  test('offices count what they did, and minors are as they are known now', async () => {
    const caseId = await open({}, requested('2020-01-10T12:00:00Z'));
    await following.given(
      `case-${caseId}`,
      anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'ELP', toOffice: 'LRD', reasonCode: 'moved' } }),
      accepted('2020-01-11T12:00:00Z'),
    );
    // A contact alone makes no office's row.
    await open(
      {},
      ...flown('2020-01-12T12:00:00Z'),
      anEvent({ type: 'CaseHandedOver', data: { fromOffice: 'ELP', toOffice: 'SND', reasonCode: 'moved' } }),
      anEvent({ type: 'ContactReestablished', data: { sourceCode: 'family' } }, at('2020-01-13T12:00:00Z')),
    );
    expect(Object.keys(await groups({ by: 'office' }))).toEqual(['ELP', 'LRD']);
    expect(await groups({ by: 'office' })).toMatchObject({ ELP: { requested: 2, accepted: 1 }, LRD: { requested: 0, accepted: 1 } });
    expect(await groups({ by: 'minor' })).toMatchObject({ adult: { requested: 2, accepted: 2 } });
    await following.given(`case-${caseId}`, anEvent({ type: 'AgeDisputed', data: {} }));
    const byAge = await groups({ by: 'minor' });
    expect(byAge).toMatchObject({ adult: { requested: 1, accepted: 1 }, minor: { requested: 1, accepted: 1 } });
  });

  test('nothing of a person is kept, and an erased one still counts', async () => {
    const erased: ReturnType<typeof anEvent> = { ...opened({ nationalities: ['HN'] }), personal: undefined };
    await following.given(`case-${randomUUID()}`, erased, ...flown('2020-01-10T12:00:00Z'));
    await open({}, ...flown('2020-01-10T12:00:00Z'), applied('2020-01-11T12:00:00Z'));
    expect(await groups({ by: 'nationality' })).toMatchObject({ HN: { transferred: 2, applied: 1, appliedRate: 50 } });
    const { rows } = await following.database.query<{ columns: string }>(
      "SELECT string_agg(column_name, ' ' ORDER BY table_name, ordinal_position) AS columns FROM information_schema.columns WHERE " +
        "table_schema LIKE 'rm_outcomes_%'",
    );
    expect(rows).toEqual([
      {
        columns:
          'one position case_id nationalities nationality_unknown minor died_at spread ' +
          'event_id case_id fact day country office transfer_id happened_at day country office nationality minor ' +
          'requested accepted refused lapsed transferred intended applied granted denied abandoned onward silent empty',
      },
    ]);
  });

  test('figures and the position that they stand for belong together', async () => {
    const caseId = randomUUID();
    const position = await following.given(`case-${caseId}`, opened(), requested('2020-01-10T12:00:00Z'));
    const [one, two] = [await report({ by: 'country' }), await report({ by: 'country' })];
    expect(one.asOfPosition).toBe(position);
    expect(JSON.stringify(two)).toBe(JSON.stringify(one));
    const next = await following.given(`case-${caseId}`, accepted('2020-01-11T12:00:00Z'));
    expect(await report({ by: 'country' })).toMatchObject({ asOfPosition: next, total: { requested: 1, accepted: 1 } });
  });
});

test('a report as CSV has the names first, quotes what needs it, and leaves null empty', () => {
  expect(
    csv(
      ['group', 'count', 'rate'],
      [
        { group: 'HN+SV', count: 2, rate: null },
        { group: 'a "b", c', count: 0, rate: 12.5 },
      ],
    ),
  ).toBe('group,count,rate\r\nHN+SV,2,\r\n"a ""b"", c",0,12.5\r\n');
});
