import { describe, expect, test } from '@jest/globals';
import type { Type } from '@nestjs/common';
import * as aftercare from '../../src/cases/aftercare.commands.js';
import { noCase } from '../../src/cases/case.state.js';
import { STATUSES, type Status } from '../../src/cases/case.status.js';
import { caseUseCases } from '../../src/cases/case.use-cases.js';
import * as erasure from '../../src/cases/erasure.commands.js';
import { CorrectApplicant, DecideAge, DisputeAge } from '../../src/cases/applicant.commands.js';
import * as intake from '../../src/cases/intake.commands.js';
import * as merging from '../../src/cases/merging.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import type { Actor } from '../../src/event-store/event-store.js';
import {
  beto,
  Casebook,
  dina,
  FLIGHT,
  given,
  gus,
  isRefusal,
  leadingTo,
  NOTHING,
  referring,
  send,
  system,
  WEEK,
  type Sent,
} from './scenario.js';

/* Which command is taken in which status, as the procedure says it: written down here a second time, on purpose. */
const running = ['opened', 'screening', 'awaiting-review', 'amenable', 'transfer-requested', 'transfer-accepted', 'transfer-scheduled'];
const asylum = ['asylum-pending', 'asylum-granted', 'asylum-denied', 'asylum-abandoned'];
const beforeDeparture = [...running, 'screened-out', 'us-procedure', 'withdrawn'];
const everywhere = [...beforeDeparture, 'in-transit', 'transferred', ...asylum, 'closed'];
const notClosed = everywhere.filter(status => status !== 'closed');

const understood = { language: 'es', interpreterId: 'int-rosa' };
const SHA = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const procedure: readonly (readonly [Type, object, readonly string[]])[] = [
  [intake.RecordProtectionClaim, { protection: 'asylum' }, beforeDeparture],
  [intake.AssignCase, { caseworkerId: 'cw-new' }, notClosed],
  [intake.ReleaseCase, { caseworkerId: 'cw-new' }, notClosed],
  [intake.HandOverCase, { toOffice: 'LRD', reasonCode: 'moved' }, notClosed],
  [intake.RecordRepresentative, { name: 'n', contact: 'c' }, notClosed],
  [intake.RecordConsent, { recipient: 'consulate', categories: ['identity'] }, everywhere],
  [intake.RecordVulnerability, { kind: 'medical-condition' }, everywhere],
  [intake.RecordEvidence, { evidenceId: NOTHING, description: 'd' }, everywhere],
  [intake.ReturnEvidence, { evidenceId: NOTHING }, everywhere],
  [
    intake.AttachDocument,
    { documentId: NOTHING, name: 'n', mediaType: 'application/pdf', byteLength: 1, sha256: SHA, location: 'l' },
    notClosed,
  ],
  [intake.AddNote, { text: 't' }, everywhere],
  [CorrectApplicant, { applicant: { sex: 'female' }, reasonCode: 'typing-error' }, notClosed],
  [DisputeAge, { basis: 'b' }, notClosed],
  [DecideAge, { minor: false, basis: 'b' }, notClosed],
  [intake.RecordDisclosure, { recipient: 'consulate', categories: ['identity'], basis: 'written-consent' }, everywhere],
  [intake.RetractEntry, { eventId: NOTHING, reasonCode: 'other-person' }, notClosed],
  [
    intake.MarkAsDuplicate,
    { of: NOTHING },
    ['opened', 'screening', 'awaiting-review', 'amenable', 'screened-out', 'us-procedure', 'withdrawn'],
  ],
  [intake.RecordDeath, {}, everywhere],
  [merging.DismissDuplicate, { of: NOTHING, reasonCode: 'another-person' }, everywhere],
  [erasure.PlaceLegalHold, { reference: 'r' }, everywhere],
  [erasure.ReleaseLegalHold, { reference: 'r' }, everywhere],
  [erasure.RequestErasure, { legalBasis: 'retention' }, everywhere],
  // Without a request it is taken nowhere.
  [erasure.ErasePersonalData, {}, []],
  [intake.CloseCase, { reasonCode: 'ended' }, ['screened-out', 'us-procedure', 'withdrawn', 'transferred', ...asylum]],
  [intake.ReopenCase, { reasonCode: 'in-error' }, ['closed']],
  [screening.StartScreening, { country: 'HN', ...understood }, ['opened', 'screened-out']],
  [screening.ServeNotice, { notice: 'n', readBack: true, ...understood }, ['screening']],
  [screening.RecordFearInquiry, { fearsPartnerCountry: false, ...understood }, ['screening']],
  [screening.ExpressFear, { country: 'GT' }, everywhere],
  [
    screening.EstablishException,
    { ground: 'valid-visa', evidence: 'e' },
    [
      'screening',
      'awaiting-review',
      'amenable',
      'transfer-requested',
      'transfer-accepted',
      'transfer-scheduled',
      'in-transit',
      'transferred',
      ...asylum,
    ],
  ],
  [screening.AssessFear, { persecution: false, torture: false, reasons: 'r' }, ['screening']],
  [screening.SubmitDetermination, { outcome: 'not-amenable', reasons: 'r' }, ['screening']],
  [screening.ConfirmDetermination, { determinationId: NOTHING }, ['awaiting-review']],
  [screening.ReturnDetermination, { determinationId: NOTHING }, ['awaiting-review']],
  [screening.ReferToUsProcedure, { ground: 'fear-established' }, [...running, 'screened-out']],
  [screening.ReferToProgramme, { programme: 'resettlement' }, notClosed],
  [screening.AnswerProtectionAlert, { alertId: NOTHING, answer: 'a' }, everywhere],
  [transfer.RequestTransfer, { country: 'GT' }, ['amenable']],
  [transfer.RecordTransferReply, { reply: 'refused', reference: 'r' }, ['transfer-requested']],
  [transfer.TellDestination, { country: 'GT', ...understood }, ['transfer-requested', 'transfer-accepted', 'transfer-scheduled']],
  [transfer.PlaceHold, { kind: 'medical' }, everywhere],
  [transfer.ReleaseHold, { holdId: NOTHING }, everywhere],
  [transfer.ClearForBoarding, { manifestId: FLIGHT }, beforeDeparture],
  [transfer.RecordDeparture, { flight: 'GT101' }, beforeDeparture],
  [transfer.ConfirmArrival, { country: 'GT', receivedBy: 'desk' }, ['in-transit']],
  [transfer.AbortTransfer, { reasonCode: 'illness' }, ['transfer-accepted', 'transfer-scheduled']],
  [transfer.RecordReturn, { reasonCode: 'turned-back' }, ['in-transit', 'transferred']],
  [transfer.WithdrawClaim, { voluntary: true, ...understood }, [...running, 'screened-out']],
  [transfer.RevokeWithdrawal, {}, ['withdrawn']],
  [aftercare.RecordAsylumIntention, { country: 'GT' }, ['transferred', 'asylum-abandoned']],
  [aftercare.RecordAsylumApplication, { country: 'GT', authority: 'a', reference: 'r' }, ['transferred', 'asylum-abandoned']],
  [aftercare.RecordAsylumDecision, { outcome: 'granted', final: true, reference: 'r' }, ['asylum-pending', 'asylum-denied']],
  [aftercare.RecordAbandonment, { reasonCode: 'left' }, ['asylum-pending']],
  [aftercare.ReportOnwardDeparture, { toCountry: 'HN', manner: 'unknown', sourceCode: 'family' }, ['transferred', ...asylum]],
  [aftercare.RecordWhereaboutsUnknown, { sourceCode: 'shelter' }, ['transferred', ...asylum]],
  [aftercare.RecordContact, { sourceCode: 'family' }, ['transferred', ...asylum]],
];

/** Of the system alone; what it sends is never refused, so that only the lines can be compared. */
const bySystem: readonly (readonly [Type, readonly string[]])[] = [
  [transfer.LapseTransferRequest, ['transfer-requested']],
  [transfer.ScheduleTransfer, ['transfer-accepted']],
  [transfer.UnscheduleTransfer, everywhere],
  [aftercare.RecordFollowUpOverdue, ['transferred', ...asylum]],
  [merging.CarryOver, everywhere],
  [merging.NoteMerged, everywhere],
  [merging.NoteReopened, everywhere],
  [merging.ReopenDuplicate, ['closed']],
  [merging.FlagPossibleDuplicate, everywhere],
];

const { decider } = caseUseCases;

/** Somebody who may send it at all. */
const sender = (command: Type): Actor => (decider.useCase(command.name)?.roles.includes('supervisor') ? dina : gus);

const books = Promise.all(STATUSES.map(async status => [status, await new Casebook().add(...leadingTo[status])] as const));

async function isTakenIn(status: Status, sent: Sent): Promise<boolean> {
  const book = (await books).find(([each]) => each === status)?.[1] as Casebook;
  const outcome = await book.fork().send(sent);
  if (!isRefusal(outcome) || !outcome.refused.includes('wrong-status')) return true;
  // The other rules are asked only in a status that takes the command.
  expect(outcome.refused).toEqual(['wrong-status']);
  return false;
}

test.each(STATUSES)('the usual course comes to %s', async status => {
  expect((await given(...leadingTo[status]).after()).status).toBe(status);
});

test.each(procedure)('%p is taken where the procedure says', async (command, body, statuses) => {
  const taken: string[] = [];
  for (const status of STATUSES) if (await isTakenIn(status, send(command, body, sender(command)))) taken.push(status);
  expect(taken.toSorted()).toEqual(statuses.toSorted());
});

test.each(bySystem)('%p of the system is taken where the procedure says', (command, statuses) => {
  expect(STATUSES.filter(status => decider.useCase(command.name)?.isTaken(status, noCase)).toSorted()).toEqual(statuses.toSorted());
});

test('the two tables above name every command, and none twice', () => {
  const here = [...procedure.map(([command]) => command.name), ...bySystem.map(([command]) => command.name)];
  expect(here.toSorted()).toEqual(
    decider.useCases
      .filter(({ creates }) => !creates)
      .map(({ command }) => command.type)
      .toSorted(),
  );
});

test('a command is documented to be refused with wrong-status where a status does not take it', () => {
  for (const [{ name }, , statuses] of procedure)
    expect([name, decider.useCase(name)?.codes.includes('wrong-status')]).toEqual([name, statuses.length < everywhere.length]);
});

describe('commands of the system alone', () => {
  const schedule = send(transfer.ScheduleTransfer, { manifestId: FLIGHT, placeWeek: WEEK, departsAt: '2020-01-22T15:00:00Z' }, system);

  test.each(STATUSES)('in %s a transfer is scheduled where it was accepted, and nothing is refused', async status => {
    const outcome = await given(...leadingTo[status]).when(schedule);
    expect(outcome).toHaveLength(status === 'transfer-accepted' ? 1 : 0);
  });

  test('what the status does not take does nothing where a person would be refused', async () => {
    expect(await given(...leadingTo.opened).when(send(transfer.AbortTransfer, { reasonCode: 'expired' }, system))).toEqual([]);
    expect(await given(...leadingTo['in-transit']).when(send(transfer.ClearForBoarding, { manifestId: FLIGHT }, system))).toEqual([]);
  });
});

test('wrong-status says what the status is and what this person may do instead', async () => {
  const refusal = await given(...leadingTo.amenable).refusal(
    send(transfer.ConfirmArrival, { country: 'HN', receivedBy: 'desk' }, gus, { occurredAt: '2019-01-01T00:00:00Z' }),
  );
  expect(refusal).toMatchObject({ code: 'wrong-status', violations: [{ code: 'wrong-status' }], details: { currentStatus: 'amenable' } });
  const { allowedCommands } = refusal.details as { allowedCommands: string[] };
  expect(allowedCommands).toContain('RequestTransfer');
  expect(allowedCommands).not.toContain('ConfirmDetermination');
  expect(allowedCommands).not.toContain('ClearForBoarding');

  const toCaseworker = (
    await given(...leadingTo.amenable).refusal(send(screening.ServeNotice, { notice: 'n', readBack: true, ...understood }, beto))
  ).details as { allowedCommands: string[] };
  expect(toCaseworker.allowedCommands).toContain('AddNote');
  expect(toCaseworker.allowedCommands).not.toContain('RequestTransfer');
  // Another than the assigned caseworker establishes no exception: that rule needs no field of the command.
  expect(toCaseworker.allowedCommands).not.toContain('EstablishException');
});

test('closed and reopened, a case is where it was', async () => {
  for (const status of ['screened-out', 'us-procedure', 'withdrawn', 'transferred', ...asylum] as Status[]) {
    const book = await new Casebook().add(...leadingTo[status], send(intake.CloseCase, { reasonCode: 'ended' }, dina));
    expect(book.asylumCase.status).toBe('closed');
    expect((await book.add(send(intake.ReopenCase, { reasonCode: 'in-error' }, dina))).asylumCase).toMatchObject({
      status,
      statusBeforeClosing: null,
    });
  }
});

test('a referral leads out of a scheduled transfer, and names its flight', async () => {
  expect(await given(...leadingTo['transfer-scheduled']).when(referring())).toMatchObject([
    { type: 'ReferredToUsProcedure', data: { manifestId: FLIGHT } },
  ]);
  expect(await given(...leadingTo['transfer-accepted']).when(referring())).not.toMatchObject([{ data: { manifestId: FLIGHT } }]);
});
