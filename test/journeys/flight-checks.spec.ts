import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Caseledger, type Person, startCaseledger } from '../support/caseledger.js';
import { inWords } from '../../src/fields/time.js';
import { done, eventually, type Flight, type Json, refused, World } from '../support/world.js';

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger?.stop());

interface Checked {
  readonly caseId: string;
  readonly applicant: Json | null;
  readonly status: string;
  readonly removed: { readonly reasonCode: string } | null;
  readonly ready: boolean;
  readonly failedChecks: readonly string[];
  readonly holds: readonly string[];
  readonly clearedUntil: string | null;
  readonly lastBlocked: { readonly failedChecks: readonly string[] } | null;
}
interface Checks {
  readonly at: string;
  readonly ended: boolean;
  readonly revision: number;
  readonly passengers: readonly Checked[];
}
interface Permissions {
  readonly revision: number;
  readonly allowed: readonly string[];
  readonly refused: readonly { readonly command: string; readonly codes: readonly string[]; readonly messages: readonly string[] }[];
}

const checks = (flight: Flight, by: Person = world.staff.liaison): Promise<Checks> =>
  world.read(by, `/v1/manifests/${flight.manifestId}/checks`);
const of = ({ passengers }: Checks, caseId: string): Checked => passengers.find(passenger => passenger.caseId === caseId) as Checked;
const may = (by: Person, path: string): Promise<Permissions> => world.read(by, `/v1/${path}/allowed-commands`);

test('of a flight to come it is told now what stands in the way of each, and of its approval', async () => {
  const [ana, ben] = [await world.caseAt('accepted', { givenNames: 'Ana' }), await world.caseAt('accepted', { givenNames: 'Ben' })];
  const flight = await world.draft([ana, ben]);
  const path = `manifests/${flight.manifestId}`;
  const drafted = await checks(flight);
  expect(drafted).toMatchObject({ ended: false, at: world.now, revision: flight.revision });
  expect(of(drafted, ana)).toMatchObject({
    applicant: { givenNames: 'Ana' },
    ready: true,
    failedChecks: ['place-not-reserved', 'manifest-not-approved', 'destination-not-told'],
    holds: [],
    removed: null,
  });
  expect(await may(world.staff.supervisor, path)).toEqual({ revision: drafted.revision, allowed: ['Approve'], refused: [] });
  expect((await may(world.staff.liaison, path)).refused).toContainEqual({
    command: 'OpenBoarding',
    codes: ['manifest-not-approved'],
    messages: ['The manifest is not approved as it stands.'],
  });

  await world.act(world.staff.supervisor, ben, 'place-hold', { kind: 'medical' });
  expect(of(await checks(flight), ben)).toMatchObject({
    ready: false,
    failedChecks: ['hold-standing', 'place-not-reserved', 'manifest-not-approved', 'destination-not-told'],
    holds: ['medical'],
  });
  expect(await may(world.staff.supervisor, path)).toMatchObject({
    allowed: [],
    refused: [
      {
        command: 'Approve',
        codes: ['passenger-not-ready'],
        messages: ['A passenger is not accepted by that country, or under a hold, or on another flight.'],
      },
    ],
  });
});

test('of a flight that was cancelled it is told what stood in the way then, of whoever had been taken off too', async () => {
  const [cleo, dora] = [await world.caseAt('accepted', { givenNames: 'Cleo' }), await world.caseAt('accepted', { givenNames: 'Dora' })];
  const flight = await world.schedule([cleo, dora]);
  const path = `manifests/${flight.manifestId}`;
  await world.board(flight);
  await world.act(world.staff.worker, cleo, 'express-fear', { country: 'GT', account: 'Followed there.' });
  await world.agree('GT', 'suspend', { from: world.now, scope: 'transfers', reasonCode: 'consultation' });
  await world.host.calm();
  refused(await world.staff.liaison.post(`cases/${dora}/record-departure`, { flight: flight.flight }), 409, 'not-cleared');
  done(await world.staff.liaison.post(`${path}/cancel`, { reasonCode: 'agreement-suspended' }));
  const cancelledAt = world.now;
  await world.agree('GT', 'reinstate', { from: world.now });
  await world.pass({ days: 1 });
  expect((await world.file(dora)).holds).toEqual([]);

  const then = await checks(flight);
  expect(then).toMatchObject({ ended: true, at: cancelledAt, revision: 6 });
  expect(then.passengers.map(({ caseId }) => caseId)).toEqual([dora, cleo]);
  expect(of(then, dora)).toMatchObject({
    applicant: { givenNames: 'Dora' },
    status: 'transfer-scheduled',
    failedChecks: ['agreement-not-in-force', 'hold-standing'],
    holds: ['agreement-suspended'],
    removed: null,
    lastBlocked: { failedChecks: ['not-cleared', 'agreement-not-in-force', 'hold-standing'] },
  });
  expect(of(then, cleo)).toMatchObject({
    status: 'screening',
    failedChecks: expect.arrayContaining(['fear-not-assessed', 'determination-not-confirmed']),
    holds: ['new-information', 'agreement-suspended'],
    removed: { reasonCode: expect.any(String) },
  });
  const { rows } = await world.read<{ rows: Json[] }>(world.staff.liaison, `/v1/${path}/timeline`);
  expect(rows.map(({ summary, caseId }) => [summary, caseId])).toEqual([
    [`Drafted: flight ${flight.flight}, to depart ${inWords(flight.departsAt)}`, null],
    ['Passenger added', cleo],
    ['Passenger added', dora],
    ['Approved with 2 people', null],
    ['Boarding opened for 2 people: each was checked again', null],
    [expect.stringMatching(/^Passenger removed: /), cleo],
    ['Flight cancelled: agreement suspended, with 1 person on it', null],
  ]);
});

test('of a flight that departed nothing stood in the way of whoever was on board', async () => {
  const eva = await world.caseAt('departed', { givenNames: 'Eva' });
  const flight = world.flightOf(eva);
  await world.act(world.staff.supervisor, eva, 'place-hold', { kind: 'medical' });
  const then = await checks(flight);
  expect(then).toMatchObject({ ended: true, at: flight.departsAt });
  expect(of(then, eva)).toMatchObject({ status: 'transfer-scheduled', failedChecks: [], holds: [], clearedUntil: expect.any(String) });
});

test('a name is told to whoever may read the case, and the reading is on record', async () => {
  const fay = await world.caseAt('accepted', { givenNames: 'Fay' });
  const flight = await world.draft([fay]);
  expect(of(await checks(flight, world.staff.supervisor), fay).applicant).toMatchObject({ givenNames: 'Fay' });
  expect(of(await checks(flight, world.staff.supervisorElsewhere), fay)).toMatchObject({ applicant: null, office: 'ELP', ready: true });
  const path = `/v1/manifests/${flight.manifestId}/checks`;
  refused(await world.staff.worker.get(path), 403, 'role-not-allowed');
  refused(await world.staff.liaison.get('/v1/manifests/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e/checks'), 404, 'not-found');
  refused(await world.staff.liaison.get('/v1/manifests/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e/timeline'), 404, 'not-found');
  refused(await world.staff.liaison.get('/v1/manifests/0b8e2c1a-5d0f-4c55-9d0e-6a4f1c2b3d4e/allowed-commands'), 404, 'not-found');
  const seen = await world.read<{ rows: { actor: { id: string }; what: string }[] }>(world.staff.auditor, `/v1/audit/cases/${fay}/access`);
  expect(seen.rows.filter(({ what }) => what === 'manifests').map(({ actor }) => actor.id)).toEqual(
    expect.arrayContaining([world.staff.supervisor.sub, world.staff.supervisorElsewhere.sub]),
  );
});

test('before a suspension it is told how many cases it will hold, and before a reinstatement how many are held', async () => {
  const path = 'agreements/HN';
  await world.moveTo('2020-05-04T15:00:00Z');
  await world.bringIntoForce('HN');
  const counted = () => world.read<{ rows: Json[] }>(world.staff.admin, `/v1/${path}/cases`);
  expect(await counted()).toEqual({ country: 'HN', rows: [] });
  await world.caseAt('screening', { nationalities: ['SV'] }, 'HN');
  await world.caseAt('accepted', { nationalities: ['SV'] }, 'HN');
  await world.caseAt('accepted', { nationalities: ['SV'] }, 'HN');
  const before = [
    { status: 'screening', cases: 1, held: 0 },
    { status: 'transfer-accepted', cases: 2, held: 0 },
  ];
  expect((await counted()).rows).toEqual(before);
  expect(await may(world.staff.admin, path)).toMatchObject({ allowed: expect.arrayContaining(['Suspend', 'PublishRules']) });
  await world.agree('HN', 'suspend', { from: world.now, scope: 'all', reasonCode: 'policy-review' });
  const held = await eventually('all are held', counted, ({ rows }) => rows.every(({ cases, held: some }) => cases === some));
  expect(held.rows).toEqual(before.map(({ status, cases }) => ({ status, cases, held: cases })));
  expect((await may(world.staff.admin, path)).refused).toContainEqual({
    command: 'Suspend',
    codes: ['wrong-status'],
    messages: ['The standing of the agreement does not allow this.'],
  });
  expect(await may(world.staff.liaison, path)).toMatchObject({ allowed: [], refused: [] });
  const { rows } = await world.read<{ rows: Json[] }>(world.staff.reporting, `/v1/${path}/timeline`);
  expect(rows.map(({ summary }) => summary)).toEqual([
    'Signed on 2019-09-25',
    'Rules 1 published: 14 days to reply, an acceptance counts 60 days, a clearance 24 hours',
    'Implementation plan agreed on 2020-05-01',
    'In force from 2020-05-01',
    `Suspended from ${inWords(world.now)}: policy review`,
  ]);
  refused(await world.staff.reporting.get(`/v1/${path}/cases`), 403, 'role-not-allowed');
  refused(await world.staff.admin.get('/v1/agreements/US/cases'), 400, 'validation-failed');
});
