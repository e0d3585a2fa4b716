import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { replay } from '../../src/cases/case.replay.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseRouteOf } from '../../src/cases/case.permissions.js';
import { STATUSES, takenIn, type AsylumCase } from '../../src/cases/case.state.js';
import { caseStream } from '../../src/cases/case.stream.js';
import * as intake from '../../src/cases/intake.commands.js';
import {
  aborting, agreement, ana, applying, approvedFlight, arriving, asking, assessing, assigning, Casebook, claiming, clearing, closing, comingBack, confirming, deciding,
  departing, dina, emil, excepting, fearing, FLIGHT, given, gus, holding, isRefusal, leadingTo, leavingIrregularly, peaceful, PIECE, referring, releasing,
  reopening, replying, requesting, retracting, returning, revoking, scheduling, screeningFor, send, serving, submitting, system, telling, unscheduling, withdrawing, world, type Sent,
} from './scenario.js';

const protective: readonly Sent[] = [
  fearing(), fearing('HN'), holding(), send(intake.RecordVulnerability, { kind: 'medical-condition' }, gus),
  send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, ana), send(intake.AddNote, { text: 'a note' }, gus),
];
const acts: readonly Sent[] = [
  claiming(), assigning(), screeningFor(), screeningFor('HN'), serving(), serving({ readBack: false }), asking(), asking(true), assessing(), assessing({ torture: true }),
  excepting('valid-visa'), submitting(), submitting('not-amenable'), confirming(), { ...confirming(), by: emil }, returning(), referring(), requesting(), replying(),
  replying('refused'), scheduling(), unscheduling(), telling(), releasing(), clearing(), departing(), leavingIrregularly(), arriving(), aborting(), comingBack(),
  withdrawing(), withdrawing({ voluntary: false }), revoking(), applying(), deciding('denied'), deciding('granted'), closing(), reopening(),
  send(intake.DisputeAge, { basis: 'papers' }, ana), send(intake.DecideAge, { minor: true, basis: 'papers' }, dina), send(intake.DecideAge, { minor: false, basis: 'papers' }, dina),
  send(intake.ReturnEvidence, { evidenceId: PIECE }, gus),
  retracting('NoticeServed'), retracting('FearInquiryMade'), retracting('FearExpressed'), retracting('DestinationTold'), retracting('AsylumApplied'), retracting('AsylumDenied'), retracting('EvidenceReturned'),
  send(intake.CorrectApplicant, { applicant: { birthDate: '2010-01-01' }, reasonCode: 'typing-error' }, ana),
  send(intake.CorrectApplicant, { applicant: { nationalities: ['GT'] }, reasonCode: 'typing-error' }, ana),
];
const worlds = [peaceful, peaceful, peaceful, world({ place: null }), world({ agreements: { GT: agreement({ suspended: '2020-01-13' }) } }), world({ manifests: { [FLIGHT]: { ...approvedFlight, status: 'drafted' } } })];

/** Steps that lead far, with whatever else people may send in between. */
const beginnings = Object.values(leadingTo);
const step = fc.record({ sent: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...acts) }, { weight: 1, arbitrary: fc.constantFrom(...protective) }), around: fc.constantFrom(...worlds) });

const clearedOf = ({ transfer }: AsylumCase): boolean => transfer?.clearedUntil !== null && transfer?.clearedUntil !== undefined;

describe('whatever people send in whatever order', () => {
  test('the safeguards hold, and the file is the fold of what was stored', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...beginnings), fc.array(step, { minLength: 5, maxLength: 30 }), async (beginning, steps) => {
      const book = await new Casebook().add(...beginning);
      for (const { sent, around } of steps) {
        const before = book.asylumCase;
        const outcome = await book.send({ ...sent, around });
        if (protective.includes(sent)) expect(isRefusal(outcome)).toBe(false);
        if (isRefusal(outcome)) expect(book.asylumCase).toBe(before);
        for (const event of isRefusal(outcome) ? [] : outcome as readonly CaseEvent[]) {
          // Nobody leaves but with a clearance that stands, or on record as a breach.
          if (event.type === 'ApplicantDeparted' && !event.data.irregular) expect(clearedOf(before)).toBe(true);
          if (event.type === 'BoardingCleared') {
            expect(before).toMatchObject({ status: 'transfer-scheduled', holds: [], screening: { exceptions: [], determination: { status: 'confirmed', outcome: 'amenable' } } });
          }
          if (event.type === 'DeterminationConfirmed') {
            expect(before.screening?.officers).not.toContain(sent.by?.id);
            expect(before.screening).toMatchObject({ notice: { readBack: true }, fearInquiry: expect.anything() });
          }
        }
        if (['amenable', 'transfer-requested', 'transfer-accepted', 'transfer-scheduled'].includes(book.asylumCase.status)) {
          expect(book.asylumCase.screening?.determination).toMatchObject({ status: 'confirmed', outcome: 'amenable' });
        }
      }
      expect(replay(book.history).state).toEqual(book.asylumCase);
      // Folding goes on without what is personal: its key may be destroyed.
      expect(() => book.history.reduce((state, event) => caseStream.evolve(state, { ...event, personal: null } as typeof event), caseStream.initial)).not.toThrow();
    }), { numRuns: 150 });
  });

  test('each prefix of a history is what was known when it was recorded', async () => {
    const book = await new Casebook().add(...leadingTo['asylum-denied']);
    let state = caseStream.initial;
    for (const event of book.history) {
      state = caseStream.evolve(state, event);
      expect(replay(book.history, { recordedBy: event.metadata.recordedAt })).toEqual({ revision: event.revision, state });
    }
  });
});

describe('the table of statuses', () => {
  const sentBy = new Map(acts.map(sent => [sent.command.name, sent]));

  test.each(STATUSES)('a command is refused in %s for its status, or not', async status => {
    for (const [name, sent] of sentBy) {
      if (sent.by === system) continue;
      const outcome = await given(...leadingTo[status]).when(sent);
      const refusedForStatus = isRefusal(outcome) && outcome.refused.join() === 'wrong-status';
      const sameAgreement = status === 'screened-out' && name === 'StartScreening';
      if (!sameAgreement) expect([name, refusedForStatus]).toEqual([name, !(takenIn[name]?.includes(status) ?? true)]);
    }
  });

  test('every command that it names is one of the table of commands', () => {
    expect(Object.keys(takenIn).filter(command => !caseRouteOf(command))).toEqual([]);
  });
});
