import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { refused, World, type Stage } from '../support/world.js';

/* What a suspension of an agreement does to the cases under it: over the real machinery, with invented people. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const state = async (caseId: string): Promise<AsylumCase> => (await caseledger.app.get(Ledger).read(caseStream, caseId)).state;
const holdsOf = async (caseId: string): Promise<string[]> => {
  await caseledger.settled();
  return (await state(caseId)).holds.map(({ kind }) => kind);
};
const everHeld = async (caseId: string): Promise<number> => (await state(caseId)).holdIds.length;
const suspend = (from = world.now, scope = 'all') => world.agree('GT', 'suspend', { from, scope, reasonCode: 'review' });
const reinstate = (from = world.now) => world.agree('GT', 'reinstate', { from });
const SUSPENDED = ['agreement-suspended'];

describe('a suspension and its end', () => {
  // Every test has its own week and an agreement in force.
  beforeEach(() => world.pass({ days: 7 }));

  test('every case from screening to the schedule is held once and released, no other', async () => {
    const stages: Stage[] = ['screening', 'submitted', 'amenable', 'requested', 'accepted', 'scheduled'];
    const affected: string[] = [];
    for (const stage of stages) affected.push(await world.caseAt(stage));
    const others = [await world.caseAt('opened'), await world.caseAt('amenable')];
    await world.act(world.staff.supervisor, others[1] as string, 'refer-to-us-procedure', { ground: 'policy' });
    const [byHand] = affected as [string];
    await world.act(world.staff.worker, byHand, 'place-hold', { kind: 'medical' });
    await suspend();
    for (const caseId of affected.slice(1)) expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    expect(await holdsOf(byHand)).toEqual(['medical', ...SUSPENDED]);
    for (const caseId of others) expect(await holdsOf(caseId)).toEqual([]);
    const [placed] = (await world.events(affected[2] as string)).filter(({ type }) => type === 'TransferHoldPlaced');
    expect(placed).toMatchObject({ data: { kind: 'agreement-suspended' }, metadata: { actor: { id: 'system' } } });
    await reinstate();
    for (const caseId of affected.slice(1)) expect(await holdsOf(caseId)).toEqual([]);
    expect(await holdsOf(byHand)).toEqual(['medical']);
    expect(await everHeld(affected[3] as string)).toBe(1);
  });

  test('a hold released by hand does not come back, nor with a wider scope, which is the same suspension', async () => {
    const [released, kept] = [await world.caseAt('amenable'), await world.caseAt('amenable')];
    await suspend(world.now, 'transfers');
    expect(await holdsOf(released)).toEqual(SUSPENDED);
    await world.act(world.staff.supervisor, released, 'release-hold', { holdId: (await state(released)).holds.at(0)?.holdId });
    await suspend(world.now, 'all');
    expect(await holdsOf(released)).toEqual([]);
    expect(await holdsOf(kept)).toEqual(SUSPENDED);
    // New information brings the case back to screening: still the same suspension.
    await world.act(world.staff.worker, released, 'record-vulnerability', { kind: 'illness' });
    expect(await holdsOf(released)).toEqual(['new-information']);
    await reinstate();
    expect([await holdsOf(kept), await everHeld(kept)]).toEqual([[], 1]);
    await suspend();
    expect(await holdsOf(released)).toEqual(['new-information', ...SUSPENDED]);
    await reinstate();
  });

  test('a case whose status changed meanwhile is still released', async () => {
    const caseId = await world.caseAt('amenable');
    await suspend();
    expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    await world.act(world.staff.supervisor, caseId, 'refer-to-us-procedure', { ground: 'policy' });
    expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    await reinstate();
    expect(await holdsOf(caseId)).toEqual([]);
  });

  test('dates to come act when their time comes, to the second', async () => {
    const caseId = await world.caseAt('amenable');
    await suspend(world.in(24));
    expect(await holdsOf(caseId)).toEqual([]);
    await world.pass({ hours: 23 });
    const late = await world.caseAt('screening');
    expect([await holdsOf(caseId), await holdsOf(late)]).toEqual([[], []]);
    await world.pass({ hours: 1 });
    expect([await holdsOf(caseId), await holdsOf(late)]).toEqual([SUSPENDED, SUSPENDED]);
    await reinstate(world.in(48));
    await world.pass({ hours: 47 });
    expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    await world.pass({ hours: 1 });
    expect([await holdsOf(caseId), await holdsOf(late)]).toEqual([[], []]);
  });

  test('a wider suspension from a later day outlives the reinstatement of the one that stands, with its own holds', async () => {
    const caseId = await world.caseAt('amenable');
    await suspend(world.now, 'transfers');
    await suspend(world.in(48), 'all');
    expect([await holdsOf(caseId), await everHeld(caseId)]).toEqual([SUSPENDED, 1]);
    await reinstate();
    expect(await holdsOf(caseId)).toEqual([]);
    await world.pass({ hours: 47 });
    const late = await world.caseAt('screening');
    expect([await holdsOf(caseId), await holdsOf(late)]).toEqual([[], []]);
    await world.pass({ hours: 2 });
    expect(await world.read(world.staff.admin, '/v1/agreements/GT')).toMatchObject({ standing: 'suspended', suspension: { scope: 'all' } });
    expect([await holdsOf(caseId), await everHeld(caseId), await holdsOf(late)]).toEqual([SUSPENDED, 2, SUSPENDED]);
    await reinstate();
    expect([await holdsOf(caseId), await holdsOf(late)]).toEqual([[], []]);
  });
});

describe('nobody boards under a suspension', () => {
  beforeEach(() => world.pass({ days: 7 }));

  test('one that comes between clearance and departure voids the clearance', async () => {
    const { liaison } = world.staff;
    const caseId = await world.caseAt('boarding');
    const flight = world.flightOf(caseId);
    expect((await world.file(caseId)).transfer?.clearedUntil).not.toBeNull();
    await suspend();
    expect(await world.file(caseId)).toMatchObject({
      status: 'transfer-scheduled',
      transfer: { clearedUntil: null },
      holds: [{ kind: 'agreement-suspended' }],
    });
    refused(await liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: [caseId] }), 409, 'not-cleared');
    refused(await liaison.post(`cases/${caseId}/record-departure`, { flight: 'GT101' }), 409, 'not-cleared');
    await reinstate();
    // The hold has gone, and the clearance does not come back with it.
    expect(await holdsOf(caseId)).toEqual([]);
    refused(await liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: [caseId] }), 409, 'not-cleared');
    await world.act(liaison, caseId, 'clear-for-boarding', { manifestId: flight.manifestId });
    await world.depart(flight);
    expect(await world.statusOf(caseId)).toBe('in-transit');
  });

  test('also before its holds are placed: what is on its way is waited for', async () => {
    const { liaison } = world.staff;
    const caseId = await world.caseAt('boarding');
    const flight = world.flightOf(caseId);
    await world.pass({ hours: 1 });
    const runner = caseledger.app.get(ProcessRunner);
    await runner.stop();
    await suspend();
    expect(await state(caseId)).toMatchObject({ holds: [], transfer: { clearedUntil: expect.any(String) } });
    const depart = () => liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: [caseId] });
    const leave = () => liaison.post(`cases/${caseId}/record-departure`, { flight: 'GT101' });
    for (const answer of await Promise.all([depart(), leave()])) refused(answer, 503, 'safeguards-behind');
    expect((await state(caseId)).status).toBe('transfer-scheduled');
    runner.start();
    refused(await depart(), 409, 'not-cleared');
    const attempt = refused(await leave(), 409, 'not-cleared');
    expect(attempt.body['errors']).toMatchObject([{ code: 'not-cleared' }, { code: 'agreement-not-in-force' }, { code: 'hold-standing' }]);
    expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    await reinstate();
  });
});
