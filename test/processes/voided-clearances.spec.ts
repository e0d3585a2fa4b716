import { expect, test } from '@jest/globals';
import { GiveTerminationNotice, Reinstate, Suspend } from '../../src/agreements/agreement.commands.js';
import { ClearForBoarding, RecordDeparture } from '../../src/cases/transfer.commands.js';
import { plusHours } from '../../src/fields/time.js';
import { Depart } from '../../src/manifests/manifest.commands.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* What voids a clearance does so at once, whether or not a process has come to see to it. All people are invented. */

const { liaison, admin } = InMemoryOffice.staff;

/** Somebody who is scheduled on an approved flight. */
async function scheduled(): Promise<{ office: InMemoryOffice; caseId: string; flight: string }> {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  return { office, caseId, flight };
}

async function boarding(office: InMemoryOffice, flight: string): Promise<void> {
  await office.openBoarding(flight);
  await office.settle();
}

const suspend = (office: InMemoryOffice, from = office.now) =>
  office.act(admin, Suspend, 'GT', { from, scope: 'transfers', reasonCode: 'review' });
const notCleared = expect.objectContaining({ code: 'not-cleared' });

test('a suspension that is over before anybody was held for it; who is cleared anew departs', async () => {
  const { office, caseId, flight } = await scheduled();
  await boarding(office, flight);
  await suspend(office);
  await office.act(admin, Reinstate, 'GT', { from: office.now });
  await office.settle();
  expect((await office.file(caseId)).holds).toHaveLength(0);
  await expect(office.depart(flight, [caseId])).rejects.toEqual(notCleared);
  expect(await office.act(liaison, RecordDeparture, caseId, { flight: 'GT101' })).toMatchObject({ refused: [{ code: 'not-cleared' }] });
  await office.act(liaison, ClearForBoarding, caseId, { manifestId: flight });
  await office.depart(flight, [caseId]);
  await office.settle();
  expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { irregular: null } });
});

test('a suspension that was announced before, whose time came and went while processes stood still', async () => {
  const { office, caseId, flight } = await scheduled();
  await suspend(office, plusHours(office.now, 1));
  await boarding(office, flight);
  office.service.durable.now = plusHours(office.now, 2);
  await office.act(admin, Reinstate, 'GT', { from: office.now });
  await expect(office.depart(flight, [caseId])).rejects.toEqual(notCleared);
});

test('one that began and was over after the flight left, where nobody had recorded yet that it did', async () => {
  const { office, caseId, flight } = await scheduled();
  await boarding(office, flight);
  const occurredAt = plusHours(office.now, 1);
  office.service.durable.now = plusHours(office.now, 2);
  await suspend(office);
  office.service.durable.now = plusHours(office.now, 1);
  await office.act(admin, Reinstate, 'GT', { from: office.now });
  await expect(office.act(liaison, Depart, flight, { boarded: [caseId], occurredAt })).rejects.toEqual(notCleared);
  expect(await office.act(liaison, RecordDeparture, caseId, { flight: 'GT101', occurredAt })).toMatchObject({
    refused: [{ code: 'not-cleared' }],
  });
});

test('an agreement that was terminated after the flight left voids none', async () => {
  const { office, caseId, flight } = await scheduled();
  await boarding(office, flight);
  const occurredAt = plusHours(office.now, 1);
  office.service.durable.now = plusHours(office.now, 2);
  await office.act(admin, GiveTerminationNotice, 'GT', { effectiveOn: office.now });
  await office.act(liaison, Depart, flight, { boarded: [caseId], occurredAt });
  await office.settle();
  expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { irregular: null } });
});

test('one that is still to come, or was over when the person was cleared, voids none', async () => {
  const { office, caseId, flight } = await scheduled();
  await suspend(office);
  await office.settle();
  await office.act(admin, Reinstate, 'GT', { from: office.now });
  await office.settle();
  await boarding(office, flight);
  await suspend(office, plusHours(office.now, 1));
  await office.act(admin, GiveTerminationNotice, 'GT', { effectiveOn: plusHours(office.now, 2) });
  await office.depart(flight, [caseId]);
  await office.settle();
  expect(await office.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { irregular: null } });
});

test('an acceptance that has run out, whose transfer nobody has aborted yet', async () => {
  const { office, caseId, flight } = await scheduled();
  const { transfer } = await office.file(caseId);
  office.service.durable.now = plusHours(transfer?.validUntil ?? '', -1);
  await boarding(office, flight);
  office.service.durable.now = plusHours(transfer?.validUntil ?? '', 1);
  await expect(office.depart(flight, [caseId])).rejects.toEqual(notCleared);
  const { refused } = await office.act(liaison, RecordDeparture, caseId, { flight: 'GT101' });
  expect(refused?.map(({ code }) => code)).toEqual(['not-cleared', 'acceptance-not-valid']);
});
