import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Suspend } from '../../src/agreements/agreement.commands.js';
import { CorrectApplicant, DisputeAge } from '../../src/cases/applicant.commands.js';
import { CloseCase, RecordDeath, RecordVulnerability, ReopenCase } from '../../src/cases/intake.commands.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { ExpressFear, ReferToUsProcedure } from '../../src/cases/screening.commands.js';
import { AbortTransfer, PlaceHold, RecordDeparture, RecordReturn } from '../../src/cases/transfer.commands.js';
import type { Placed } from '../../src/event-store/fact-reader.js';
import { plusHours } from '../../src/fields/time.js';
import { ConfirmArrival } from '../../src/manifests/manifest.commands.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { InMemoryOffice } from '../support/in-memory-office.js';
import { done, World } from '../support/world.js';

/* A flight that has left is never called off in the files: whoever was on board is in the air. All people are invented. */

const { worker, supervisor, liaison, admin } = InMemoryOffice.staff;

describe('processes stand still while a flight leaves', () => {
  let caseledger: Caseledger;
  let world: World;
  beforeAll(async () => {
    caseledger = await startCaseledger({ CLOCK: 'simulated:2020-01-13T15:00:00Z' });
    world = await World.in(caseledger);
  });
  afterAll(() => caseledger?.stop());

  test('a suspension and a hold that follow find the passengers gone: departed, arrived, and somebody is told', async () => {
    const { liaison: gus } = world.staff;
    const caseIds = [await world.caseAt('accepted'), await world.caseAt('accepted')] as const;
    const flight = await world.schedule(caseIds);
    await world.board(flight);
    await world.moveTo(flight.departsAt);
    const runner = caseledger.app.get(ProcessRunner);
    await runner.stop();
    done(await gus.post(`manifests/${flight.manifestId}/depart`, { boarded: caseIds }), 200);
    await world.agree('GT', 'suspend', { from: world.now, scope: 'transfers', reasonCode: 'review' });
    await world.act(gus, caseIds[0], 'place-hold', { kind: 'court-order' });
    runner.start();
    for (const caseId of caseIds)
      expect(await world.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { irregular: null, departedAt: flight.departsAt } });
    expect((await world.file(caseIds[0]))['protectionAlerts']).toEqual(
      expect.arrayContaining([expect.objectContaining({ cause: 'hold', answeredAt: null })]),
    );
    await world.arrive(flight);
    for (const caseId of caseIds) {
      expect(await world.statusOf(caseId)).toBe('transferred');
      expect(await world.typesOf(caseId)).not.toContain('DepartureBlocked');
    }
    expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'arrived' });
  });
});

/** Somebody who has boarded a flight, which may have left; processes stand still since. */
async function aboard(applicant: object = {}, hasLeft = true): Promise<{ office: InMemoryOffice; caseId: string; flight: string }> {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'opened');
  await office.act(worker, CorrectApplicant, caseId, { applicant, reasonCode: 'papers-seen' });
  await office.caseAt('Ana', 'accepted', 'opened');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  await office.openBoarding(flight);
  await office.settle();
  if (hasLeft) await office.depart(flight, [caseId]);
  return { office, caseId, flight };
}

const events = (office: InMemoryOffice, caseId: string): Promise<readonly Placed<CaseEvent>[]> =>
  office.service.ledger.facts().history(caseStream, caseId);
async function departures(office: InMemoryOffice, caseId: string): Promise<object[]> {
  return (await events(office, caseId)).filter(({ type }) => type === 'ApplicantDeparted').map(({ data }) => data);
}
const causes = async (office: InMemoryOffice, caseId: string): Promise<string[]> =>
  (await office.file(caseId)).protectionAlerts.map(({ cause }) => cause);
const arrive = async (office: InMemoryOffice, flight: string, caseId: string): Promise<string> => {
  await office.act(liaison, ConfirmArrival, flight, { arrived: [caseId], receivedBy: 'desk' });
  await office.settle();
  return (await office.file(caseId)).status;
};

describe('however late the process is', () => {
  test('new information stops nobody who is in the air, and every kind of it raises an alert once', async () => {
    const { office, caseId, flight } = await aboard();
    await office.act(worker, RecordVulnerability, caseId, { kind: 'medical-condition' });
    await office.act(worker, RecordVulnerability, caseId, { kind: 'pregnancy' });
    await office.act(worker, ExpressFear, caseId, { country: 'GT' });
    await office.act(worker, DisputeAge, caseId, { basis: 'looks young' });
    expect((await office.file(caseId)).status).toBe('screening');
    await office.settle();
    expect(await departures(office, caseId)).toEqual([{ flight: 'GT101', manifestId: flight }]);
    expect(await causes(office, caseId)).toEqual(['vulnerability', 'fear', 'age-dispute']);
    expect(await arrive(office, flight, caseId)).toBe('transferred');
  });

  test.each([
    ['a birth date, which stays sealed', { birthDate: '2004-01-01' }],
    ['a birth date that is only a guess', { birthDateEstimated: true }],
  ])('a correction that makes a minor of somebody in the air raises an alert: %s', async (_, applicant) => {
    const { office, caseId } = await aboard({ birthDate: '2001-06-01' });
    await office.act(worker, CorrectApplicant, caseId, { applicant, reasonCode: 'papers-seen' });
    await office.settle();
    expect(await causes(office, caseId)).toEqual(['correction']);
    expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', minorAtEncounter: true });
  });

  test('what was known when the flight left raises none', async () => {
    const { office, caseId } = await aboard();
    await office.act(worker, ExpressFear, caseId, { country: 'HN' });
    await office.settle();
    expect(await causes(office, caseId)).toEqual([]);
  });

  test('a file referred to the procedure here and closed goes on', async () => {
    const { office, caseId, flight } = await aboard();
    await office.act(supervisor, ReferToUsProcedure, caseId, { ground: 'humanitarian' });
    await office.act(supervisor, CloseCase, caseId, { reasonCode: 'ended' });
    await office.settle();
    expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', statusBeforeClosing: null, transfer: { irregular: null } });
    expect(await causes(office, caseId)).toEqual(['us-procedure']);
    expect(await arrive(office, flight, caseId)).toBe('transferred');
  });

  test('a death does not call off the departure: the file stays closed, and says where the person was', async () => {
    const { office, caseId, flight } = await aboard();
    await office.act(worker, RecordDeath, caseId, {});
    await office.settle();
    expect(await departures(office, caseId)).toEqual([{ flight: 'GT101', manifestId: flight }]);
    expect(await office.file(caseId)).toMatchObject({ status: 'closed', statusBeforeClosing: 'in-transit', flownOn: [flight] });
    const { state } = await office.service.ledger.read(receptionStream, 'GT');
    expect(Object.values(state.weeks).map(({ reserved }) => reserved)).toEqual([1]);
    // Should the death turn out to be an error, somebody must see to what came meanwhile.
    await office.act(worker, PlaceHold, caseId, { kind: 'court-order' });
    expect(await arrive(office, flight, caseId)).toBe('closed');
    await office.act(supervisor, ReopenCase, caseId, { reasonCode: 'another-person' });
    const { status, diedAt, protectionAlerts } = await office.file(caseId);
    expect([status, diedAt, [...protectionAlerts].map(({ cause }) => cause)]).toEqual(['in-transit', null, ['hold']]);
  });

  test('accepted anew and on another flight, the person has left on the first one, whose place stays used', async () => {
    const { office, caseId, flight } = await aboard();
    await office.act(liaison, AbortTransfer, caseId, { reasonCode: 'mistaken' });
    await office.caseAt('Ana', 'accepted', 'amenable');
    const second = await office.flight('second', [caseId], false);
    await office.settle();
    expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', flownOn: [flight], transfer: { manifestId: flight } });
    expect((await office.manifest(second)).passengers).toEqual([]);
    const { state } = await office.service.ledger.read(receptionStream, 'GT');
    expect(Object.values(state.weeks).map(({ reserved }) => reserved)).toEqual([1]);
    expect(await arrive(office, flight, caseId)).toBe('transferred');
  });

  test('an encounter corrected to a later hour does not call off departure and arrival', async () => {
    const { office, caseId, flight } = await aboard();
    office.service.durable.now = plusHours(office.now, 2);
    await office.act(worker, CorrectApplicant, caseId, { encounter: { at: office.now }, reasonCode: 'clerical' });
    const { departedAt } = await office.manifest(flight);
    await office.settle();
    expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { departedAt } });
    expect(await causes(office, caseId)).toEqual(['correction']);
  });

  test("a suspension that is dated back makes nobody's departure irregular", async () => {
    const { office, caseId } = await aboard();
    await office.act(admin, Suspend, 'GT', { from: '2020-01-13T00:00:00Z', scope: 'all', reasonCode: 'review' });
    await office.settle();
    expect(await departures(office, caseId)).toEqual([expect.not.objectContaining({ irregular: true })]);
  });

  test('a departure that was recorded by hand meanwhile is not recorded again, not even after a return', async () => {
    const { office, caseId } = await aboard();
    await office.act(liaison, RecordDeparture, caseId, { flight: 'GT101' });
    await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
    await office.settle();
    expect(await departures(office, caseId)).toHaveLength(1);
    expect((await office.file(caseId)).status).toBe('screening');
  });

  test('nor is one that was recorded by hand a moment before the flight left', async () => {
    const { office, caseId, flight } = await aboard({}, false);
    await office.act(liaison, RecordDeparture, caseId, { flight: 'GT101' });
    await office.depart(flight, [caseId]);
    await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
    await office.settle();
    expect(await departures(office, caseId)).toEqual([{ flight: 'GT101' }]);
    expect(await arrive(office, flight, caseId)).toBe('screening');
  });
});

describe('whoever came back flies again', () => {
  async function boarded(office: InMemoryOffice, flight: string, caseId: string): Promise<void> {
    await office.settle();
    await office.openBoarding(flight);
    await office.settle();
    await office.depart(flight, [caseId]);
    await office.settle();
  }

  async function returned(office: InMemoryOffice, caseId: string): Promise<void> {
    await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
    await office.caseAt('Ana', 'accepted', 'screening');
  }

  test('on the very flight that was missed when the person left by another way', async () => {
    const office = new InMemoryOffice();
    await office.bringIntoForce('GT');
    const caseId = await office.caseAt('Ana', 'accepted');
    const flight = await office.flight('flight', [caseId]);
    await office.settle();
    await office.act(liaison, RecordDeparture, caseId, { flight: 'GT102', irregular: { explanation: 'taken along by mistake' } });
    await office.settle();
    await returned(office, caseId);
    await office.board(flight, caseId);
    await boarded(office, flight, caseId);
    expect(await departures(office, caseId)).toEqual([
      expect.objectContaining({ flight: 'GT102', irregular: true }),
      { flight: 'GT101', manifestId: flight },
    ]);
    expect(await arrive(office, flight, caseId)).toBe('transferred');
  });

  test('and is not there because the flight before is said to have arrived', async () => {
    const office = new InMemoryOffice();
    await office.bringIntoForce('GT');
    const caseId = await office.caseAt('Ana', 'accepted');
    const first = await office.flight('first', [caseId]);
    await boarded(office, first, caseId);
    await returned(office, caseId);
    const second = await office.flight('second', [caseId]);
    await boarded(office, second, caseId);
    expect(await arrive(office, first, caseId)).toBe('in-transit');
    expect(await arrive(office, second, caseId)).toBe('transferred');
  });

  test('nor where the person left the second time without being scheduled on any flight', async () => {
    const office = new InMemoryOffice();
    await office.bringIntoForce('GT');
    const caseId = await office.caseAt('Ana', 'accepted');
    const first = await office.flight('first', [caseId]);
    await boarded(office, first, caseId);
    await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
    await office.act(liaison, RecordDeparture, caseId, { flight: 'GT102', irregular: { explanation: 'taken along by mistake' } });
    await office.settle();
    expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', flownOn: [first], transfer: { manifestId: null } });
    expect(await arrive(office, first, caseId)).toBe('in-transit');
  });
});

test('a hold stored before the departure, after it was decided, makes it irregular: a breach, and somebody is told', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  await office.openBoarding(flight);
  await office.settle();
  // Between what `depart` reads and what it stores.
  const { store } = office.service.durable;
  const append = store.append.bind(store);
  store.append = async requests => {
    if (requests.some(({ stream }) => stream === `manifest-${flight}`)) {
      store.append = append;
      await office.act(liaison, PlaceHold, caseId, { kind: 'court-order' });
    }
    return append(requests);
  };
  await office.depart(flight, [caseId]);
  await office.settle();
  expect(await departures(office, caseId)).toEqual([
    { flight: 'GT101', manifestId: flight, irregular: true, failedChecks: ['not-cleared', 'hold-standing'] },
  ]);
  expect(await causes(office, caseId)).toEqual(['irregular-departure']);
  expect(await arrive(office, flight, caseId)).toBe('transferred');
});
