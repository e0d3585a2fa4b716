import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AgreementEvent } from '../../src/agreements/agreement.events.js';
import * as rules from '../../src/agreements/agreement.rules.js';
import {
  agreementAt,
  agreementStream,
  reinstatedBy,
  standingAt,
  type Agreement,
  type Standing,
} from '../../src/agreements/agreement.state.js';
import { agreementUseCases } from '../../src/agreements/agreement.use-cases.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';
import { millis, plusDays, toInstant } from '../../src/fields/time.js';
import { KnownAgreement } from '../model/agreements.js';
import { decided, folded, told, type Told } from '../support/given.js';

const at = (day: string) => `${day}T12:00:00Z`;
const given = (...history: (AgreementEvent & Told)[]): Agreement => folded(agreementStream, history);

const signed = (on: string, recorded = at(on)) => told<AgreementEvent>({ type: 'AgreementSigned', data: { on } }, { at: recorded });
const rulesOf = (version: number): AgreementEvent => ({
  type: 'AgreementRulesPublished',
  data: { version, replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H'] },
});
const planned = (on: string): AgreementEvent => ({ type: 'ImplementationPlanAgreed', data: { on } });
const inForce = (from: string, recorded = at(from)) =>
  told<AgreementEvent>({ type: 'AgreementEnteredIntoForce', data: { from } }, { at: recorded });
const suspended = (from: string, scope: 'all' | 'transfers' = 'all', recorded = at(from), suspensionId = 'first') =>
  told<AgreementEvent>({ type: 'AgreementSuspended', data: { suspensionId, from, scope, reasonCode: 'review' } }, { at: recorded });
const reinstated = (from: string, recorded = at(from), suspensionId = 'first') =>
  told<AgreementEvent>({ type: 'AgreementReinstated', data: { suspensionId, from } }, { at: recorded });
const noticeGiven = (effectiveOn: string, recorded: string) =>
  told<AgreementEvent>({ type: 'TerminationNotified', data: { effectiveOn } }, { at: recorded });

/** Signed and in force, as the agreement with Guatemala was. */
const begun = [signed('2019-07-26'), rulesOf(1), planned('2019-11-15'), inForce('2019-11-15')];

describe('the standing at an instant', () => {
  test.each<[string, (AgreementEvent & Told)[], (readonly [string, string])[]]>([
    [
      'unsigned, signed, in force',
      begun,
      [
        ['2019-07-25T23:59:59Z', 'unsigned'],
        ['2019-07-26', 'signed'],
        ['2019-11-14T23:59:59Z', 'signed'],
        ['2019-11-15T00:00:00Z', 'in-force'],
        ['2030-01-01', 'in-force'],
      ],
    ],
    [
      'in force from a day to come',
      [signed('2019-09-25'), inForce('2020-05-01', at('2020-03-01'))],
      [
        ['2020-03-01T12:00:00Z', 'signed'],
        ['2020-05-01', 'in-force'],
      ],
    ],
    [
      'transfers suspended, then all, then reinstated',
      [...begun, suspended('2020-03-16', 'transfers'), suspended('2020-04-01'), reinstated('2020-06-01')],
      [
        ['2020-03-15T23:59:59Z', 'in-force'],
        ['2020-03-16', 'transfers-suspended'],
        ['2020-04-01', 'suspended'],
        ['2020-05-31T23:59:59Z', 'suspended'],
        ['2020-06-01', 'in-force'],
      ],
    ],
    [
      'suspended from an instant to come',
      [...begun, suspended('2020-03-16T18:00:00Z', 'all', at('2020-03-01'))],
      [
        ['2020-03-16T17:59:59Z', 'in-force'],
        ['2020-03-16T18:00:00Z', 'suspended'],
      ],
    ],
    [
      'to be reinstated on a day to come',
      [...begun, suspended('2020-03-16'), reinstated('2020-06-01', at('2020-04-01'))],
      [
        ['2020-05-31', 'suspended'],
        ['2020-06-01', 'in-force'],
      ],
    ],
    [
      'suspended again',
      [...begun, suspended('2020-03-16'), reinstated('2020-06-01'), suspended('2021-02-06', 'all', at('2021-02-06'), 'second')],
      [
        ['2020-07-01', 'in-force'],
        ['2021-02-06', 'suspended'],
      ],
    ],
    [
      'ended on notice while suspended',
      [...begun, suspended('2021-02-06'), noticeGiven('2021-08-06', at('2021-02-06'))],
      [
        ['2021-08-05T23:59:59Z', 'suspended'],
        ['2021-08-06', 'terminated'],
      ],
    ],
    [
      'ended before it was ever in force',
      [signed('2019-09-20'), noticeGiven('2020-01-01', at('2019-10-01'))],
      [
        ['2019-12-31', 'signed'],
        ['2020-01-01', 'terminated'],
      ],
    ],
    [
      'signed anew after its end',
      [...begun, noticeGiven('2021-08-06', at('2021-02-06')), signed('2022-01-10'), inForce('2022-03-01')],
      [
        ['2021-08-06', 'terminated'],
        ['2022-01-10', 'signed'],
        ['2022-03-01', 'in-force'],
      ],
    ],
  ])('%s', (_, history, expected) => {
    const agreement = given(...history);
    expect(expected.map(([instant]) => [instant, standingAt(agreement, instant)])).toEqual(expected);
  });
});

describe('what is shown beside the standing', () => {
  test('a wider suspension is the same suspension, from its first day', () => {
    const agreement = given(...begun, suspended('2020-03-16', 'transfers'), suspended('2020-04-01'));
    expect(agreementAt(agreement, '2020-03-20').suspension).toEqual({
      suspensionId: 'first',
      from: '2020-03-16T00:00:00Z',
      scope: 'transfers',
    });
    expect(agreementAt(agreement, '2020-04-02').suspension).toEqual({ suspensionId: 'first', from: '2020-03-16T00:00:00Z', scope: 'all' });
  });

  test('an end shows neither suspension nor what comes later', () => {
    const agreement = given(...begun, suspended('2021-02-06'), noticeGiven('2021-08-06', at('2021-02-06')));
    expect(agreementAt(agreement, '2021-08-07')).toEqual({
      standing: 'terminated',
      signedOn: '2019-07-26T00:00:00Z',
      inForceFrom: '2019-11-15T00:00:00Z',
      suspension: null,
      terminatedFrom: '2021-08-06T00:00:00Z',
    });
    expect(agreementAt(agreement, '2021-08-05').terminatedFrom).toBeNull();
  });

  test('a new signature begins anew: rules and plan are to be agreed again, their numbers go on', () => {
    const agreement = given(...begun, rulesOf(2), noticeGiven('2021-08-06', at('2021-02-06')), signed('2022-01-10'));
    expect(agreement).toMatchObject({ ruleSet: null, planAgreedOn: null, published: 2 });
    expect(agreementAt(agreement, '2022-02-01')).toEqual({
      standing: 'signed',
      signedOn: '2022-01-10T00:00:00Z',
      inForceFrom: null,
      suspension: null,
      terminatedFrom: null,
    });
  });
});

describe('a day that lies back acts at once', () => {
  test('in force from before it was signed is in force from the signature', () => {
    expect(agreementAt(given(signed('2019-09-20'), inForce('2019-01-01', at('2019-10-01'))), '2019-10-02')).toMatchObject({
      standing: 'in-force',
      inForceFrom: '2019-09-20T00:00:00Z',
    });
  });

  test('which suspensions a reinstatement has ended, and which only a termination', () => {
    const agreement = given(
      ...begun,
      suspended('2020-03-16'),
      reinstated('2020-05-01'),
      suspended('2020-06-01', 'all', at('2020-06-01'), 'second'),
      noticeGiven('2020-07-01', at('2020-06-02')),
    );
    expect(['2020-04-30', '2020-05-01', '2020-08-01'].map(instant => reinstatedBy(agreement, instant))).toEqual([[], ['first'], ['first']]);
  });

  test('a suspension from before an earlier reinstatement suspends', () => {
    const agreement = given(
      ...begun,
      suspended('2020-03-16'),
      reinstated('2020-05-01'),
      suspended('2020-02-01', 'all', at('2020-06-01'), 'second'),
    );
    expect(agreementAt(agreement, at('2020-06-01'))).toMatchObject({
      standing: 'suspended',
      suspension: { suspensionId: 'second', from: '2020-05-01T00:00:00Z' },
    });
  });

  test('a wider suspension counts although a reinstatement is still to come', () => {
    const agreement = given(
      ...begun,
      suspended('2020-03-16', 'transfers'),
      reinstated('2020-07-01', at('2020-04-01')),
      suspended('2020-06-10'),
    );
    expect(['2020-06-10', '2020-07-01'].map(day => standingAt(agreement, day))).toEqual(['suspended', 'in-force']);
  });

  test('a reinstatement from before the suspension was widened reinstates', () => {
    const agreement = given(
      ...begun,
      suspended('2020-03-16', 'transfers'),
      suspended('2020-04-01'),
      reinstated('2020-03-20', at('2020-06-01')),
    );
    expect(standingAt(agreement, at('2020-06-01'))).toBe('in-force');
  });

  test('an earlier signature, after several notices, is after the one that ended it', () => {
    const agreement = given(
      ...begun,
      noticeGiven('2021-08-06', at('2021-02-06')),
      noticeGiven('2021-09-01', at('2021-02-07')),
      signed('2021-08-10', at('2021-09-05')),
    );
    expect(agreementAt(agreement, '2021-08-10')).toMatchObject({ standing: 'signed', signedOn: '2021-08-10T00:00:00Z' });
    expect(standingAt(agreement, '2021-09-05')).toBe('signed');
  });

  test('a suspension from before it came into force suspends from then on, whatever later day had been told before', () => {
    const agreement = given(
      signed('2019-09-20'),
      inForce('2020-05-01', at('2020-01-02')),
      inForce('2020-04-01', at('2020-01-03')),
      suspended('2020-03-01', 'all', at('2020-06-01')),
    );
    expect(agreementAt(agreement, '2020-04-02').suspension).toMatchObject({ from: '2020-04-01T00:00:00Z' });
  });

  test('a reinstatement counts from its day, though the suspension has been widened since', () => {
    const agreement = given(
      ...begun,
      suspended('2020-03-16', 'transfers'),
      suspended('2020-04-01'),
      reinstated('2020-03-20', at('2020-06-01')),
    );
    expect(['2020-03-19', '2020-03-20', '2020-04-02'].map(day => standingAt(agreement, day))).toEqual([
      'transfers-suspended',
      'in-force',
      'in-force',
    ]);
  });

  test('an end from before the signature is an end from the signature', () => {
    expect(agreementAt(given(...begun, noticeGiven('2018-01-01', at('2020-01-01'))), at('2020-01-01'))).toMatchObject({
      standing: 'terminated',
      terminatedFrom: '2019-07-26T00:00:00Z',
    });
  });
});

describe('a reinstatement is of the suspension that stood when it was recorded, and of no later one', () => {
  const own = (agreement: Agreement, day: string) => {
    const { standing, suspension } = agreementAt(agreement, day);
    return [standing, suspension?.from.slice(0, 10), suspension && suspension.suspensionId !== 'first'];
  };

  test('a wider one that was announced for a later day comes all the same, as one of its own', () => {
    const agreement = given(
      ...begun,
      suspended('2020-01-10', 'transfers'),
      suspended('2020-01-20', 'all', at('2020-01-10')),
      reinstated('2020-01-10', at('2020-01-10')),
    );
    expect(['2020-01-11', '2020-01-19', '2020-01-21'].map(day => standingAt(agreement, day))).toEqual([
      'in-force',
      'in-force',
      'suspended',
    ]);
    expect(own(agreement, '2020-01-21')).toEqual(['suspended', '2020-01-20', true]);
    expect(reinstatedBy(agreement, '2020-01-21')).toEqual(['first']);
  });

  test('also one of the very day of the reinstatement', () => {
    const agreement = given(
      ...begun,
      suspended('2020-01-10', 'transfers'),
      suspended('2020-01-20', 'all', at('2020-01-10')),
      reinstated('2020-01-20', at('2020-01-12')),
    );
    expect(own(agreement, '2020-01-21')).toEqual(['suspended', '2020-01-20', true]);
  });

  test('also a narrower one', () => {
    const agreement = given(
      ...begun,
      suspended('2020-01-20', 'transfers', at('2020-01-09')),
      suspended('2020-01-10', 'all', at('2020-01-10'), 'sooner'),
      reinstated('2020-01-15', at('2020-01-12'), 'sooner'),
    );
    expect(['2020-01-14', '2020-01-16', '2020-01-21'].map(day => standingAt(agreement, day))).toEqual([
      'suspended',
      'in-force',
      'transfers-suspended',
    ]);
  });

  test('one that has come when the reinstatement takes effect ends with it', () => {
    const agreement = given(
      ...begun,
      suspended('2020-01-10', 'transfers'),
      suspended('2020-01-20', 'all', at('2020-01-10')),
      reinstated('2020-01-25', at('2020-01-12')),
    );
    expect(['2020-01-21', '2020-01-26'].map(day => standingAt(agreement, day))).toEqual(['suspended', 'in-force']);
  });

  test('a reinstatement that was overtaken by an earlier one does not end the next suspension', () => {
    const agreement = given(
      ...begun,
      suspended('2020-01-10'),
      reinstated('2020-01-25', at('2020-01-12')),
      reinstated('2020-01-15', at('2020-01-13')),
      suspended('2020-01-16', 'all', at('2020-01-16'), 'second'),
    );
    expect(['2020-01-15', '2020-01-17', '2020-01-26'].map(day => standingAt(agreement, day))).toEqual([
      'in-force',
      'suspended',
      'suspended',
    ]);
    expect(reinstatedBy(agreement, '2020-01-26')).toEqual(['first']);
    const widened = given(
      ...begun,
      suspended('2020-01-10'),
      reinstated('2020-01-25', at('2020-01-12')),
      reinstated('2020-01-15', at('2020-01-13')),
      suspended('2020-01-17', 'all', at('2020-01-27'), 'second'),
    );
    expect(agreementAt(widened, '2020-01-27').suspension).toMatchObject({ from: '2020-01-17T00:00:00Z' });
  });
});

test('of several notices the first to come ends it', () => {
  const agreement = given(
    ...begun,
    noticeGiven('2021-08-06', at('2021-02-06')),
    noticeGiven('2021-06-01', at('2021-02-07')),
    noticeGiven('2021-07-01', at('2021-06-15')),
  );
  expect(agreementAt(agreement, '2022-01-01')).toMatchObject({ standing: 'terminated', terminatedFrom: '2021-06-01T00:00:00Z' });
});

test('what was still to come under an earlier signature does not touch a new one', () => {
  const agreement = given(
    ...begun,
    noticeGiven('2021-08-06', at('2021-02-06')),
    noticeGiven('2022-06-01', at('2021-03-01')),
    signed('2022-01-10'),
    inForce('2022-03-01'),
  );
  expect(standingAt(agreement, '2022-07-01')).toBe('in-force');
  const neverBegun = given(
    signed('2019-09-20'),
    inForce('2022-05-01', at('2019-10-01')),
    noticeGiven('2021-08-06', at('2021-02-06')),
    signed('2022-01-10'),
  );
  expect(standingAt(neverBegun, '2022-06-01')).toBe('signed');
});

test.each<[string, (AgreementEvent & Told)[], string]>([
  ['signed twice', [...begun, signed('2019-12-01')], 'in-force'],
  ['in force, unsigned', [inForce('2019-11-15')], 'unsigned'],
  ['in force twice', [...begun, inForce('2019-12-01')], 'in-force'],
  ['suspended before it was in force', [signed('2019-07-26'), suspended('2019-08-01', 'transfers'), suspended('2019-08-01')], 'signed'],
  ['reinstated without a suspension', [...begun, reinstated('2019-12-01')], 'in-force'],
  ['ended, unsigned', [noticeGiven('2019-12-01', at('2019-12-01'))], 'unsigned'],
])('what no rule would store is remembered and changes nothing: %s', (_, history, standing) => {
  expect(standingAt(given(...history), '2020-01-01')).toBe(standing);
});

describe('whatever is done to an agreement', () => {
  const offset = fc.integer({ min: -400, max: 400 });
  const { sign, publishRules, agreeImplementationPlan, bringIntoForce, suspend, reinstate, giveTerminationNotice } = rules;
  const ruleOf = { sign, publishRules, agreeImplementationPlan, bringIntoForce, suspend, reinstate, giveTerminationNotice };
  type Command = keyof typeof ruleOf;
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.constantFrom<Command>('sign', 'publishRules', 'agreeImplementationPlan', 'bringIntoForce', 'giveTerminationNotice'),
    { arbitrary: fc.constantFrom<Command>('suspend', 'reinstate'), weight: 4 },
  );
  const step = fc.record({
    command,
    offset,
    later: fc.integer({ min: 1, max: 200 }),
    scope: fc.constantFrom('all' as const, 'transfers' as const),
  });
  const className = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

  /** The agreement after each of the commands that were taken, and when that was. */
  async function lived(steps: readonly { command: Command; offset: number; later: number; scope: 'all' | 'transfers' }[]) {
    const history: (AgreementEvent & Told)[] = [...begun];
    const life: { now: string; command: Command; agreement: Agreement; history: readonly (AgreementEvent & Told)[]; stored: boolean }[] =
      [];
    let now = '2020-01-01T12:00:00Z';
    for (const { command, offset, later, scope } of steps) {
      now = plusDays(now, later);
      const day = plusDays(now, offset).slice(0, 10);
      const before = given(...history);
      if (!agreementUseCases.decider.useCase(className(command))?.isTaken(standingAt(before, now), before)) continue;
      const on = day > now.slice(0, 10) ? now.slice(0, 10) : day;
      const body = {
        on,
        from: day,
        effectiveOn: day,
        scope,
        reasonCode: 'review',
        replyDays: 14,
        acceptanceValidDays: 60,
        clearanceValidHours: 24,
        followUp: [],
      };
      const outcome = await decided(
        { kind: agreementStream, book: rules.agreementRuleBook },
        ruleOf[command] as typeof sign,
        body,
        before,
        { now, newId: () => `suspension ${history.length}` },
      );
      if ('refused' in outcome) continue;
      history.push(...outcome.map((event, index) => ({ ...told(event, { at: now }), id: `event ${history.length + index}` })));
      life.push({ now, command, agreement: given(...history), history: [...history], stored: outcome.length > 0 });
    }
    return life;
  }

  test('its standing is a function of the instant alone, and changes only when something takes effect', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(fc.integer({ min: 0, max: 6_000 }), { maxLength: 10 }),
        async (steps, days) => {
          const agreement = (await lived(steps)).at(-1)?.agreement ?? given(...begun);
          for (const day of days) {
            const instant = plusDays('2018-06-01T06:00:00Z', day);
            const lastChange = agreement.changes.findLast(change => millis(change.at) <= millis(instant))?.at;
            expect(agreementAt(agreement, instant)).toEqual(agreementAt(structuredClone(agreement), lastChange ?? '1900-01-01'));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('it is at every turn what another model of it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async steps => {
        const { agreement, history } = (await lived(steps)).at(-1) ?? { agreement: given(...begun), history: begun };
        const known = new KnownAgreement();
        for (const { at: recordedAt = '', ...event } of history as readonly (AgreementEvent & Told)[])
          known.know({ id: '', metadata: { recordedAt }, ...event } as Recorded<AgreementEvent>, (holds, what) => {
            if (!holds) throw new Error(what);
          });
        for (const instant of new Set(
          [...agreement.changes.map(({ at: turn }) => turn), ...known.instants()].flatMap(turn =>
            [-1, 0, 1].map(moment => toInstant(millis(turn) + moment)),
          ),
        )) {
          const { standing, suspension } = agreementAt(agreement, instant);
          expect({ instant, standing, suspension, ended: reinstatedBy(agreement, instant) }).toEqual({
            instant,
            standing: known.at(instant).standing,
            suspension: known.at(instant).suspension,
            ended: known.endedBy(instant),
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what lies back, or on this day, is in effect at once', async () => {
    const becomes: Readonly<Partial<Record<Command, readonly Standing[]>>> = {
      sign: ['signed'],
      bringIntoForce: ['in-force'],
      suspend: ['suspended', 'transfers-suspended'],
      reinstate: ['in-force'],
      giveTerminationNotice: ['terminated'],
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          step.map(each => ({ ...each, offset: -Math.abs(each.offset) })),
          { maxLength: 25 },
        ),
        async steps => {
          for (const { now, command, agreement, stored } of await lived(steps)) {
            const standings = becomes[command];
            if (standings && stored) expect(standings).toContain(standingAt(agreement, now));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
