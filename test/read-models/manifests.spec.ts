import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { ManifestEvent } from '../../src/manifests/manifest.events.js';
import { manifestStream } from '../../src/manifests/manifest.state.js';
import { manifestsProjection } from '../../src/read-models/manifests/manifests.projection.js';
import {
  ListManifests,
  ListManifestsHandler,
  ReadManifest,
  ReadManifestHandler,
  type ManifestFilters,
} from '../../src/read-models/manifests/manifests.query.js';
import { follow, officer, stored, type Following } from './following.js';

const id = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const [ANN, BEN, CLEO] = [id(1), id(2), id(3)];
const [FLIGHT, SECOND, THIRD] = [id(7), id(8), id(9)];
const gus = officer('li-gus', 'liaison');

const ofCase = (event: CaseEvent) => stored(event);
const requested = ofCase({ type: 'TransferRequested', data: { requestId: 'request', country: 'GT', replyDueAt: '2020-01-27T00:00:00Z' } });
const accepted = ofCase({
  type: 'TransferAccepted',
  data: { requestId: 'request', acceptanceId: 'acceptance', validUntil: '2020-03-13T00:00:00Z' },
});
const scheduled = (manifestId: string) =>
  ofCase({ type: 'TransferScheduled', data: { manifestId, placeWeek: '2020-W04', departsAt: '2020-01-22T15:00:00Z' } });
const cleared = (manifestId: string, expiresAt: string) => ofCase({ type: 'BoardingCleared', data: { manifestId, expiresAt } });
const held = ofCase({ type: 'TransferHoldPlaced', data: { holdId: 'hold', kind: 'medical' } });

const ofManifest = (event: ManifestEvent, actor = gus) => stored(event, { actor });
const drafted = (departsAt = '2020-01-22T15:00:00Z', country: 'GT' | 'HN' = 'GT') =>
  ofManifest({ type: 'ManifestDrafted', data: { country, flight: `${country}101`, departsAt, week: '2020-W04' } });
const added = (caseId: string) => ofManifest({ type: 'PassengerAdded', data: { caseId } });
const approved = (...passengers: string[]) =>
  ofManifest({ type: 'ManifestApproved', data: { revision: passengers.length, passengers } }, officer('sup-dina', 'supervisor'));

let world: Following;
/** Now is 2020-01-20T00:00:00Z. */
beforeAll(async () => {
  world = await follow(manifestsProjection, kinds => {
    kinds.register(caseStream);
    kinds.register(manifestStream);
  });
  for (const caseId of [ANN, BEN, CLEO]) await world.given(`case-${caseId}`, requested, accepted);
  await world.given(`manifest-${FLIGHT}`, drafted(), added(ANN), added(BEN), added(CLEO), approved(ANN, BEN, CLEO));
  await world.given(`case-${ANN}`, scheduled(FLIGHT), cleared(FLIGHT, '2020-01-20T00:00:00Z'));
  await world.given(`case-${BEN}`, held);
  await world.given(`manifest-${SECOND}`, drafted('2020-02-01T15:00:00Z'));
  await world.given(`manifest-${THIRD}`, drafted('2020-02-01T15:00:00Z', 'HN'), approved());
});
afterAll(() => world.stop());

const flight = (manifestId = FLIGHT) => new ReadManifestHandler(world.readModels, world.clock).execute(new ReadManifest(manifestId));
const list = (filters: Partial<ManifestFilters> = {}) =>
  new ListManifestsHandler(world.readModels, world.clock).execute(new ListManifests({ limit: 50, ...filters }));
const passenger = async (caseId: string, manifestId = FLIGHT) => (await flight(manifestId)).passengers.find(each => each.caseId === caseId);

describe('a manifest', () => {
  test('shows the flight and how its passengers stand', async () => {
    expect(await flight()).toEqual({
      manifestId: FLIGHT,
      revision: 4,
      status: 'approved',
      country: 'GT',
      flight: 'GT101',
      departsAt: '2020-01-22T15:00:00Z',
      week: '2020-W04',
      draftedBy: 'li-gus',
      approvedBy: 'sup-dina',
      passengers: [
        { caseId: ANN, status: 'transfer-scheduled', ready: true, cleared: true },
        { caseId: BEN, status: 'transfer-accepted', ready: false, cleared: false },
        { caseId: CLEO, status: 'transfer-accepted', ready: true, cleared: false },
      ],
      boarded: [],
      departedAt: null,
      arrived: [],
    });
  });

  test('a clearance that ran out, or was voided, or is for another flight, clears nobody', async () => {
    await world.given(`case-${CLEO}`, scheduled(FLIGHT), cleared(FLIGHT, '2020-01-19T23:59:59Z'));
    expect(await passenger(CLEO)).toMatchObject({ ready: true, cleared: false });
    await world.given(`case-${CLEO}`, cleared(FLIGHT, '2020-01-21T00:00:00Z'));
    expect(await passenger(CLEO)).toMatchObject({ ready: true, cleared: true });
    await world.given(`case-${CLEO}`, held);
    expect(await passenger(CLEO)).toMatchObject({ ready: false, cleared: false });
    await world.given(`manifest-${SECOND}`, added(ANN));
    expect(await passenger(ANN, SECOND)).toMatchObject({ ready: false, cleared: false });
  });

  test('that left shows who was on board and who arrived', async () => {
    await world.given(
      `manifest-${FLIGHT}`,
      ofManifest({ type: 'BoardingOpened', data: { passengers: [ANN, BEN, CLEO] } }),
      ofManifest({ type: 'PassengerRemoved', data: { caseId: BEN, reasonCode: 'hold-standing' } }),
      ofManifest({ type: 'FlightDeparted', data: { boarded: [ANN], leftBehind: [CLEO] } }),
    );
    expect(await flight()).toMatchObject({ status: 'departed', boarded: [ANN], departedAt: '2020-01-13T15:00:00Z', arrived: [] });
    await world.given(
      `manifest-${FLIGHT}`,
      ofManifest({ type: 'ArrivalConfirmed', data: { arrived: [ANN] }, personal: { receivedBy: 'Synthetic desk' } }),
    );
    const arrived = await flight();
    expect(arrived).toMatchObject({ status: 'arrived', arrived: [ANN] });
    expect(arrived.passengers.map(({ caseId }) => caseId)).toEqual([ANN, CLEO]);
  });

  test('that is not there', async () => {
    await expect(flight(id(5))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the list', () => {
  const ids = async (filters?: Partial<ManifestFilters>) => (await list(filters)).rows.map(({ manifestId }) => manifestId);

  test('has the latest departures first, with their passengers', async () => {
    const { rows, nextCursor } = await list();
    expect(rows.map(({ manifestId, passengers }) => [manifestId, passengers.length])).toEqual([
      [THIRD, 0],
      [SECOND, 1],
      [FLIGHT, 2],
    ]);
    expect(nextCursor).toBeNull();
  });

  test('can be of one country, or one status', async () => {
    expect(await ids({ country: 'GT' })).toEqual([SECOND, FLIGHT]);
    expect(await ids({ status: 'approved' })).toEqual([THIRD]);
    expect(await ids({ country: 'GT', status: 'approved' })).toEqual([]);
  });

  test('goes on after the last of a page, whatever was drafted meanwhile', async () => {
    const first = await list({ limit: 2 });
    expect(first).toMatchObject({ rows: [{ manifestId: THIRD }, { manifestId: SECOND }], nextCursor: SECOND });
    await world.given(`manifest-${id(6)}`, drafted('2020-03-01T15:00:00Z'));
    expect(await list({ limit: 2, cursor: SECOND })).toMatchObject({ rows: [{ manifestId: FLIGHT }], nextCursor: null });
  });

  test('does not end after what is no manifest', async () => {
    await expect(list({ limit: 2, cursor: CLEO })).rejects.toMatchObject({ faults: [{ pointer: '/cursor' }] });
    expect(await list({ limit: 2, cursor: FLIGHT })).toMatchObject({ rows: [], nextCursor: null });
  });
});

test('a passenger whose case is held back keeps the manifest from being shown; the list says so', async () => {
  await world.database.query(
    'INSERT INTO ledger.parked_events (read_model, generation, stream, revision, position, event_id, type) SELECT name, generation, ' +
      "$1, 9, position, gen_random_uuid(), 'NoteAdded' FROM ledger.read_models",
    [`case-${CLEO}`],
  );
  await expect(flight()).rejects.toMatchObject({ code: 'read-model-behind' });
  await expect(flight(SECOND)).resolves.toMatchObject({ manifestId: SECOND });
  expect(await list()).toMatchObject({ parked: 1 });
});
