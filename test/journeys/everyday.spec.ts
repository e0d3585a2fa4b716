import { dayOf, plusHours, weekOf } from '../../src/fields/time.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { done, MARK, refused, World } from '../support/world.js';

/* What caseworkers meet every day: what was entered wrongly, told twice or handed to the wrong desk, and a person who died. */

const NOBODY = '00000000-0000-4000-8000-000000000000';
let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

it('an earlier case that is named is there, each that is not is told', async () => {
  const { worker } = world.staff;
  const earlier = await world.open();
  const answer = await worker.post('cases', { ...world.intake(), previousCaseIds: [NOBODY, earlier] });
  refused(answer, 404, 'not-found');
  expect(answer.body['errors']).toMatchObject([{ pointer: '/previousCaseIds/0' }]);
  done(await worker.post('cases', { ...world.intake(), previousCaseIds: [earlier] }), 201);
});

it('one evidence id is one piece', async () => {
  const { worker, liaison } = world.staff;
  const caseId = await world.open();
  const piece = { evidenceId: '51b0a3de-40a1-4f0e-a2f7-0c7d8a1b2c3d', description: 'letters' };
  await world.act(worker, caseId, 'record-evidence', piece);
  refused(await worker.post(`cases/${caseId}/record-evidence`, { ...piece, description: 'a photograph' }), 409, 'already-exists');
  await world.act(liaison, caseId, 'return-evidence', { evidenceId: piece.evidenceId });
  refused(await worker.post(`cases/${caseId}/record-evidence`, piece), 409, 'already-exists');
});

it('a flight departs in the week whose places it uses, and not in the past', async () => {
  const { liaison } = world.staff;
  const flight = { country: 'GT', flight: 'GT900', departsAt: world.in(24), week: weekOf(world.in(24)) };
  const wrong = await liaison.post('manifests', { ...flight, departsAt: world.in(-1), week: '2030-W30' });
  refused(wrong, 400, 'validation-failed');
  expect(wrong.body['errors']).toMatchObject([{ pointer: '/departsAt' }, { pointer: '/week' }]);
  done(await liaison.post('manifests', flight), 201);
});

it('a person who died: the case closes, seat, place and deadlines are gone, and nobody waits', async () => {
  const { worker, supervisor, workerElsewhere } = world.staff;
  const caseId = await world.caseAt('accepted');
  const flight = await world.schedule([caseId]);
  const places = await world.places(flight.week);
  const diedAt = world.in(-1);
  done(await workerElsewhere.post(`cases/${caseId}/record-death`, { occurredAt: diedAt }));
  await caseledger.settled();
  expect(await world.file(caseId)).toMatchObject({ status: 'closed', diedAt });
  expect((await world.manifest(flight.manifestId)).passengers).toEqual([]);
  expect((await world.places(flight.week))?.reserved).toBe((places?.reserved ?? 0) - 1);
  const { rows } = await world.read<{ rows: { caseId: string }[] }>(worker, '/v1/deadlines?limit=200');
  expect(rows.filter(row => row.caseId === caseId)).toEqual([]);
  refused(
    await worker.post(`cases/${caseId}/record-death`, { occurredAt: `${dayOf(plusHours(world.now, -240))}T00:00:00Z` }),
    409,
    'date-out-of-order',
  );
  await world.act(supervisor, caseId, 'reopen-case', { reasonCode: 'another-person' });
  expect(await world.file(caseId)).toMatchObject({ status: 'amenable', diedAt: null });
});

it('a case handed to an office that does not exist comes back, until somebody there has written to it', async () => {
  const { supervisor, supervisorElsewhere, workerElsewhere } = world.staff;
  const caseId = await world.open();
  await world.act(supervisor, caseId, 'hand-over-case', { toOffice: 'LRX', reasonCode: 'moved' });
  refused(await supervisor.post(`cases/${caseId}/assign-case`, { caseworkerId: 'cw-ana' }), 403, 'other-office');
  refused(await supervisorElsewhere.post(`cases/${caseId}/hand-over-case`, { toOffice: 'LRD', reasonCode: 'moved' }), 403, 'other-office');
  await world.act(supervisor, caseId, 'hand-over-case', { toOffice: 'LRD', reasonCode: 'typing-error' });
  await world.act(workerElsewhere, caseId, 'add-note', { text: 'taken in' });
  refused(await supervisor.post(`cases/${caseId}/hand-over-case`, { toOffice: 'ELP', reasonCode: 'moved' }), 403, 'other-office');
});

it('a disclosure that no consent covers is stored, marked and counted', async () => {
  const { worker, liaison, reporting } = world.staff;
  const caseId = await world.open();
  const disclosure = { recipient: 'consulate', categories: ['identity'], basis: 'written-consent' };
  await world.act(liaison, caseId, 'record-disclosure', disclosure);
  await world.act(worker, caseId, 'record-consent', { recipient: 'consulate', categories: ['identity', 'contact'] });
  await world.act(liaison, caseId, 'record-disclosure', disclosure);
  const { disclosures } = await world.file(caseId);
  expect(disclosures).toEqual([expect.objectContaining({ unconsented: true }), expect.not.objectContaining({ unconsented: true })]);
  expect(await world.read(reporting, '/v1/reports/safeguards')).toMatchObject({ disclosuresWithoutConsent: 1 });
});

it('what the next person needs stands in the file; a liaison sees none of it, and of another office what kinds there are', async () => {
  const { worker, supervisor, liaison } = world.staff;
  const caseId = await world.caseAt('submitted');
  const [determination] = [(await world.file(caseId))['screening'] as { determination: { determinationId: string } }];
  const { determinationId } = determination.determination;
  await world.act(supervisor, caseId, 'return-determination', { determinationId, reasons: `${MARK} returned` });
  await world.act(worker, caseId, 'dispute-age', { basis: `${MARK} disputed` });
  await world.act(supervisor, caseId, 'decide-age', { minor: false, basis: `${MARK} decided` });
  await world.act(worker, caseId, 'refer-to-programme', { programme: 'resettlement', note: `${MARK} programme` });
  await world.act(worker, caseId, 'record-vulnerability', { kind: 'medical-condition', detail: `${MARK} detail` });
  await world.act(worker, caseId, 'record-evidence', {
    evidenceId: '51b0a3de-40a1-4f0e-a2f7-0c7d8a1b2c4e',
    description: `${MARK} letters`,
  });
  const remarks = (await world.file(caseId))['remarks'] as { event: string; text: string; by: string }[];
  expect(remarks.map(({ event, text, by }) => `${by} ${event}: ${text}`)).toEqual([
    `${supervisor.sub} DeterminationReturned: ${MARK} returned`,
    `${worker.sub} AgeDisputed: ${MARK} disputed`,
    `${supervisor.sub} AgeDecided: ${MARK} decided`,
    `${worker.sub} ReferredToProgramme: ${MARK} programme`,
  ]);
  const own = await world.file(caseId, liaison);
  expect(own).toMatchObject({
    remarks: [],
    vulnerabilities: [{ detail: `${MARK} detail` }],
    evidence: [{ description: `${MARK} letters` }],
  });
  const elsewhere = await world.file(caseId, await caseledger.person('li-hugo', 'liaison', 'LRD'));
  expect(elsewhere).toMatchObject({
    remarks: [],
    vulnerabilities: [{ kind: 'medical-condition', detail: null }],
    evidence: [{ description: null, returnedAt: null }],
  });
});
