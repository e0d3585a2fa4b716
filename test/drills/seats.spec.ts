// Guarded in every run by journeys/safeguards, manifests/manifest.rules, processes/deaths, model/model.
import { randomUUID } from 'node:crypto';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, MARK, refused, World, type Flight, type Json } from '../support/world.js';

/* What becomes of seat and place, and of who is on a flight, in whatever order it happens. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

// Every test has its own week, so that no place of another is counted.
beforeEach(() => world.pass({ days: 7 }));

const hold = (caseId: string, more: Json = {}) =>
  world.act(world.staff.worker, caseId, 'place-hold', { kind: 'medical', note: `${MARK} note`, ...more });
const manifestPost = (flight: Flight, command: string, body: Json = {}) =>
  world.staff.liaison.post(`manifests/${flight.manifestId}/${command}`, body);
const lastOf = async ({ manifestId }: Flight): Promise<StoredEvent | undefined> => {
  let last: StoredEvent | undefined;
  for await (const batch of caseledger.app.get(EventStore).readStream(`manifest-${manifestId}`)) last = batch.at(-1);
  return last;
};
/** Nobody is on the flight, and nobody has a place. */
async function expectEmpty(flight: Flight): Promise<void> {
  expect((await world.manifest(flight.manifestId)).passengers).toEqual([]);
  expect(await world.places(flight.week)).toMatchObject({ reserved: 0, free: 40 });
}

describe('blocked at boarding', () => {
  it('only those who fail; the others board', async () => {
    const [held, free] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
    const flight = await world.schedule([held, free]);
    await hold(held);
    await world.board(flight);
    expect((await world.manifest(flight.manifestId)).passengers).toMatchObject([{ caseId: free, cleared: true }]);
    expect(await world.places(flight.week)).toMatchObject({ reserved: 1 });
    await world.depart(flight, [free]);
    expect([await world.statusOf(held), await world.statusOf(free)]).toEqual(['transfer-accepted', 'in-transit']);
  });
});

describe('seat and place', () => {
  it('who is on two flights goes with one of them, and has its place alone', async () => {
    const caseId = await world.caseAt('accepted');
    const [first, second] = [await world.draft([caseId]), await world.draft([caseId], { departsAt: world.in(300 * 24), flight: 'GT102' })];
    const approvals = await Promise.all([world.approve(first), world.approve(second)]);
    // Whoever was scheduled before the second approval was not ready for it any more.
    for (const answer of approvals) expect([200, 409]).toContain(answer.status);
    const { transfer } = await world.file(caseId);
    for (const [index, flight] of [first, second].entries()) {
      const chosen = transfer?.manifestId === flight.manifestId;
      expect({ reserved: (await world.places(flight.week))?.reserved }).toEqual({ reserved: chosen ? 1 : 0 });
      if (chosen) expect(transfer?.placeWeek).toBe(flight.week);
      if (chosen || approvals[index]?.status === 200)
        expect((await world.manifest(flight.manifestId)).passengers).toMatchObject(chosen ? [{ caseId, ready: true }] : []);
    }
    expect([first.manifestId, second.manifestId]).toContain(transfer?.manifestId);
  });

  it.each<[string, (caseId: string) => Promise<unknown>, string]>([
    [
      'the claim is withdrawn',
      caseId => world.act(world.staff.worker, caseId, 'withdraw-claim', { voluntary: true, language: 'es' }),
      'withdrawn',
    ],
    [
      'the person goes to the US procedure',
      caseId => world.act(world.staff.supervisor, caseId, 'refer-to-us-procedure', { ground: 'fear-established' }),
      'us-procedure',
    ],
    [
      'the liaison aborts',
      caseId => world.act(world.staff.liaison, caseId, 'abort-transfer', { reasonCode: 'travel-impossible' }),
      'amenable',
    ],
  ])('seat and place are free when %s', async (_, happens, status) => {
    const caseId = await world.caseAt('scheduled');
    const flight = world.flightOf(caseId);
    await happens(caseId);
    expect(await world.file(caseId)).toMatchObject({ status, transfer: { manifestId: null } });
    await expectEmpty(flight);
  });

  it.each<[string, (caseId: string) => Promise<unknown>, string, string]>([
    [
      'the claim is withdrawn',
      caseId => world.act(world.staff.worker, caseId, 'withdraw-claim', { voluntary: true, language: 'es' }),
      'withdrawn',
      'claim-withdrawn',
    ],
    [
      'the person goes to the US procedure',
      caseId => world.act(world.staff.supervisor, caseId, 'refer-to-us-procedure', { ground: 'fear-established' }),
      'us-procedure',
      'us-procedure',
    ],
    [
      'the liaison aborts',
      caseId => world.act(world.staff.liaison, caseId, 'abort-transfer', { reasonCode: 'travel-impossible' }),
      'amenable',
      'transfer-aborted',
    ],
    [
      'the screening is open again',
      caseId => world.act(world.staff.worker, caseId, 'express-fear', { country: 'GT' }),
      'screening',
      'transfer-aborted',
    ],
    [
      'the person leaves by another way',
      caseId => world.act(world.staff.liaison, caseId, 'record-departure', { flight: 'GT999', irregular: { explanation: MARK } }),
      'in-transit',
      'departed-otherwise',
    ],
  ])('off every manifest that nobody has approved yet when %s', async (_, happens, status, reasonCode) => {
    const [caseId, other] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
    const [first, second] = [await world.draft([caseId, other]), await world.draft([caseId], { flight: 'GT102' })];
    await world.host.calm();
    await happens(caseId);
    expect(await world.statusOf(caseId)).toBe(status);
    expect((await world.manifest(first.manifestId)).passengers.map(passenger => passenger.caseId)).toEqual([other]);
    expect((await world.manifest(second.manifestId)).passengers).toEqual([]);
    expect(await lastOf(second)).toMatchObject({
      type: 'PassengerRemoved',
      data: { caseId, reasonCode },
      metadata: { actor: { id: 'system' } },
    });
  });

  it('a hold leaves the seat on a draft, and a new acceptance the seat that came with it', async () => {
    const { worker, liaison } = world.staff;
    const caseId = await world.caseAt('accepted');
    const first = await world.draft([caseId]);
    await world.act(worker, caseId, 'place-hold', { kind: 'medical' });
    expect((await world.manifest(first.manifestId)).passengers).toMatchObject([{ caseId, ready: false }]);
    const [hold] = (await world.file(caseId)).holds;
    await world.act(world.staff.supervisor, caseId, 'release-hold', { holdId: hold?.holdId });
    await world.act(liaison, caseId, 'abort-transfer', { reasonCode: 'travel-impossible' });
    await world.host.calm();
    await world.take(caseId, 'accepted', { from: 'amenable' });
    const second = await world.draft([caseId], { flight: 'GT102' });
    expect((await world.manifest(first.manifestId)).passengers).toEqual([]);
    expect((await world.manifest(second.manifestId)).passengers).toMatchObject([{ caseId, ready: true }]);
    done(await manifestPost(first, 'add-passenger', { caseId }));
    expect((await world.manifest(first.manifestId)).passengers).toMatchObject([{ caseId, ready: true }]);
  });

  it('added and withdrawn at once: nobody without a transfer stays on a manifest', async () => {
    const { worker, liaison } = world.staff;
    const { manifestId } = await world.draft([]);
    for (let round = 0; round < 5; round++) {
      const caseId = await world.caseAt('accepted');
      const [added, withdrawn] = await Promise.all([
        liaison.post(`manifests/${manifestId}/add-passenger`, { caseId }),
        worker.post(`cases/${caseId}/withdraw-claim`, { voluntary: true, language: 'es' }),
      ]);
      done(withdrawn);
      expect([200, 409]).toContain(added.status);
      expect((await world.manifest(manifestId)).passengers).toEqual([]);
    }
  });
});

describe('departure and arrival', () => {
  it('some arrive later: confirmed twice, each counted once', async () => {
    const [early, late] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
    const flight = await world.schedule([early, late]);
    await world.board(flight);
    await world.depart(flight);
    await world.arrive(flight, [early]);
    expect([await world.statusOf(early), await world.statusOf(late)]).toEqual(['transferred', 'in-transit']);
    expect((await world.manifest(flight.manifestId)).status).toBe('arrived');
    await world.pass({ hours: 10 });
    const second = done(await manifestPost(flight, 'confirm-arrival', { arrived: [early, late], receivedBy: MARK }));
    expect(second.body['events']).toMatchObject([{ type: 'ArrivalConfirmed' }]);
    expect(await world.file(late)).toMatchObject({ status: 'transferred', transfer: { arrivedAt: world.now } });
    expect((await world.typesOf(early)).filter(type => type.startsWith('TransferredTo'))).toHaveLength(1);
    const again = done(await manifestPost(flight, 'confirm-arrival', { arrived: [early, late], receivedBy: MARK }));
    expect(again.body['events']).toEqual([]);
    refused(await manifestPost(flight, 'confirm-arrival', { arrived: [randomUUID()], receivedBy: MARK }), 404, 'not-found');
  });
});
