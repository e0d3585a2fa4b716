import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { replay } from '../../src/cases/case.replay.js';
import { caseStream } from '../../src/cases/case.stream.js';
import * as intake from '../../src/cases/intake.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import type { Actor } from '../../src/event-store/event-store.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';
import { isAfter, millis, toInstant } from '../../src/event-store/time.js';
import { person } from '../support/given.js';
import {
  aborting, agreement, ana, approvedFlight, arriving, asking, assessing, assigning, beto, Casebook, claiming, clearing, cleared, closing, comingBack, confirming, departing, dina, emil,
  excepting, fearing, FLIGHT, gus, HOLD, holding, isRefusal, leadingTo, leavingIrregularly, NOTHING, OTHER_FLIGHT, peaceful, PIECE, readyToBoard, referring, releasing, reopening, replying,
  requesting, returning, revoking, scheduling, screeningFor, send, serving, submitting, telling, unscheduling, withdrawing, world, type Sent, type World,
} from './scenario.js';

/*
 * What must hold whoever sends whatever in whatever order. It is worked out here from the events alone, by another
 * way than the state's: the last word on each safeguard is read from the history.
 */

type Stored = Recorded<CaseEvent>;
const stranger = person('li-stranger', 'liaison', 'LRD');

const suspended: World = world({ agreements: { GT: agreement({ suspended: '2020-01-01' }), HN: agreement() } });
const worlds: readonly (readonly [string, World])[] = [
  ['peaceful', peaceful], ['suspended', suspended], ['without a place', world({ place: null })],
  ['with a flight that nobody approved', world({ manifests: { [FLIGHT]: { ...approvedFlight, status: 'drafted' } } })],
];

const evidence = send(intake.RecordEvidence, { evidenceId: PIECE, description: 'letters' }, stranger);
const protective: readonly Sent[] = [
  fearing('GT'), { ...fearing('HN'), by: stranger }, holding('medical', HOLD), holding('new-information', NOTHING), evidence,
  send(intake.RecordVulnerability, { kind: 'pregnancy' }, stranger), send(intake.AddNote, { text: 'a note' }, dina),
];
const usual: readonly Sent[] = [
  claiming(), assigning(), screeningFor('GT'), serving(), asking(), submitting(), confirming(), requesting('GT'), replying(), scheduling(), telling(), clearing(), departing(), arriving(),
];
const others: readonly Sent[] = [
  screeningFor('HN'), serving({ readBack: false }), serving({ language: 'en' }), asking(true), assessing(), assessing({ torture: true }), excepting('valid-visa'), submitting('not-amenable'),
  send(screening.ConfirmDetermination, { determinationId: NOTHING }, dina), returning(), referring(), requesting('HN'), replying('refused'), scheduling(OTHER_FLIGHT), unscheduling(),
  releasing(), releasing({ holdId: NOTHING }), clearing({ manifestId: OTHER_FLIGHT }), leavingIrregularly(), aborting(), comingBack(), withdrawing(), withdrawing({ voluntary: false }), revoking(),
  closing(), reopening(), send(intake.ReturnEvidence, { evidenceId: PIECE }, gus), send(intake.DisputeAge, { basis: 'b' }, ana), send(intake.DecideAge, { minor: true, basis: 'b' }, dina),
  send(intake.DecideAge, { minor: false, basis: 'b' }, emil), send(intake.CorrectApplicant, { documents: 'valid-visa', reasonCode: 'r' }, ana),
  send(intake.CorrectApplicant, { documents: 'none', reasonCode: 'r' }, ana), send(intake.HandOverCase, { toOffice: 'LRD', reasonCode: 'r' }, dina),
];
const people: readonly Actor[] = [ana, beto, dina, emil, gus];

interface Step { readonly sent: Sent; readonly by: Actor | undefined; readonly around: World; readonly minutes: number; readonly ago: number }
const steps = fc.record<Step>({
  sent: fc.oneof({ weight: 10, arbitrary: fc.constantFrom(...usual) }, { weight: 4, arbitrary: fc.constantFrom(...others) }, { weight: 1, arbitrary: fc.constantFrom(...protective) }),
  by: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...people) }),
  around: fc.oneof({ weight: 6, arbitrary: fc.constant(peaceful) }, { weight: 1, arbitrary: fc.constantFrom(...worlds.map(([, each]) => each)) }),
  minutes: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 30 }) }, { weight: 1, arbitrary: fc.constantFrom(25 * 60, 20 * 24 * 60, 70 * 24 * 60) }),
  ago: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) }),
});

const since = (history: readonly Stored[], type: CaseEvent['type']): readonly Stored[] => history.slice(history.findLastIndex(event => event.type === type) + 1);
const last = (history: readonly Stored[], ...types: readonly CaseEvent['type'][]): Stored | undefined => history.findLast(({ type }) => types.includes(type));

/** What undoes a clearance that was given. */
const VOIDING: readonly CaseEvent['type'][] = [
  'TransferHoldPlaced', 'DeterminationReopened', 'TransferAborted', 'TransferUnscheduled', 'TransferScheduled', 'TransferRequested', 'ClaimWithdrawn', 'ReferredToUsProcedure', 'ReturnRecorded',
];
const BY_OFFICERS: readonly CaseEvent['type'][] = ['ScreeningStarted', 'NoticeServed', 'FearInquiryMade', 'ExceptionEstablished', 'FearAssessed', 'DeterminationSubmitted'];

const inForce = (around: World): boolean => around !== suspended;

function clearedRightly(before: readonly Stored[], event: Stored & { type: 'BoardingCleared' }, around: World): void {
  expect(inForce(around)).toBe(true);
  expect(around.place).not.toBeNull();
  expect(around.manifests[FLIGHT]?.status).toBe('approved');
  expect(last(before, 'DeterminationSubmitted', 'DeterminationConfirmed', 'DeterminationReturned', 'DeterminationReopened')).toMatchObject({ type: 'DeterminationConfirmed', data: { outcome: 'amenable' } });
  const request = since(before, 'TransferRequested');
  const scheduled = last(request, 'TransferScheduled', 'TransferUnscheduled', 'TransferAborted');
  expect(scheduled).toMatchObject({ type: 'TransferScheduled', data: { manifestId: event.data.manifestId } });
  expect(last(request, 'DestinationTold')).toBeDefined();
  const acceptance = last(request, 'TransferAccepted') as Stored & { type: 'TransferAccepted' };
  expect(isAfter(event.metadata.recordedAt, acceptance.data.validUntil)).toBe(false);
  const released = new Set(before.flatMap(each => (each.type === 'TransferHoldReleased' ? [each.data.holdId] : [])));
  expect(before.filter(each => each.type === 'TransferHoldPlaced' && !released.has(each.data.holdId))).toEqual([]);
  expect(last(before, 'EvidenceReceived', 'EvidenceReturned')?.type).not.toBe('EvidenceReceived');
  expect(since(before, 'ScreeningStarted').filter(({ type }) => type === 'ExceptionEstablished')).toEqual([]);
  const { data: { country } } = last(before, 'ScreeningStarted') as Stored & { type: 'ScreeningStarted' };
  const newest = before.findLast(each => (each.type === 'FearExpressed' || each.type === 'FearAssessed') && each.data.country === country);
  expect(newest?.type).not.toBe('FearExpressed');
  expect(newest?.data ?? {}).not.toMatchObject({ established: true });
}

function departedRightly(before: readonly Stored[], { metadata: { occurredAt } }: Stored, around: World): void {
  const clearance = last(before, 'BoardingCleared') as Stored & { type: 'BoardingCleared' };
  expect(clearance).toBeDefined();
  expect(since(before, 'BoardingCleared').filter(({ type }) => VOIDING.includes(type))).toEqual([]);
  expect(isAfter(occurredAt, clearance.data.expiresAt)).toBe(false);
  expect(inForce(around)).toBe(true);
}

function confirmedRightly(before: readonly Stored[], { metadata: { actor } }: Stored): void {
  const ofScreening = before.slice(before.findLastIndex(({ type }) => type === 'ScreeningStarted'));
  expect(ofScreening.filter(({ type }) => BY_OFFICERS.includes(type)).map(({ metadata }) => metadata.actor.id)).not.toContain(actor.id);
  expect(ofScreening.some(each => each.type === 'NoticeServed' && each.data.readBack)).toBe(true);
  expect(ofScreening.some(({ type }) => type === 'FearInquiryMade')).toBe(true);
}

function judge(history: readonly Stored[], from: number, around: World): void {
  for (const [index, event] of history.entries()) {
    if (index < from) continue;
    const before = history.slice(0, index);
    if (event.type === 'BoardingCleared') clearedRightly(before, event, around);
    if (event.type === 'ApplicantDeparted' && !event.data.irregular) departedRightly(before, event, around);
    if (event.type === 'DeterminationConfirmed' && event.data.outcome === 'amenable') confirmedRightly(before, event);
  }
}

const beginnings = [leadingTo.opened, leadingTo.screening, leadingTo['awaiting-review'], leadingTo['transfer-accepted'], leadingTo['transfer-scheduled'], readyToBoard, cleared, leadingTo.transferred, leadingTo['screened-out']];
const seen = new Map<string, number>();

test('nobody is moved but as the safeguards allow, and protective facts are always taken', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...beginnings), fc.array(steps, { minLength: 5, maxLength: 25 }), async (beginning, taken) => {
    const book = await new Casebook().add(...beginning);
    for (const { sent, by = sent.by ?? gus, around, minutes, ago } of taken) {
      const at = toInstant(millis(book.now) + minutes * 60_000);
      const from = book.history.length;
      const report = !('occurredAt' in new sent.command()) && sent.command.name.startsWith('Record') && ago > 0 ? { occurredAt: toInstant(millis(at) - ago * 60_000) } : {};
      const outcome = await book.send({ ...sent, by: protective.includes(sent) ? sent.by : by, around, at, ...report });
      if (protective.includes(sent)) expect(isRefusal(outcome)).toBe(false);
      judge(book.history, from, around);
    }
    for (const { type } of book.history) seen.set(type, (seen.get(type) ?? 0) + 1);
    expect(replay(book.history)).toEqual({ revision: book.history.length - 1, state: book.asylumCase });
  }), { numRuns: 200 });
  // The walk came to what it is about.
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['BoardingCleared', 'ApplicantDeparted', 'DepartureBlocked', 'DeterminationReopened', 'ReferredToUsProcedure', 'TransferAborted']));
});

test('a history folds at every prefix, with personal data and without, and as it was known at each moment', async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...beginnings), fc.array(steps, { maxLength: 12 }), async (beginning, taken) => {
    const book = await new Casebook().add(...beginning);
    for (const { sent, around, minutes } of taken) await book.send({ ...sent, around, at: toInstant(millis(book.now) + minutes * 60_000) });
    let [known, erased] = [caseStream.initial, caseStream.initial];
    for (const [revision, event] of book.history.entries()) {
      known = caseStream.evolve(known, event);
      erased = caseStream.evolve(erased, { ...event, personal: null } as Stored);
      expect(erased.status).toBe(known.status);
      const { recordedAt } = event.metadata;
      if (book.history[revision + 1]?.metadata.recordedAt !== recordedAt) expect(replay(book.history, { recordedBy: recordedAt })).toEqual({ revision, state: known });
    }
    expect(erased.applicant).toBeNull();
    expect(JSON.stringify(erased)).not.toMatch(/Synthetic-0001|"account":"account"|letters|a note/);
  }), { numRuns: 50 });
});
