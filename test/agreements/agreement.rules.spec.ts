import { describe, expect, test } from '@jest/globals';
import type { AgreementEvent } from '../../src/agreements/agreement.events.js';
import * as rules from '../../src/agreements/agreement.rules.js';
import { agreementAt, agreementStream, standingAt, type Agreement, type Standing } from '../../src/agreements/agreement.state.js';
import { agreementUseCases } from '../../src/agreements/agreement.use-cases.js';
import { decided, folded, refused, told, type Told } from '../support/given.js';

const NOW = '2020-06-01T12:00:00Z';
const agreements = { kind: agreementStream, book: rules.agreementRuleBook };
const given = (...history: (AgreementEvent & Told)[]): Agreement =>
  folded(
    agreementStream,
    history.map(event => ({ at: NOW, ...event })),
  );
const asked = (rule: unknown, body: object, agreement: Agreement, now = NOW) =>
  decided(agreements, rule as typeof rules.sign, body, agreement, { now });

const { decider } = agreementUseCases;
const takes = (command: string, agreement: Agreement, now: string): boolean | undefined =>
  decider.useCase(command)?.isTaken(standingAt(agreement, now), agreement);

const signed: AgreementEvent = { type: 'AgreementSigned', data: { on: '2019-07-26' } };
const ruleSet = { replyDays: 14, acceptanceValidDays: 60, clearanceValidHours: 24, followUp: ['PT72H'] };
const published = (version: number): AgreementEvent => ({ type: 'AgreementRulesPublished', data: { version, ...ruleSet } });
const planned: AgreementEvent = { type: 'ImplementationPlanAgreed', data: { on: '2019-11-15' } };
const inForce: AgreementEvent = { type: 'AgreementEnteredIntoForce', data: { from: '2019-11-15' } };
const suspended = (scope: 'all' | 'transfers', from = '2020-03-16'): AgreementEvent => ({
  type: 'AgreementSuspended',
  data: { suspensionId: 'first', from, scope, reasonCode: 'review' },
});
const noticeGiven = (effectiveOn: string): AgreementEvent => ({ type: 'TerminationNotified', data: { effectiveOn } });
const begun = [signed, published(1), planned, inForce];

describe('wrong-status', () => {
  const standings: readonly (readonly [Standing, Agreement])[] = [
    ['unsigned', given()],
    ['signed', given(signed, published(1), planned)],
    ['in-force', given(...begun)],
    ['transfers-suspended', given(...begun, suspended('transfers'))],
    ['suspended', given(...begun, suspended('all'))],
    ['terminated', given(...begun, noticeGiven('2020-05-01'))],
  ];
  const whileItStands: readonly Standing[] = ['signed', 'in-force', 'transfers-suspended', 'suspended'];

  test.each(standings)('an agreement is %s', (standing, agreement) => expect(standingAt(agreement, NOW)).toBe(standing));

  const procedure: readonly (readonly [string, readonly Standing[]])[] = [
    ['Sign', ['unsigned', 'terminated']],
    ['PublishRules', whileItStands],
    ['AgreeImplementationPlan', whileItStands],
    ['BringIntoForce', ['signed']],
    ['Suspend', ['in-force', 'transfers-suspended']],
    ['Reinstate', ['transfers-suspended', 'suspended']],
    ['GiveTerminationNotice', whileItStands],
  ];

  test.each(procedure)('%s is taken when %j', (command, expected) => {
    expect(standings.filter(([, agreement]) => takes(command, agreement, NOW)).map(([standing]) => standing)).toEqual(expected);
  });

  test('every command is in the table above', () => {
    expect(procedure.map(([command]) => command)).toEqual(decider.useCases.map(({ command }) => command.type));
  });

  test('it comes into force with rules and an agreed plan, not without', () => {
    expect(takes('BringIntoForce', given(signed), NOW)).toBe(false);
    expect(takes('BringIntoForce', given(signed, published(1)), NOW)).toBe(false);
    expect(takes('BringIntoForce', given(signed, planned), NOW)).toBe(false);
  });

  test('the standing of now decides, whatever is still to come', () => {
    const ending = given(...begun, noticeGiven('2020-12-01'));
    expect(['2020-11-30T23:59:59Z', '2020-12-01T00:00:00Z'].map(now => takes('Suspend', ending, now))).toEqual([true, false]);
  });
});

describe('date-out-of-order', () => {
  test('a new signature is not before the end of the one before', async () => {
    const ended = given(...begun, noticeGiven('2020-05-01T18:00:00Z'));
    expect(await asked(rules.sign, { on: '2020-04-30' }, ended)).toEqual(refused('date-out-of-order'));
    expect(await asked(rules.sign, { on: '2020-05-01' }, ended)).toEqual([{ type: 'AgreementSigned', data: { on: '2020-05-01' } }]);
    expect(await asked(rules.sign, { on: '2019-07-26' }, given())).toEqual([signed]);
  });

  test('a reinstatement is not before the suspension began', async () => {
    const held = given(...begun, suspended('all'));
    expect(await asked(rules.reinstate, { from: '2020-03-15T23:59:59Z' }, held)).toEqual(refused('date-out-of-order'));
    expect(await asked(rules.reinstate, { from: '2020-03-16' }, held)).toEqual([
      { type: 'AgreementReinstated', data: { suspensionId: 'first', from: '2020-03-16' } },
    ]);
    expect(await asked(rules.reinstate, { from: '2020-09-01' }, held)).toHaveLength(1);
    expect(await asked(rules.reinstate, { from: '2020-03-16' }, given(...begun))).toEqual([]);
  });
});

describe('a suspension', () => {
  const body = (scope: 'all' | 'transfers') => ({ from: '2020-06-01', scope, reasonCode: 'review' });

  test('has an id of its own; one of the same scope is nothing to do', async () => {
    expect(await asked(rules.suspend, body('transfers'), given(...begun))).toEqual([
      { type: 'AgreementSuspended', data: { suspensionId: 'new suspension', ...body('transfers') } },
    ]);
    expect(await asked(rules.suspend, body('transfers'), given(...begun, suspended('transfers')))).toEqual([]);
  });

  test('that begins after a reinstatement still to come is another suspension', async () => {
    const ending = given(...begun, suspended('transfers'), {
      type: 'AgreementReinstated',
      data: { suspensionId: 'first', from: '2020-07-01' },
    });
    const later = { ...body('transfers'), from: '2020-08-01' };
    expect(await asked(rules.suspend, later, ending)).toEqual([
      { type: 'AgreementSuspended', data: { suspensionId: 'new suspension', ...later } },
    ]);
    expect(await asked(rules.suspend, { ...later, from: '2020-06-30' }, ending)).toEqual([]);
  });

  test('that began earlier than was known is the same one, from its earlier day', async () => {
    const held = given(...begun, suspended('transfers'));
    for (const scope of ['transfers', 'all'] as const) {
      const earlier = { ...body(scope), from: '2020-03-10' };
      expect(await asked(rules.suspend, earlier, held)).toEqual([
        { type: 'AgreementSuspended', data: { suspensionId: 'first', ...earlier } },
      ]);
    }
    const twice = given(...begun, suspended('transfers'), suspended('transfers', '2020-03-10'));
    expect(agreementAt(twice, '2020-03-12').suspension).toEqual({
      suspensionId: 'first',
      from: '2020-03-10T00:00:00Z',
      scope: 'transfers',
    });
    expect(await asked(rules.suspend, { ...body('transfers'), from: '2020-03-12' }, twice)).toEqual([]);
  });

  test('is not earlier than the last reinstatement: what stood before it is another one', async () => {
    const again = given(...begun, suspended('transfers'), {
      type: 'AgreementReinstated',
      data: { suspensionId: 'first', from: '2020-05-01' },
    });
    const earlier = { ...body('transfers'), from: '2020-04-01' };
    expect(await asked(rules.suspend, earlier, again)).toEqual([
      { type: 'AgreementSuspended', data: { suspensionId: 'new suspension', ...earlier } },
    ]);
  });

  test('that is wider is the same suspension', async () => {
    expect(await asked(rules.suspend, body('all'), given(...begun, suspended('transfers')))).toEqual([
      { type: 'AgreementSuspended', data: { suspensionId: 'first', ...body('all') } },
    ]);
  });
});

test('rules are numbered from 1, over signatures too', async () => {
  expect(await asked(rules.publishRules, ruleSet, given(signed))).toEqual([published(1)]);
  const anew = given(...begun, noticeGiven('2020-05-01'), told({ type: 'AgreementSigned', data: { on: '2020-05-02' } }));
  const more = { ...ruleSet, acceptedNationalities: ['HN'], additionalExceptionGrounds: ['family-in-united-states'] };
  expect(await asked(rules.publishRules, more, anew)).toEqual([{ type: 'AgreementRulesPublished', data: { version: 2, ...more } }]);
});

test('the other acts are recorded as they are told', async () => {
  expect(await asked(rules.agreeImplementationPlan, { on: '2019-11-15' }, given(signed))).toEqual([planned]);
  expect(await asked(rules.bringIntoForce, { from: '2019-11-15' }, given(signed, published(1), planned))).toEqual([inForce]);
  expect(await asked(rules.giveTerminationNotice, { effectiveOn: '2020-12-01' }, given(...begun))).toEqual([noticeGiven('2020-12-01')]);
});
