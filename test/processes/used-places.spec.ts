import { expect, test } from '@jest/globals';
import { AbortTransfer, RecordDeparture, RecordReturn } from '../../src/cases/transfer.commands.js';
import { weekOf } from '../../src/fields/time.js';
import { Cancel, RemovePassenger } from '../../src/manifests/manifest.commands.js';
import { DeclareCapacity } from '../../src/reception/reception.commands.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import type { Trigger } from '../../src/reacting/process-inbox.js';
import { Died } from '../support/in-memory-caseledger.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* A place that was flown on stays used, and nobody is scheduled without one: what random histories found, told as stories. */

const { liaison, admin } = InMemoryOffice.staff;

test('also when the person is back and has asked anew before the seat was given up', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  // Processes stand still meanwhile.
  await office.act(liaison, RecordDeparture, caseId, { flight: 'GT102', irregular: { explanation: 'taken along by mistake' } });
  await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
  await office.caseAt('Ana', 'accepted', 'screening');
  await office.settle();
  const { passengers } = await office.manifest(flight);
  expect(passengers).toEqual([]);
  expect(await reserved(office)).toBe(1);
});

test('also when the person is put on the same flight again, and taken off it', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  await office.act(liaison, RecordDeparture, caseId, { flight: 'GT102', irregular: { explanation: 'taken along by mistake' } });
  await office.settle();
  await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
  await office.caseAt('Ana', 'accepted', 'screening');
  await office.board(flight, caseId);
  await office.settle();
  expect((await office.file(caseId)).status).toBe('transfer-scheduled');
  await office.act(liaison, RemovePassenger, flight, { caseId, reasonCode: 'ill' });
  await office.settle();
  expect((await office.file(caseId)).status).toBe('transfer-accepted');
  expect(await reserved(office)).toBe(1);
});

test('so that who was flown and comes back needs, and takes, another one', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT', 1);
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.settle();
  await office.openBoarding(flight);
  await office.settle();
  await office.depart(flight, [caseId]);
  await office.settle();
  await office.act(liaison, RecordReturn, caseId, { reasonCode: 'turned-back' });
  await office.caseAt('Ana', 'accepted', 'screening');
  const full = await office.flight('another flight', [caseId]);
  await office.settle();
  expect([(await office.manifest(full)).passengers, (await office.file(caseId)).status, await reserved(office)]).toEqual([
    [],
    'transfer-accepted',
    1,
  ]);
  await office.act(admin, DeclareCapacity, 'GT', { week: weekOf(office.departsAt), places: 2 });
  await office.board(full, caseId);
  await office.settle();
  expect([(await office.file(caseId)).transfer?.manifestId, await reserved(office)]).toEqual([full, 2]);
  await office.act(liaison, Cancel, full, { reasonCode: 'storm' });
  await office.settle();
  expect(await reserved(office)).toBe(1);
});

test('nobody is scheduled without one who was not ready, and is again when a process that died goes on', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const caseId = await office.caseAt('Ana', 'accepted');
  const flight = await office.flight('flight', [caseId]);
  await office.act(liaison, AbortTransfer, caseId, { reasonCode: 'other' });
  await office.caseAt('Ana', 'requested', 'amenable');
  office.service.passing = point => {
    if (point === 'before RemovePassenger') throw new Died(point);
  };
  const approval = office.service.waiting().find(({ type }) => type === 'ManifestApproved') as Trigger;
  expect(await office.service.answer(approval)).toBe('interrupted');
  office.service.passing = () => undefined;
  await office.caseAt('Ana', 'accepted', 'requested');
  await office.settle();
  const { status, transfer } = await office.file(caseId);
  expect([status, transfer?.manifestId]).toEqual(['transfer-scheduled', flight]);
  expect(await reserved(office)).toBe(1);
});

async function reserved(office: InMemoryOffice): Promise<number> {
  const { state } = await office.service.ledger.read(receptionStream, 'GT');
  return Object.values(state.weeks).reduce((sum, week) => sum + week.reserved, 0);
}
