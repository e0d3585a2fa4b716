import { describe, expect, test } from '@jest/globals';
import * as intake from '../../src/cases/intake.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import { gateBook } from '../../src/cases/case.rule-book.js';
import {
  aborting,
  agreement,
  ana,
  assessing,
  closing,
  reopening as caseReopening,
  revoking,
  approvedFlight,
  arriving,
  CASE,
  Casebook,
  cleared,
  clearing,
  comingBack,
  confirming,
  deciding,
  departing,
  dina,
  fearing,
  FLIGHT,
  given,
  gus,
  HOLD,
  holding,
  leadingTo,
  leavingIrregularly,
  NOTHING,
  opening,
  OTHER_FLIGHT,
  PIECE,
  prepared,
  readyToBoard,
  referring,
  refused,
  releasing,
  replying,
  requesting,
  scheduling,
  send,
  retracting,
  submitting,
  system,
  telling,
  typesOf,
  unscheduling,
  withdrawing,
  world,
  applying,
  intending,
  type Sent,
  type Step,
} from './scenario.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import type { AsylumCase } from '../../src/cases/case.state.js';

const amenable = leadingTo.amenable;
const blocked = (failedChecks: readonly string[], command = 'ClearForBoarding') => [
  { type: 'DepartureBlocked', data: { command, failedChecks } },
];
const evidence = send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, ana);
const returnEvidence = send(intake.ReturnEvidence, { evidenceId: PIECE }, gus);

describe('the request and its reply', () => {
  test('the agreement is in force, and the determination is for that country', async () => {
    expect(
      await given(...amenable).when(requesting('GT', { around: world({ agreements: { GT: agreement({ suspended: '2020-01-13' }) } }) })),
    ).toEqual(refused('agreement-not-in-force'));
    expect(await given(...amenable).when(requesting('HN'))).toEqual(refused('determination-not-confirmed'));
    expect(typesOf(await given(...amenable).when(requesting()))).toEqual(['TransferRequested']);
  });

  test('an acceptance recorded when the reply was due counts; a second later it does not, a refusal does', async () => {
    const requested = given(...amenable, requesting('GT', { at: '2020-01-20T12:00:00Z' }));
    expect(typesOf(await requested.when(replying('accepted', { at: '2020-02-03T12:00:00Z' })))).toEqual(['TransferAccepted']);
    expect(await requested.when(replying('accepted', { at: '2020-02-03T12:00:01Z', occurredAt: '2020-02-01T12:00:00Z' }))).toEqual(
      refused('reply-overdue'),
    );
    expect(typesOf(await requested.when(replying('refused', { at: '2020-02-03T12:00:01Z' })))).toEqual(['TransferRefused']);
    expect(await requested.when(replying('accepted', { at: '2020-01-21T12:00:00Z', occurredAt: '2020-01-20T11:59:59Z' }))).toEqual(
      refused('date-out-of-order'),
    );
  });

  test('an acceptance is valid from when it was given', async () => {
    const { transfer: file } = await given(...amenable, requesting('GT', { at: '2020-01-20T12:00:00Z' })).after(
      replying('accepted', { at: '2020-01-23T12:00:00Z', occurredAt: '2020-01-21T12:00:00Z' }),
    );
    expect(file?.validUntil).toBe('2020-03-21T12:00:00Z');
  });

  test('a stale lapse does nothing; a current one ends the request', async () => {
    const lapse = (requestId: string) => send(transfer.LapseTransferRequest, { requestId }, system);
    expect(await given(...leadingTo['transfer-requested']).when(lapse(NOTHING))).toEqual([]);
    expect(await given(...leadingTo.amenable).when(lapse(NOTHING))).toEqual([]);
    const book = await new Casebook().add(...leadingTo['transfer-requested']);
    expect(typesOf(await book.send(lapse(book.asylumCase.transfer?.requestId ?? '')))).toEqual(['TransferRequestLapsed']);
    expect(book.asylumCase.status).toBe('amenable');
  });
});

describe('the gate', () => {
  test('everything holds: the person is cleared for as long as the rules say', async () => {
    expect(await given(...readyToBoard).when(clearing({ at: '2020-01-22T12:00:00Z' }))).toEqual([
      expect.objectContaining({ type: 'BoardingCleared', data: { manifestId: FLIGHT, expiresAt: '2020-01-23T12:00:00Z' } }),
    ]);
  });

  test.each([
    ['agreement-not-in-force', clearing({ around: world({ agreements: { GT: agreement({ suspended: '2020-01-13' }) } }) }), []],
    ['hold-standing', clearing(), [holding()]],
    ['place-not-reserved', clearing({ around: world({ place: null }) }), []],
    ['place-not-reserved', clearing({ around: world({ place: { week: '2020-W05', manifestId: FLIGHT } }) }), []],
    ['manifest-not-approved', clearing({ around: world({ manifests: { [FLIGHT]: { ...approvedFlight, status: 'drafted' } } }) }), []],
    ['manifest-not-approved', clearing({ around: world({ manifests: { [FLIGHT]: { ...approvedFlight, passengers: [] } } }) }), []],
    ['manifest-not-approved', clearing({ manifestId: OTHER_FLIGHT }), []],
    ['evidence-not-returned', clearing(), [evidence]],
    ['acceptance-not-valid', clearing({ at: '2020-06-01T12:00:00Z' }), []],
  ])('%s blocks, and the attempt is kept', async (check, sent, before) => {
    expect(await given(...readyToBoard, ...before).when(sent)).toMatchObject(blocked([check]));
  });

  test('a destination that was not told blocks', async () => {
    expect(await given(...leadingTo['transfer-scheduled']).when(clearing())).toMatchObject(blocked(['destination-not-told']));
  });

  test('evidence given back and a hold released block no more', async () => {
    expect(typesOf(await given(...readyToBoard, evidence, returnEvidence, holding(), releasing()).when(clearing()))).toEqual([
      'BoardingCleared',
    ]);
  });

  test('nothing at all was done: what is missing is told in the order of the gate', async () => {
    const nothing = world({ agreements: {}, place: null, manifests: {} });
    expect(await given(opening(), evidence, holding(), withdrawing()).when(clearing({ around: nothing }))).toMatchObject(
      blocked([
        'agreement-not-in-force',
        'determination-not-confirmed',
        'acceptance-not-valid',
        'hold-standing',
        'place-not-reserved',
        'manifest-not-approved',
        'destination-not-told',
        'evidence-not-returned',
        'claim-withdrawn',
      ]),
    );
    expect(Object.keys(gateBook)).toHaveLength(13);
  });

  test.each<[string, readonly Step[], readonly Step[]]>([
    ['refused', [...amenable, requesting(), telling(), replying('refused')], []],
    ['aborted', [...readyToBoard, aborting()], []],
    ['reopened', [...readyToBoard, fearing(), assessing()], [submitting(), confirming()]],
    ['withdrawn', [...readyToBoard, withdrawing(), revoking()], [submitting(), confirming()]],
    ['referred', [...readyToBoard, referring()], []],
    ['withdrawn, closed and reopened', [...readyToBoard, withdrawing(), closing(), caseReopening()], []],
    ['over, for the person is back', [...cleared, departing(), arriving(), comingBack()], [submitting(), confirming()]],
  ])('a transfer that is %s counts for nothing until the next one has what it needs', async (_, ended, determined) => {
    const ofTransfer = ['acceptance-not-valid', 'place-not-reserved', 'manifest-not-approved', 'destination-not-told'];
    const book = await new Casebook().add(...ended);
    expect(await book.fork().send(clearing())).toMatchObject([
      { type: 'DepartureBlocked', data: { failedChecks: expect.arrayContaining(ofTransfer) } },
    ]);
    await book.add(...determined);
    if (book.asylumCase.status !== 'amenable') return;
    expect(await book.fork().send(clearing())).toMatchObject(blocked(ofTransfer));
    await book.add(requesting());
    expect(await book.fork().send(clearing())).toMatchObject(blocked(ofTransfer));
    await book.add(replying());
    expect(await book.fork().send(clearing())).toMatchObject(blocked(ofTransfer.slice(1)));
    expect(typesOf(await (await book.add(scheduling(), telling())).send(clearing()))).toEqual(['BoardingCleared']);
  });

  test('fear is a check of its own when the case is not yet determined', async () => {
    const book = await new Casebook().add(...prepared, fearing());
    expect(await book.send(clearing())).toMatchObject([{ data: { failedChecks: expect.arrayContaining(['fear-not-assessed']) } }]);
  });
});

describe('the departure', () => {
  const notCleared = ['not-cleared'];

  test('a cleared person departs until the clearance has run out', async () => {
    const cleared22 = [...readyToBoard, clearing({ at: '2020-01-22T12:00:00Z' })];
    expect(typesOf(await given(...cleared22).when(departing({ at: '2020-01-23T12:00:00Z' })))).toEqual(['ApplicantDeparted']);
    expect(await given(...cleared22).when(departing({ at: '2020-01-23T12:00:01Z' }))).toMatchObject(blocked(notCleared, 'RecordDeparture'));
    expect(typesOf(await given(...cleared22).when(departing({ at: '2020-01-24T12:00:00Z', occurredAt: '2020-01-23T12:00:00Z' })))).toEqual([
      'ApplicantDeparted',
    ]);
  });

  test('a clearance counts from when it was given: clearing afterwards and dating back hides no breach', async () => {
    const clearedAtNoon = [...readyToBoard, clearing({ at: '2020-01-22T12:00:00Z' })];
    const at = '2020-01-22T12:05:00Z';
    expect(await given(...clearedAtNoon).when(departing({ at, occurredAt: '2020-01-22T09:00:00Z' }))).toMatchObject(
      blocked(notCleared, 'RecordDeparture'),
    );
    expect(await given(...clearedAtNoon).when(departing({ at, occurredAt: '2020-01-22T11:59:59.999Z' }))).toMatchObject(
      blocked(notCleared, 'RecordDeparture'),
    );
    expect(typesOf(await given(...clearedAtNoon).when(departing({ at, occurredAt: '2020-01-22T12:00:00Z' })))).toEqual([
      'ApplicantDeparted',
    ]);
    // Nor does an earlier clearance that a hold has voided count for the time in which it stood.
    const clearedTwice = [
      ...readyToBoard,
      clearing({ at: '2020-01-22T08:00:00Z' }),
      holding(),
      releasing(),
      clearing({ at: '2020-01-22T12:00:00Z' }),
    ];
    expect(await given(...clearedTwice).when(departing({ at, occurredAt: '2020-01-22T09:00:00Z' }))).toMatchObject(
      blocked(notCleared, 'RecordDeparture'),
    );
  });

  test('a hold after the clearance voids it, also once the hold is released', async () => {
    expect(await given(...cleared, holding()).when(departing())).toMatchObject(
      blocked([...notCleared, 'hold-standing'], 'RecordDeparture'),
    );
    expect(await given(...cleared, holding(), releasing()).when(departing())).toMatchObject(blocked(notCleared, 'RecordDeparture'));
  });

  test('new information and a referral void the clearance', async () => {
    for (const step of [fearing(), referring(), withdrawing()]) {
      expect(await given(...cleared, step).when(departing())).toMatchObject([
        { type: 'DepartureBlocked', data: { failedChecks: expect.arrayContaining(notCleared) } },
      ]);
    }
  });

  test('nobody departs under a suspension, nor is said to have left before it once it stands', async () => {
    const since = (suspended: string, reinstated?: string) => world({ agreements: { GT: agreement({ suspended, reinstated }) } });
    const left = { at: '2020-01-14T12:00:00Z', occurredAt: '2020-01-14T06:00:00Z' };
    for (const suspended of ['2020-01-14T05:00:00Z', '2020-01-14T07:00:00Z'])
      expect(await given(...cleared).when(departing({ ...left, around: since(suspended) }))).toMatchObject(
        blocked([...notCleared, 'agreement-not-in-force'], 'RecordDeparture'),
      );
    expect(
      await given(...cleared).when(departing({ ...left, around: since('2020-01-14T05:00:00Z', '2020-01-14T07:00:00Z') })),
    ).toMatchObject(blocked(notCleared, 'RecordDeparture'));
    expect(typesOf(await given(...cleared).when(departing({ ...left, around: since('2020-01-14T12:00:01Z') })))).toEqual([
      'ApplicantDeparted',
    ]);
  });

  test('before the encounter nobody departs, and no attempt is kept', async () => {
    expect(await given(...cleared).when(departing({ occurredAt: '2020-01-12T14:59:59Z' }))).toEqual(
      refused('date-out-of-order', 'not-cleared'),
    );
  });

  test('a person who left all the same is recorded, and the breach with it', async () => {
    expect(await given(opening()).when(leavingIrregularly())).toMatchObject([
      {
        type: 'ApplicantDeparted',
        data: { irregular: true, failedChecks: expect.arrayContaining(['not-cleared', 'determination-not-confirmed']) },
      },
    ]);
  });
});

describe('what ends or undoes a transfer', () => {
  test('a scheduled transfer is unscheduled by its own flight alone, whatever the status', async () => {
    expect(await given(...readyToBoard).when(unscheduling(OTHER_FLIGHT))).toEqual([]);
    expect(typesOf(await given(...readyToBoard).when(unscheduling()))).toEqual(['TransferUnscheduled']);
    expect(typesOf(await given(...readyToBoard, aborting()).when(unscheduling()))).toEqual(['TransferUnscheduled']);
    expect(await given(...cleared, departing()).when(unscheduling())).toEqual([]);
  });

  test('an acceptance that has run out aborts its own transfer alone', async () => {
    const runOut = (acceptanceId: string) => send(transfer.AbortTransfer, { acceptanceId, reasonCode: 'acceptance-expired' }, system);
    expect(await given(...readyToBoard).when(runOut(NOTHING))).toEqual([]);
    const book = await new Casebook().add(...readyToBoard);
    expect(await book.send(runOut(book.asylumCase.transfer?.acceptanceId ?? ''))).toMatchObject([
      { type: 'TransferAborted', data: { manifestId: FLIGHT } },
    ]);
  });

  test('a system command that the status does not take does nothing', async () => {
    expect(await given(...amenable).when(scheduling())).toEqual([]);
  });

  test('a return leads back to the screening, and its determination must be drawn up again', async () => {
    const back = await given(...leadingTo.transferred).after(comingBack());
    expect(back).toMatchObject({
      status: 'screening',
      screening: { determination: { status: 'reopened' } },
      transfer: { clearedUntil: null },
    });
    expect(await given(...leadingTo.transferred).when(comingBack({ occurredAt: '2020-01-13T15:00:00Z' }))).toEqual(
      refused('date-out-of-order'),
    );
    expect((await given(opening(), leavingIrregularly()).after(comingBack())).status).toBe('opened');
  });

  test('a withdrawal that is not voluntary or not understood is kept as refused', async () => {
    expect(await given(opening()).when(withdrawing({ voluntary: false, language: 'en' }))).toMatchObject([
      {
        type: 'WithdrawalRefused',
        data: { code: 'language-not-understood', codes: ['language-not-understood', 'withdrawal-not-voluntary'] },
      },
    ]);
    expect(typesOf(await given(opening()).when(withdrawing()))).toEqual(['ClaimWithdrawn']);
  });

  test('a hold by a court is released with its reference only; twice changes nothing', async () => {
    expect(await given(opening(), holding('court-order')).when(releasing())).toEqual(refused('missing /reference'));
    expect(typesOf(await given(opening(), holding('court-order')).when(releasing({ reference: 'C-1' })))).toEqual(['TransferHoldReleased']);
    expect(await given(opening(), holding(), releasing()).when(releasing())).toEqual([]);
    expect(await given(opening(), holding(), releasing()).when(holding('medical', HOLD))).toEqual([]);
    expect(await given(opening()).when(releasing())).toEqual(refused('not-found /holdId'));
  });

  test('one that stands for a member of the family is enough, however many ask for it', async () => {
    const forMember = (cause: string): Sent => send(transfer.PlaceHold, { kind: 'family', cause }, system);
    const held = [opening(), forMember(NOTHING)];
    expect(await given(...held).when(forMember(NOTHING))).toEqual([]);
    expect(typesOf(await given(...held).when(forMember(CASE)))).toEqual(['TransferHoldPlaced']);
    const released: Sent = send(transfer.ReleaseHold, ({ holds }: AsylumCase) => ({ holdId: holds.at(0)?.holdId }), system);
    expect(typesOf(await given(...held, released).when(forMember(NOTHING)))).toEqual(['TransferHoldPlaced']);
  });
});

describe('new information', () => {
  const reopened = ['DeterminationReopened', 'TransferHoldPlaced'];
  const aborted = ['DeterminationReopened', 'TransferAborted', 'TransferHoldPlaced'];

  test.each([
    ['awaiting-review', reopened],
    ['amenable', reopened],
    ['transfer-requested', aborted],
    ['transfer-accepted', aborted],
    ['transfer-scheduled', aborted],
  ] as const)('in %s the case goes back to screening', async (status, follows) => {
    const book = await new Casebook().add(...leadingTo[status]);
    expect(typesOf(await book.send(fearing('GT', { occurredAt: '2020-01-12T18:00:00Z' })))).toEqual(['FearExpressed', ...follows]);
    expect(book.asylumCase).toMatchObject({ status: 'screening', holds: [{ kind: 'new-information' }] });
    const [fact, ...acts] = book.history.slice(-1 - follows.length);
    expect(fact?.metadata.occurredAt).toBe('2020-01-12T18:00:00Z');
    for (const act of acts) expect(act.metadata.occurredAt).toBe(act.metadata.recordedAt);
  });

  test('before the submission, or about another country, it is only recorded', async () => {
    expect(typesOf(await given(...prepared).when(fearing()))).toEqual(['FearExpressed']);
    expect(typesOf(await given(...amenable).when(fearing('HN')))).toEqual(['FearExpressed']);
  });

  test('the next confirmation releases the hold that came with it, not one that a person placed', async () => {
    const vulnerable = send(intake.RecordVulnerability, { kind: 'medical-condition' }, ana);
    const confirmed = await given(...amenable, vulnerable, holding('new-information')).after(submitting(), confirming());
    expect(confirmed.holds).toMatchObject([{ holdId: HOLD, reopening: false }]);
  });

  test('after departure it raises an alert', async () => {
    for (const status of ['in-transit', 'transferred', 'asylum-pending'] as const) {
      expect(typesOf(await given(...leadingTo[status]).when(fearing()))).toEqual(['FearExpressed', 'ProtectionAlertRaised']);
    }
  });

  test('a hold stops nobody who is in the air: somebody is told of it, until the arrival', async () => {
    expect(typesOf(await given(...leadingTo['transfer-scheduled']).when(holding()))).toEqual(['TransferHoldPlaced']);
    const [hold, alert] = (await given(...leadingTo['in-transit']).when(holding())) as readonly CaseEvent[];
    expect([hold, alert]).toMatchObject([{ type: 'TransferHoldPlaced' }, { type: 'ProtectionAlertRaised', data: { cause: 'hold' } }]);
    expect(typesOf(await given(...leadingTo.transferred).when(holding()))).toEqual(['TransferHoldPlaced']);
  });

  test('what was recorded between an irregular departure and its record raises an alert', async () => {
    const vulnerable = send(intake.RecordVulnerability, { kind: 'medical-condition' }, ana, { at: '2020-01-14T11:00:00Z' });
    const leaving = (occurredAt: string) => leavingIrregularly({ at: '2020-01-14T12:00:00Z', occurredAt });
    expect(await given(...cleared, vulnerable).when(leaving('2020-01-14T10:00:00Z'))).toMatchObject([
      { type: 'ApplicantDeparted', data: { irregular: true } },
      { type: 'ProtectionAlertRaised', data: { cause: 'vulnerability' } },
    ]);
    expect(typesOf(await given(...cleared, vulnerable).when(leaving('2020-01-14T11:00:00Z')))).toEqual(['ApplicantDeparted']);
    const retracted = [...leadingTo.screening, vulnerable, retracting('VulnerabilityRecorded', { at: '2020-01-14T11:30:00Z' })];
    expect(typesOf(await given(...retracted).when(leaving('2020-01-14T10:00:00Z')))).toEqual(['ApplicantDeparted']);
  });
});

describe('after the arrival', () => {
  test('in the country of the transfer, in the order of the world', async () => {
    expect(await given(...cleared, departing()).when(arriving('HN'))).toEqual(refused('country-mismatch'));
    expect(await given(...leadingTo.transferred).when(applying('HN'))).toEqual(refused('country-mismatch'));
    expect(await given(...leadingTo.transferred).when(intending('GT', { occurredAt: '2020-01-13T15:10:00Z' }))).toEqual(
      refused('date-out-of-order'),
    );
    expect(await given(...leadingTo['asylum-pending']).when(deciding('denied', { occurredAt: '2020-01-13T15:14:59Z' }))).toEqual(
      refused('date-out-of-order'),
    );
    expect((await given(...leadingTo['asylum-denied']).after(deciding('granted'))).status).toBe('asylum-granted');
    expect((await given(...leadingTo['asylum-pending']).after(deciding('other-protection'))).asylum?.outcome).toBe('other-protection');
    expect((await given(...leadingTo['asylum-abandoned']).after(applying())).status).toBe('asylum-pending');
  });

  test('telling the destination must be understood, and name the country of the transfer', async () => {
    expect(await given(...leadingTo['transfer-accepted']).when(telling({ country: 'HN', language: 'en' }))).toEqual(
      refused('language-not-understood', 'country-mismatch'),
    );
    expect(await given(...amenable).when({ ...telling(), by: dina })).toEqual(refused('wrong-status'));
  });
});
