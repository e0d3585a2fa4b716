import { randomUUID } from 'node:crypto';
import { weekOf } from '../../src/fields/time.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { codesOf, done, MARK, refused, World, type Flight, type Json } from '../support/world.js';

/* What keeps a person from being moved against the rules, and what becomes of seat and place. */

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
/** Nobody is on the flight, and nobody has a place. */
async function expectEmpty(flight: Flight): Promise<void> {
  expect((await world.manifest(flight.manifestId)).passengers).toEqual([]);
  expect(await world.places(flight.week)).toMatchObject({ reserved: 0, free: 40 });
}

interface Block {
  readonly because: string;
  readonly failedChecks: readonly string[];
  /** What happens between the approval and the boarding. */
  readonly happens: (caseId: string) => Promise<unknown>;
  readonly told?: boolean;
  readonly after?: () => Promise<unknown>;
}

const ORDER = [
  'agreement-not-in-force',
  'hold-standing',
  'place-not-reserved',
  'manifest-not-approved',
  'destination-not-told',
  'evidence-not-returned',
];

const BLOCKS: readonly Block[] = [
  { because: 'a hold stands', failedChecks: ['hold-standing'], happens: caseId => hold(caseId) },
  { because: 'nobody told the person the destination', failedChecks: ['destination-not-told'], happens: async () => {}, told: false },
  {
    because: 'evidence was not given back',
    failedChecks: ['evidence-not-returned'],
    happens: caseId =>
      world.act(world.staff.worker, caseId, 'record-evidence', { evidenceId: randomUUID(), description: `${MARK} papers` }),
  },
  {
    because: 'transfers under the agreement are suspended, which also holds the case',
    failedChecks: ['agreement-not-in-force', 'hold-standing'],
    happens: () => world.agree('GT', 'suspend', { from: world.now, scope: 'transfers', reasonCode: 'review' }),
    after: () => world.agree('GT', 'reinstate', { from: world.now }),
  },
  {
    because: 'of a hold, kept papers and an untold destination, all listed in order',
    failedChecks: ['hold-standing', 'destination-not-told', 'evidence-not-returned'],
    told: false,
    happens: async caseId => {
      await world.act(world.staff.worker, caseId, 'record-evidence', { evidenceId: randomUUID(), description: `${MARK} papers` });
      await hold(caseId, { kind: 'court-order', reference: `${MARK}-ORDER` });
    },
  },
];

describe('blocked at boarding', () => {
  it.each(BLOCKS)('because $because', async ({ failedChecks, happens, told = true, after }) => {
    const { liaison } = world.staff;
    const caseId = await world.caseAt('accepted');
    const flight = await world.schedule([caseId]);
    expect(await world.places(flight.week)).toMatchObject({ reserved: 1 });
    await happens(caseId);
    const { refused: foreseen } = await world.read<{ refused: { command: string; codes: string[] }[] }>(
      liaison,
      `/v1/cases/${caseId}/allowed-commands`,
    );
    expect(foreseen.find(({ command }) => command === 'ClearForBoarding')?.codes).toEqual(expect.arrayContaining([...failedChecks]));
    await world.board(flight, { told });
    const file = await world.file(caseId);
    expect(file).toMatchObject({
      status: 'transfer-accepted',
      transfer: { clearedUntil: null, manifestId: null, placeWeek: null, lastBlocked: { at: world.now, failedChecks } },
    });
    await expectEmpty(flight);
    expect((await world.typesOf(caseId)).slice(-2)).toEqual(['DepartureBlocked', 'TransferUnscheduled']);
    // The same attempt by hand is refused and kept, every check listed; without a flight two more fail.
    const failing = ORDER.filter(check => [...failedChecks, 'place-not-reserved', 'manifest-not-approved'].includes(check));
    const byHand = refused(
      await liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId }),
      409,
      failing[0] ?? '',
    );
    expect(codesOf(byHand)).toEqual(failing);
    expect(byHand.headers.get('etag')).toBe(`"${file.revision + 1}"`);
    await after?.();
  });

  it('because the acceptance ran out: the transfer was aborted before', async () => {
    const caseId = await world.caseAt('accepted');
    const validUntil = (await world.file(caseId)).transfer?.validUntil ?? '';
    const flight = await world.schedule([caseId], { departsAt: world.in(61 * 24) });
    await world.tell(caseId);
    await world.moveTo(validUntil);
    expect(await world.file(caseId)).toMatchObject({ status: 'amenable', transfer: { manifestId: null } });
    await expectEmpty(flight);
    done(await manifestPost(flight, 'open-boarding'));
    const attempt = await world.staff.liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId });
    refused(attempt, 409, 'acceptance-not-valid');
  });

  it('because a fear is expressed after the confirmation: the screening is open again', async () => {
    const { liaison, worker, supervisor } = world.staff;
    const caseId = await world.caseAt('accepted');
    const flight = await world.schedule([caseId]);
    await world.tell(caseId);
    const { body } = await world.act(liaison, caseId, 'express-fear', { country: 'GT', account: `${MARK} account` });
    expect((body['events'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'FearExpressed',
      'DeterminationReopened',
      'TransferAborted',
      'TransferHoldPlaced',
    ]);
    const file = await world.file(caseId);
    expect(file).toMatchObject({
      status: 'screening',
      screening: { determination: { status: 'reopened' }, fear: { expressed: true } },
      holds: [{ kind: 'new-information' }],
      transfer: { manifestId: null },
    });
    await expectEmpty(flight);
    const attempt = await liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId });
    refused(attempt, 409, 'determination-not-confirmed');
    expect(codesOf(attempt)).toEqual([
      'determination-not-confirmed',
      'fear-not-assessed',
      'acceptance-not-valid',
      'hold-standing',
      'place-not-reserved',
      'manifest-not-approved',
      'destination-not-told',
    ]);
    // The fear is not found to stand in the way: the same officers' screening goes on, and its confirmation releases the hold.
    refused(await worker.post(`cases/${caseId}/submit-determination`, { outcome: 'amenable', reasons: MARK }), 409, 'fear-not-assessed');
    await world.act(worker, caseId, 'assess-fear', { persecution: false, torture: false, reasons: `${MARK} reasons` });
    await world.submit(caseId);
    const determinationId = (await world.file(caseId)).screening?.determination?.determinationId;
    const confirmed = await world.act(supervisor, caseId, 'confirm-determination', { determinationId });
    expect((confirmed.body['events'] as { type: string }[]).map(({ type }) => type)).toEqual([
      'DeterminationConfirmed',
      'TransferHoldReleased',
    ]);
    expect(await world.file(caseId)).toMatchObject({ status: 'amenable', holds: [] });
  });
});

describe('seat and place', () => {
  it('no place left: the passenger is removed, the place of the other stays', async () => {
    const caseIds = [await world.caseAt('accepted'), await world.caseAt('accepted')];
    const departsAt = world.in(48);
    const flight = await world.draft(caseIds, { departsAt });
    await world.declare('GT', flight.week, 1);
    done(await world.approve(flight));
    const { passengers } = await world.manifest(flight.manifestId);
    expect(passengers).toHaveLength(1);
    expect(await world.places(flight.week)).toEqual({ week: flight.week, declared: 1, reserved: 1, free: 0 });
    const statuses = await Promise.all(caseIds.map(caseId => world.statusOf(caseId)));
    expect(statuses.sort()).toEqual(['transfer-accepted', 'transfer-scheduled']);
    // Fewer than are reserved cannot be declared.
    refused(await world.staff.admin.post('reception/GT/declare-capacity', { week: flight.week, places: 0 }), 409, 'capacity-exhausted');
  });

  it('a transfer that ended before the process came gives the place back', async () => {
    const caseId = await world.caseAt('accepted');
    const flight = await world.draft([caseId]);
    // Sent at once, so that the approval is followed by the withdrawal before or while the place is taken.
    const [approved, withdrawn] = await Promise.all([
      world.approve(flight),
      world.staff.worker.post(`cases/${caseId}/withdraw-claim`, { voluntary: true, language: 'es', statement: `${MARK} statement` }),
    ]);
    done(withdrawn);
    expect([200, 409]).toContain(approved.status);
    expect(await world.file(caseId)).toMatchObject({ status: 'withdrawn', transfer: { manifestId: null, placeWeek: null } });
    expect(await world.places(flight.week)).toMatchObject({ reserved: 0 });
    if (approved.status === 200) await expectEmpty(flight);
  });

  it.each([
    ['cancelled', 'cancel', 'weather'],
    ['that goes without them', 'remove-passenger', 'ill'],
  ])('a flight %s: its passengers are accepted again, their places free', async (_, command, reasonCode) => {
    const caseId = await world.caseAt('boarding');
    const flight = world.flightOf(caseId);
    done(await manifestPost(flight, command, { reasonCode, ...(command === 'remove-passenger' && { caseId }) }));
    expect(await world.file(caseId)).toMatchObject({ status: 'transfer-accepted', transfer: { manifestId: null, clearedUntil: null } });
    expect(await world.places(flight.week)).toMatchObject({ reserved: 0 });
    expect((await world.events(caseId)).at(-1)).toMatchObject({
      type: 'TransferUnscheduled',
      data: { manifestId: flight.manifestId, cause: reasonCode },
    });
    const next = await world.schedule([caseId], { flight: 'GT103' });
    expect(await world.file(caseId)).toMatchObject({ status: 'transfer-scheduled', transfer: { manifestId: next.manifestId } });
  });

  it('left behind at departure: accepted still, without seat and place', async () => {
    const [left, flown] = [await world.caseAt('accepted'), await world.caseAt('accepted')];
    const flight = await world.schedule([left, flown]);
    await world.board(flight);
    await world.depart(flight, [flown]);
    expect(await world.file(left)).toMatchObject({ status: 'transfer-accepted', transfer: { manifestId: null, departedAt: null } });
    expect((await world.events(left)).at(-1)).toMatchObject({ type: 'TransferUnscheduled', data: { cause: 'left-behind' } });
    expect(await world.places(flight.week)).toMatchObject({ reserved: 1 });
    expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'departed', boarded: [flown] });
  });
});

describe('departure and arrival', () => {
  it('who was not cleared does not depart, and boarding needs an approval', async () => {
    const caseId = await world.caseAt('accepted');
    const flight = await world.schedule([caseId]);
    refused(await manifestPost(flight, 'depart', { boarded: [caseId] }), 409, 'wrong-status');
    await world.board(flight);
    // A hold voids the clearance.
    await hold(caseId);
    refused(await manifestPost(flight, 'depart', { boarded: [caseId] }), 409, 'not-cleared');
    const byHand = refused(
      await world.staff.liaison.post(`cases/${caseId}/record-departure`, { flight: flight.flight }),
      409,
      'not-cleared',
    );
    expect(codesOf(byHand)).toEqual(['not-cleared', 'hold-standing']);
    expect((await world.typesOf(caseId)).at(-1)).toBe('DepartureBlocked');
    expect(await world.statusOf(caseId)).toBe('transfer-scheduled');

    const drafted = await world.draft([]);
    refused(await manifestPost(drafted, 'open-boarding'), 409, 'manifest-not-approved');
    refused(await manifestPost(drafted, 'depart', { boarded: [randomUUID()] }), 409, 'wrong-status');
  });

  it('who left all the same is recorded as an irregular departure, with all that was wrong', async () => {
    const { liaison } = world.staff;
    const caseId = await world.caseAt('scheduled');
    const flight = world.flightOf(caseId);
    await hold(caseId);
    const { body } = await world.act(liaison, caseId, 'record-departure', {
      flight: 'GT999',
      irregular: { explanation: `${MARK} explanation` },
    });
    expect(body['events']).toMatchObject([{ type: 'ApplicantDeparted' }]);
    const departed = (await world.events(caseId)).find(({ type }) => type === 'ApplicantDeparted');
    expect(departed).toMatchObject({
      data: { flight: 'GT999', irregular: true, failedChecks: ['not-cleared', 'hold-standing', 'destination-not-told'] },
      personal: { explanation: `${MARK} explanation` },
    });
    expect(await world.file(caseId)).toMatchObject({ status: 'in-transit', transfer: { irregular: true } });
    // Off the manifest; the place in the partner country stays used.
    expect((await world.manifest(flight.manifestId)).passengers).toEqual([]);
    expect(await world.places(flight.week)).toMatchObject({ reserved: 1 });
    await world.act(liaison, caseId, 'confirm-arrival', { country: 'GT', receivedBy: `${MARK} desk` });
    expect(await world.statusOf(caseId)).toBe('transferred');
  });

  it('new information after departure raises an alert that a supervisor answers', async () => {
    const caseId = await world.caseAt('departed');
    const { body } = await world.act(world.staff.worker, caseId, 'express-fear', { country: 'GT', account: `${MARK} account` });
    expect((body['events'] as { type: string }[]).map(({ type }) => type)).toEqual(['FearExpressed', 'ProtectionAlertRaised']);
    const {
      protectionAlerts: [alert],
    } = (await world.file(caseId)) as unknown as { protectionAlerts: { alertId: string }[] };
    const due = async () =>
      (
        await world.read<{ rows: { caseId: string }[] }>(world.staff.supervisor, '/v1/deadlines?kind=protection-alert&limit=200')
      ).rows.filter(row => row.caseId === caseId);
    expect(await due()).toMatchObject([{ kind: 'protection-alert', dueAt: world.now }]);
    await world.act(world.staff.supervisor, caseId, 'answer-protection-alert', { alertId: alert?.alertId, answer: `${MARK} answer` });
    expect(await due()).toEqual([]);
  });
});

describe('four eyes', () => {
  it('the same person does not screen and confirm, nor draft and approve', async () => {
    const { supervisor } = world.staff;
    const caseId = await world.caseAt('screening');
    await world.act(supervisor, caseId, 'serve-notice', { notice: 'transfer-to-gt', language: 'es', readBack: true });
    await world.act(world.staff.worker, caseId, 'record-fear-inquiry', { fearsPartnerCountry: false, language: 'es' });
    await world.submit(caseId);
    const determinationId = (await world.file(caseId)).screening?.determination?.determinationId;
    refused(await supervisor.post(`cases/${caseId}/confirm-determination`, { determinationId }), 409, 'same-officer');
    await world.act(world.staff.secondSupervisor, caseId, 'confirm-determination', { determinationId });

    const both = await caseledger.person('li-both', ['liaison', 'supervisor']);
    const departsAt = world.in(48);
    const { body } = done(await both.post('manifests', { country: 'GT', flight: 'GT104', departsAt, week: weekOf(departsAt) }), 201);
    refused(await both.post(`manifests/${String(body['manifestId'])}/approve`, { revision: 0 }), 409, 'same-officer');
    done(await supervisor.post(`manifests/${String(body['manifestId'])}/approve`, { revision: 0 }));
  });

  it('a supervisor approves the manifest that was seen, and no other', async () => {
    const caseId = await world.caseAt('accepted');
    const flight = await world.draft([caseId]);
    const other = await world.caseAt('accepted');
    const added = done(await manifestPost(flight, 'add-passenger', { caseId: other }));
    refused(await world.approve(flight), 412, 'revision-mismatch');
    done(await world.approve({ ...flight, revision: Number(added.body['revision']) }));
    // A passenger more voids the approval, and boarding with it.
    const third = await world.caseAt('accepted');
    done(await manifestPost(flight, 'add-passenger', { caseId: third }));
    refused(await manifestPost(flight, 'open-boarding'), 409, 'manifest-not-approved');
    refused(await manifestPost(flight, 'add-passenger', { caseId: await world.caseAt('amenable') }), 409, 'passenger-not-ready');
    refused(await manifestPost(flight, 'add-passenger', { caseId: randomUUID() }), 404, 'not-found');
  });
});
