import { expect, test } from '@jest/globals';
import { RecordDeparture, RecordReturn } from '../../src/cases/transfer.commands.js';
import { weekOf } from '../../src/fields/time.js';
import { Cancel, RemovePassenger } from '../../src/manifests/manifest.commands.js';
import { DeclareCapacity } from '../../src/reception/reception.commands.js';
import { receptionStream } from '../../src/reception/reception.state.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* A place that was flown on stays used: what a random history found, told as a story. */

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

async function reserved(office: InMemoryOffice): Promise<number> {
  const { state } = await office.service.ledger.read(receptionStream, 'GT');
  return Object.values(state.weeks).reduce((sum, week) => sum + week.reserved, 0);
}
