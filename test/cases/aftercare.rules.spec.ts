import { describe, expect, test } from '@jest/globals';
import * as aftercare from '../../src/cases/aftercare.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import { deadlinesOf, isSilent } from '../../src/cases/deadlines.state.js';
import type { Status } from '../../src/cases/case.status.js';
import {
  abandoning,
  applying,
  arriving,
  Casebook,
  cleared,
  closing,
  comingBack,
  confirming,
  deciding,
  departing,
  dina,
  excepting,
  fearing,
  given,
  gus,
  intending,
  leadingTo,
  leavingIrregularly,
  NOTHING,
  opening,
  refused,
  replying,
  requesting,
  screeningFor,
  send,
  system,
  typesOf,
  claiming,
  assigning,
  type Circumstances,
  type Sent,
  type Step,
} from './scenario.js';

const flown: readonly Step[] = [...cleared, departing({ at: '2020-01-13T18:00:00Z', occurredAt: '2020-01-13T17:00:00Z' })];
const there: readonly Step[] = [...flown, arriving('GT', { at: '2020-01-13T22:00:00Z', occurredAt: '2020-01-13T20:00:00Z' })];
const applied: readonly Step[] = [...there, applying('GT', { at: '2020-01-20T12:00:00Z', occurredAt: '2020-01-18T12:00:00Z' })];
const denied: readonly Step[] = [...applied, deciding('denied', { at: '2020-02-20T12:00:00Z', occurredAt: '2020-02-18T12:00:00Z' })];

const onward = (circumstances?: Circumstances): Sent =>
  send(aftercare.ReportOnwardDeparture, { toCountry: 'HN', manner: 'voluntary', sourceCode: 'family' }, gus, circumstances);
const lost = (circumstances?: Circumstances): Sent =>
  send(aftercare.RecordWhereaboutsUnknown, { sourceCode: 'shelter' }, gus, circumstances);
const found = (circumstances?: Circumstances): Sent => send(aftercare.RecordContact, { sourceCode: 'family' }, gus, circumstances);

describe('nothing is reported before what it follows', () => {
  test.each<[string, readonly Step[], (circumstances: Circumstances) => Sent, string, string]>([
    ['an arrival the departure', flown, c => arriving('GT', c), '2020-01-13T16:59:59Z', '2020-01-13T17:00:00Z'],
    ['an intention the arrival', there, c => intending('GT', c), '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['an application the arrival', there, c => applying('GT', c), '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['an onward departure the arrival', there, onward, '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['a loss of contact the arrival', there, lost, '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['a contact the arrival', there, found, '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['a return the arrival', there, comingBack, '2020-01-13T19:59:59Z', '2020-01-13T20:00:00Z'],
    ['a return in transit the departure', flown, comingBack, '2020-01-13T16:59:59Z', '2020-01-13T17:00:00Z'],
    ['a decision the application', applied, c => deciding('granted', c), '2020-01-18T11:59:59Z', '2020-01-18T12:00:00Z'],
    ['a decision the decision before it', denied, c => deciding('granted', c), '2020-02-18T11:59:59Z', '2020-02-18T12:00:00Z'],
    ['an abandonment the application', applied, abandoning, '2020-01-18T11:59:59Z', '2020-01-18T12:00:00Z'],
  ])('%s', async (_, steps, report, tooEarly, inTime) => {
    const at = '2020-03-01T12:00:00Z';
    expect(await given(...steps).when(report({ at, occurredAt: tooEarly }))).toEqual(refused('date-out-of-order'));
    expect(await given(...steps).when(report({ at, occurredAt: inTime }))).toHaveLength(1);
  });
});

test.each([intending, applying])('what happens there happens in the country of the transfer', async report => {
  expect(await given(...there).when(report('SV'))).toEqual(refused('country-mismatch'));
  expect(await given(...there).when(report('HN', { occurredAt: '2020-01-13T19:00:00Z' }))).toEqual(
    refused('date-out-of-order', 'country-mismatch'),
  );
  expect(await given(...there).when(report('GT'))).toHaveLength(1);
});

describe('the arrival', () => {
  test('is in the country of the transfer', async () => {
    expect(await given(...flown).when(arriving('SV'))).toEqual(refused('country-mismatch'));
    expect(await given(...flown).when(arriving('GT'))).toMatchObject([{ type: 'TransferredToGuatemala', data: { country: 'GT' } }]);
  });

  test.each([
    ['SV', 'TransferredToElSalvador'],
    ['HN', 'TransferredToHonduras'],
    ['GT', 'TransferredToGuatemala'],
  ] as const)('of who left without any procedure may be in %s', async (country, type) => {
    const asylumCase = await given(opening(), leavingIrregularly()).after(arriving(country));
    expect(typesOf(await given(opening(), leavingIrregularly()).when(arriving(country)))).toEqual([type]);
    expect(asylumCase).toMatchObject({ status: 'transferred', transfer: { country, irregular: true } });
  });

  test('of a second journey is another one; in between there is none', async () => {
    const back: readonly Step[] = [...there, comingBack(), leavingIrregularly()];
    expect((await given(...back).after()).transfer).toMatchObject({ arrivedAt: null, transferId: null, irregular: true });
  });
});

describe('what becomes of the application', () => {
  test.each<[Status, readonly Step[], object]>([
    ['transferred', [intending()], { country: 'GT', appliedAt: null, outcome: null }],
    ['asylum-pending', [intending(), applying()], { country: 'GT', outcome: null, final: null }],
    ['asylum-granted', [applying(), deciding('granted')], { outcome: 'granted', final: false }],
    ['asylum-denied', [applying(), deciding('denied')], { outcome: 'denied' }],
    ['asylum-denied', [applying(), deciding('denied'), deciding('denied')], { outcome: 'denied' }],
    ['asylum-granted', [applying(), deciding('denied'), deciding('granted')], { outcome: 'granted' }],
    ['asylum-granted', [applying(), deciding('other-protection')], { outcome: 'other-protection' }],
    ['asylum-abandoned', [applying(), abandoning()], { outcome: null }],
    ['asylum-pending', [applying(), abandoning(), intending(), applying()], { outcome: null }],
  ])('%s', async (status, steps, asylum) => {
    expect(await given(...there).after(...steps)).toMatchObject({ status, asylum });
  });
});

test('where the person is known to be follows the newest report', async () => {
  expect((await given(...there).after(lost())).whereabouts).toMatchObject({ known: false, sourceCode: 'shelter' });
  expect(await given(...there).after(lost(), found(), onward())).toMatchObject({
    whereabouts: { known: true },
    onwardDepartures: [{ toCountry: 'HN', manner: 'voluntary' }],
  });
});

describe('silence after the arrival', () => {
  const overdue = (transferId: string | null | undefined, milestone = 'PT72H'): Sent =>
    send(aftercare.RecordFollowUpOverdue, { transferId: transferId ?? '', milestone }, system);
  const arrivedCase = async (...more: readonly Step[]) => new Casebook().add(...there, ...more);

  test('is noted once for each milestone', async () => {
    const book = await arrivedCase();
    const transferId = book.asylumCase.transfer?.transferId;
    expect(isSilent(book.asylumCase)).toBe(true);
    await book.add(overdue(transferId));
    expect(await book.send(overdue(transferId))).toEqual([]);
    await book.add(overdue(transferId, 'P30D'));
    expect(book.asylumCase.followUp.overdue).toEqual(['PT72H', 'P30D']);
  });

  test.each([
    ['an intention', intending()],
    ['an application', applying()],
    ['an onward departure', onward()],
    ['a contact', found()],
  ])('ends with %s', async (_, heard) => {
    const book = await arrivedCase(heard);
    expect(isSilent(book.asylumCase)).toBe(false);
    expect(await book.send(overdue(book.asylumCase.transfer?.transferId))).toEqual([]);
  });

  test('goes on where nobody knows where the person is', async () => expect(isSilent((await arrivedCase(lost())).asylumCase)).toBe(true));

  test('of another arrival does not count', async () => {
    expect(await (await arrivedCase()).send(overdue(NOTHING))).toEqual([]);
    expect(await new Casebook().add(...flown).then(book => book.send(overdue(null)))).toEqual([]);
  });
});

test('what is open by when: a reply, an acceptance, an alert', async () => {
  const kinds = async (...steps: readonly Step[]) => deadlinesOf(await given(...steps).after()).map(({ kind, dueAt }) => [kind, dueAt]);
  const asked: readonly Step[] = [...leadingTo.amenable, requesting('GT', { at: '2020-01-20T12:00:00Z' })];
  expect(await kinds(...leadingTo.amenable)).toEqual([]);
  expect(await kinds(...asked)).toEqual([['transfer-reply', '2020-02-03T12:00:00Z']]);
  expect(await kinds(...asked, replying('accepted', { at: '2020-01-21T12:00:00Z' }))).toEqual([
    ['acceptance-expiry', '2020-03-21T12:00:00Z'],
  ]);
  expect(await kinds(...asked, replying('refused'))).toEqual([]);
  expect(await kinds(...there, fearing('GT', { at: '2020-01-14T12:00:00Z' }))).toEqual([['protection-alert', '2020-01-14T12:00:00Z']]);
});

test('back in the United States the same screening goes on, or none where there was none', async () => {
  const back = await given(...there).after(comingBack());
  expect(back).toMatchObject({
    status: 'screening',
    screening: { country: 'GT', determination: { status: 'reopened' } },
    transfer: { clearedUntil: null },
  });
  expect((await given(opening(), leavingIrregularly()).after(comingBack())).status).toBe('opened');
  // Whoever was never screened can be, and the journey before does not say for which country.
  const screened = await given(
    opening(),
    claiming(),
    assigning(),
    leavingIrregularly(),
    arriving('SV'),
    comingBack(),
    screeningFor('GT'),
  ).after();
  expect(screened).toMatchObject({ status: 'screening', screening: { country: 'GT' } });
  expect(typesOf(await given(...there, closing()).when(confirming()))).toEqual(refused('wrong-status'));
});

test('an exception that is learned of after a journey without any screening raises an alert all the same', async () => {
  const book = await new Casebook().add(opening(), assigning(), leavingIrregularly());
  expect(typesOf(await book.send(excepting('valid-visa')))).toEqual(['ExceptionEstablished', 'ProtectionAlertRaised']);
  expect(book.history.at(-2)?.data).toMatchObject({ screeningId: null, ground: 'valid-visa' });
  expect(book.asylumCase.screening).toBeNull();
});

test('of two alerts one is answered, the other stays open', async () => {
  const book = await new Casebook().add(...there, fearing(), fearing());
  const [, second] = book.asylumCase.protectionAlerts;
  await book.add(send(screening.AnswerProtectionAlert, { alertId: second?.alertId, answer: 'a' }, dina));
  expect(book.asylumCase.protectionAlerts.map(({ answeredAt }) => answeredAt === null)).toEqual([true, false]);
});
