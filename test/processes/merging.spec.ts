import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import { CorrectApplicant, DisputeAge } from '../../src/cases/applicant.commands.js';
import * as intake from '../../src/cases/intake.commands.js';
import * as screening from '../../src/cases/screening.commands.js';
import * as transfer from '../../src/cases/transfer.commands.js';
import type { Receipt } from '../../src/event-store/act.js';
import type { Trigger } from '../../src/reacting/process-inbox.js';
import { IssueHoldOrder } from '../../src/hold-orders/hold-order.commands.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* Two files of one person: what protects the person in the one that is closed protects in the one that goes on. */

const CARRY_OVER = 'when-marked-as-duplicate-carry-over';
const { worker, supervisor, liaison } = InMemoryOffice.staff;
let office: InMemoryOffice;
beforeEach(async () => {
  office = new InMemoryOffice();
  await office.bringIntoForce('GT');
});

const mark = (caseId: string, of: string): Promise<Receipt> => office.act(supervisor, intake.MarkAsDuplicate, caseId, { of });
const events = (caseId: string) => office.service.ledger.history(caseStream, caseId);
const eventId = async (caseId: string, type: CaseEvent['type']): Promise<string | undefined> =>
  (await events(caseId)).findLast(event => event.type === type)?.id;
/** Of the facts that came from other files: what, and from which event of which file. */
const carried = async (caseId: string) =>
  (await events(caseId)).flatMap(({ type, data, personal, metadata }) =>
    'from' in data ? [{ type, ...(data as { from: object }), personal, by: metadata.actor.id }] : [],
  );
const from = async (caseId: string, type: CaseEvent['type']) => ({ from: { caseId, eventId: await eventId(caseId, type) } });

describe('a file that is closed as a duplicate', () => {
  test('gives all that protects its person, without the texts, to the one that goes on', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'screening'), await office.caseAt('Beto', 'opened')];
    const letters = InMemoryOffice.id('letters');
    const returned = InMemoryOffice.id('returned');
    await office.act(worker, screening.ExpressFear, closed, { country: 'GT', account: 'account' });
    await office.act(worker, intake.RecordVulnerability, closed, { kind: 'pregnancy', detail: 'detail' });
    await office.act(worker, screening.EstablishException, closed, { ground: 'valid-visa', evidence: 'evidence' });
    for (const evidenceId of [letters, returned])
      await office.act(worker, intake.RecordEvidence, closed, { evidenceId, description: 'description' });
    await office.act(worker, intake.ReturnEvidence, closed, { evidenceId: returned });
    await office.act(worker, DisputeAge, closed, { basis: 'basis' });
    await office.act(worker, screening.AssessFear, closed, { persecution: true, torture: false, reasons: 'reasons' });
    for (const kind of ['medical', 'family', 'new-information', 'agreement-suspended', 'court-order'] as const)
      await office.act(worker, transfer.PlaceHold, closed, { kind, holdId: InMemoryOffice.id(kind), reference: 'reference' });
    await office.act(supervisor, transfer.ReleaseHold, closed, { holdId: InMemoryOffice.id('medical') });
    await mark(closed, goesOn);
    await office.settle();
    expect(await carried(goesOn)).toEqual([
      { type: 'FearExpressed', country: 'GT', ...(await from(closed, 'FearExpressed')), personal: null, by: 'system' },
      { type: 'VulnerabilityRecorded', kind: 'pregnancy', ...(await from(closed, 'VulnerabilityRecorded')), personal: null, by: 'system' },
      {
        type: 'ExceptionEstablished',
        screeningId: null,
        ground: 'valid-visa',
        ...(await from(closed, 'ExceptionEstablished')),
        personal: null,
        by: 'system',
      },
      expect.objectContaining({ type: 'EvidenceReceived', evidenceId: letters, personal: null }),
      { type: 'AgeDisputed', ...(await from(closed, 'AgeDisputed')), personal: null, by: 'system' },
      expect.objectContaining({ type: 'TransferHoldPlaced', kind: 'new-information', ...(await from(closed, 'FearAssessed')) }),
      expect.objectContaining({ type: 'TransferHoldPlaced', kind: 'court-order', ...(await from(closed, 'TransferHoldPlaced')) }),
    ]);
    const file = await office.file(goesOn);
    expect(file).toMatchObject({ status: 'opened', merged: [closed], ageDisputed: true });
    expect(file.fears.GT).toMatchObject({ expressed: true, assessed: false });
    expect(file.earlierExceptions).toMatchObject([{ ground: 'valid-visa', evidence: null }]);
    expect(file.holds.map(({ kind }) => kind)).toEqual(['new-information', 'court-order']);
  });

  test('gives what reaches it later, by whatever way', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'accepted')];
    await mark(closed, goesOn);
    await office.settle();
    expect((await office.file(goesOn)).status).toBe('transfer-accepted');
    await office.act(supervisor, IssueHoldOrder, InMemoryOffice.id('order'), {
      kind: 'court-order',
      reference: 'No. 1',
      caseIds: [closed],
    });
    await office.settle();
    expect((await office.file(goesOn)).holds.map(({ kind }) => kind)).toEqual(['court-order']);
    await office.act(worker, screening.ExpressFear, closed, { country: 'GT', account: 'account' });
    await office.settle();
    const types = (await events(goesOn)).map(({ type }) => type);
    expect(types.slice(types.indexOf('DuplicateMerged'))).toEqual([
      'DuplicateMerged',
      'TransferHoldPlaced',
      'FearExpressed',
      'DeterminationReopened',
      'TransferAborted',
      'TransferHoldPlaced',
    ]);
    expect((await office.file(goesOn)).status).toBe('screening');
  });

  test('that protects somebody takes the clearance from who is boarding', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'accepted')];
    const flight = await office.flight('flight', [goesOn]);
    await office.settle();
    await office.openBoarding(flight);
    await office.settle();
    await office.act(worker, intake.RecordVulnerability, closed, { kind: 'pregnancy' });
    expect((await office.file(goesOn)).transfer?.clearedUntil).not.toBeNull();
    await mark(closed, goesOn);
    await office.settle();
    expect(await office.file(goesOn)).toMatchObject({ status: 'screening', transfer: { clearedUntil: null } });
    expect((await office.manifest(flight)).passengers).toEqual([]);
  });

  test('raises an alert where the person has left', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'accepted')];
    await office.act(liaison, transfer.RecordDeparture, goesOn, { flight: 'GT102', irregular: { explanation: 'taken along' } });
    await mark(closed, goesOn);
    await office.act(worker, intake.RecordVulnerability, closed, { kind: 'pregnancy' });
    await office.act(worker, transfer.PlaceHold, closed, { kind: 'medical' });
    await office.settle();
    expect((await office.file(goesOn)).protectionAlerts.map(({ cause }) => cause)).toEqual(['vulnerability', 'hold']);
  });

  test.each(['before', 'after'] as const)(
    'says nothing new with a dispute of an age that is disputed already, %s the departure was recorded',
    async order => {
      const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened')];
      await office.act(worker, CorrectApplicant, goesOn, { applicant: { accompaniedBy: 'parent' }, reasonCode: 'papers-seen' });
      for (const caseId of [closed, goesOn]) await office.act(worker, DisputeAge, caseId, { basis: 'looks young' });
      await office.caseAt('Beto', 'accepted', 'opened');
      const flight = await office.flight('flight', [goesOn]);
      await office.settle();
      await office.openBoarding(flight);
      await office.settle();
      await office.depart(flight, [goesOn]);
      if (order === 'after') await office.settle();
      await mark(closed, goesOn);
      await office.service.settle(waiting => waiting.find(({ process }) => process === CARRY_OVER) ?? waiting[0]);
      expect(await carried(goesOn)).toMatchObject([{ type: 'AgeDisputed' }]);
      expect(await office.file(goesOn)).toMatchObject({ status: 'in-transit', protectionAlerts: [] });
    },
  );

  test('gives a piece of evidence whose id is in use by another one as a piece of its own', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened')];
    const evidenceId = InMemoryOffice.id('letters');
    for (const caseId of [closed, goesOn]) await office.act(worker, intake.RecordEvidence, caseId, { evidenceId, description: 'letters' });
    await mark(closed, goesOn);
    await office.settle();
    await office.act(worker, intake.ReturnEvidence, goesOn, { evidenceId });
    const kept = (await office.file(goesOn)).evidence.filter(({ returnedAt }) => returnedAt === null);
    expect(kept).toMatchObject([await from(closed, 'EvidenceReceived')]);
    await office.act(worker, intake.ReturnEvidence, goesOn, { evidenceId: kept[0]?.evidenceId });
    expect((await office.file(goesOn)).evidence.every(({ returnedAt }) => returnedAt !== null)).toBe(true);
  });

  test('is not asked twice for what was retracted where it arrived', async () => {
    const [closed, goesOn] = [await office.caseAt('Ana', 'opened'), await office.caseAt('Beto', 'opened')];
    await office.act(worker, intake.RecordVulnerability, closed, { kind: 'pregnancy' });
    await mark(closed, goesOn);
    await office.settle();
    const entry = await eventId(goesOn, 'VulnerabilityRecorded');
    await office.act(supervisor, intake.RetractEntry, goesOn, { eventId: entry, reasonCode: 'other-person' });
    await office.act(worker, intake.RecordVulnerability, closed, { kind: 'illness' });
    await office.settle();
    expect((await office.file(goesOn)).vulnerabilities.map(({ kind }) => kind)).toEqual(['illness']);
  });
});

describe('of more than two files of one person', () => {
  const three = async (): Promise<[string, string, string]> => [
    await office.caseAt('Ana', 'opened'),
    await office.caseAt('Beto', 'opened'),
    await office.caseAt('Cira', 'opened'),
  ];

  test('each fact comes to the last in the chain once, from where it was told', async () => {
    const [first, second, last] = await three();
    await office.act(worker, intake.RecordVulnerability, first, { kind: 'pregnancy' });
    await mark(first, second);
    await office.settle();
    await mark(second, last);
    await office.act(worker, transfer.PlaceHold, first, { kind: 'medical' });
    await office.settle();
    const vulnerable = { type: 'VulnerabilityRecorded', ...(await from(first, 'VulnerabilityRecorded')) };
    const held = { type: 'TransferHoldPlaced', kind: 'medical', ...(await from(first, 'TransferHoldPlaced')) };
    for (const caseId of [second, last]) expect(await carried(caseId)).toMatchObject([vulnerable, held]);
    expect((await office.file(last)).merged).toEqual([second, first]);
    await office.act(supervisor, intake.ReopenCase, second, { reasonCode: 'another-person' });
    await office.settle();
    expect((await office.file(last)).merged).toEqual([]);
    expect((await office.file(second)).merged).toEqual([first]);
    await mark(second, last);
    await office.settle();
    expect(await carried(last)).toHaveLength(2);
    expect((await office.file(last)).merged).toEqual([second, first]);
  });

  test.each([2, 3])('one of %i that are marked in a ring at once is opened again, with all that was told', async count => {
    const caseIds = (await three()).slice(0, count);
    for (const caseId of caseIds) await office.act(worker, intake.RecordVulnerability, caseId, { kind: `kind-${caseId.slice(0, 4)}` });
    await Promise.all(caseIds.map((caseId, index) => mark(caseId, caseIds[(index + 1) % count] as string)));
    await office.settle();
    const [open] = caseIds.toSorted() as [string];
    for (const caseId of caseIds) expect((await office.file(caseId)).status).toBe(caseId === open ? 'opened' : 'closed');
    expect((await events(open)).at(-1)).toBeDefined();
    expect((await events(open)).find(({ type }) => type === 'CaseReopened')).toMatchObject({
      data: { reasonCode: 'duplicates-of-each-other' },
      metadata: { actor: { id: 'system' } },
    });
    const { vulnerabilities, merged } = await office.file(open);
    expect(vulnerabilities.map(({ kind }) => kind).toSorted()).toEqual(caseIds.map(caseId => `kind-${caseId.slice(0, 4)}`).toSorted());
    expect(merged.toSorted()).toEqual(caseIds.filter(caseId => caseId !== open).toSorted());
  });

  test.each([
    ['first', ({ type }: Trigger) => type === 'CaseReopened'],
    ['last', ({ type }: Trigger) => type !== 'CaseReopened'],
  ])('of a ring each says what is merged with it, where that one goes on is heard of %s', async (_, comesFirst) => {
    const [goesOn, second, last] = (await three()).toSorted() as [string, string, string];
    await Promise.all([mark(goesOn, second), mark(second, last), mark(last, goesOn)]);
    await office.service.settle(waiting => waiting.find(comesFirst) ?? waiting[0]);
    const merged = async (caseId: string): Promise<string[]> => [...(await office.file(caseId)).merged].toSorted();
    expect([await merged(goesOn), await merged(second), await merged(last)]).toEqual([[second, last], [], [second]]);
  });

  test.each(['Ana', 'Beto'])('reopened one after the other, none is said to be merged, where %s is heard of first', async name => {
    const [first, second, last] = await three();
    await mark(first, second);
    await mark(second, last);
    await office.settle();
    for (const caseId of [second, first]) await office.act(supervisor, intake.ReopenCase, caseId, { reasonCode: 'another-person' });
    const stream = `case-${InMemoryOffice.id(name)}`;
    await office.service.settle(waiting => waiting.find(trigger => trigger.stream === stream) ?? waiting[0]);
    for (const caseId of [first, second, last]) expect((await office.file(caseId)).merged).toEqual([]);
  });
});
