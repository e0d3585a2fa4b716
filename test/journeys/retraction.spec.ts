import { randomUUID } from 'node:crypto';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { codesOf, done, MARK, refused, World, type Json } from '../support/world.js';

/* An entry that was made in error, from its retraction to what an auditor finds of it years later. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const entry = async (caseId: string, type: string): Promise<{ id: string; revision: number }> => {
  const found = (await world.events(caseId)).findLast(event => event.type === type);
  if (!found) throw new Error(`the case holds no ${type}`);
  return found;
};
const retract = (caseId: string, eventId: string, by = world.staff.supervisor, options = {}) =>
  by.post(`cases/${caseId}/retract-entry`, { eventId, reasonCode: 'other-person' }, options);
const stateAt = async (caseId: string, query: string) =>
  (await world.read<{ state: Json }>(world.staff.auditor, `/v1/audit/cases/${caseId}/state?${query}`)).state;

it('is retracted by a supervisor of the office, once, and not a decision of the office', async () => {
  const { worker, supervisor, supervisorElsewhere, liaison } = world.staff;
  const caseId = await world.caseAt('amenable');
  await world.act(liaison, caseId, 'add-note', { text: `${MARK} note` });
  const { id, revision } = await entry(caseId, 'NoteAdded');
  refused(await retract(caseId, id, worker), 403, 'role-not-allowed');
  refused(await retract(caseId, id, supervisorElsewhere), 403, 'other-office');
  refused(await retract(caseId, randomUUID()), 404, 'not-found');
  const confirmed = refused(await retract(caseId, (await entry(caseId, 'DeterminationConfirmed')).id), 409, 'entry-not-retractable');
  expect(codesOf(confirmed)).toEqual(['entry-not-retractable']);
  refused(await retract(caseId, (await entry(caseId, 'NoticeServed')).id), 409, 'entry-not-retractable');

  const key = randomUUID();
  const first = done(await retract(caseId, id, supervisor, { key }));
  expect(first.body).toMatchObject({ revision: revision + 1, events: [{ type: 'EntryRetracted', revision: revision + 1 }] });
  expect((await retract(caseId, id, supervisor, { key })).text).toBe(first.text);
  expect(done(await retract(caseId, id)).body).toMatchObject({ revision: revision + 1, events: [] });
  expect(await world.file(caseId)).toMatchObject({ status: 'amenable', revision: revision + 1, notes: [] });
});

it('is gone from the file, kept in the history, and shown as what was known then', async () => {
  const { liaison, supervisor } = world.staff;
  const caseId = await world.caseAt('applied');
  const application = await entry(caseId, 'AsylumApplied');
  const [applied, known] = [world.now, `revision=${application.revision}`];
  await world.pass({ days: 2 });
  await world.act(liaison, caseId, 'record-asylum-decision', { outcome: 'denied', final: true, reference: `${MARK}-DECISION` });
  refused(await retract(caseId, application.id), 409, 'entry-not-retractable');
  done(await retract(caseId, (await entry(caseId, 'AsylumDenied')).id));
  expect(await world.file(caseId)).toMatchObject({ status: 'asylum-pending', asylum: { outcome: null } });
  done(await retract(caseId, application.id));
  expect(await world.file(caseId)).toMatchObject({ status: 'transferred', asylum: null });
  const { allowed } = await world.read<{ allowed: string[] }>(liaison, `/v1/cases/${caseId}/allowed-commands`);
  expect(allowed).toContain('RecordAsylumApplication');
  expect(allowed).not.toContain('RecordAsylumDecision');

  expect(await stateAt(caseId, known)).toMatchObject({ status: 'asylum-pending' });
  expect(await stateAt(caseId, `recordedAt=${applied}`)).toMatchObject({ status: 'asylum-pending' });
  expect(await stateAt(caseId, `recordedAt=${world.now}`)).toMatchObject({ status: 'transferred', asylum: null });
  expect(await stateAt(caseId, `occurredAt=${applied}`)).toMatchObject({ status: 'transferred', asylum: null });
  const { revision } = await world.file(caseId);
  const { patch } = await world.read<{ patch: Json[] }>(
    world.staff.auditor,
    `/v1/audit/cases/${caseId}/diff?from=${application.revision}&to=${revision}`,
  );
  expect(patch).toEqual(
    expect.arrayContaining([
      { op: 'replace', path: '/status', value: 'transferred' },
      { op: 'replace', path: '/asylum', value: null },
    ]),
  );

  const { rows } = await world.read<{ rows: { event: string; summary: string }[] }>(supervisor, `/v1/cases/${caseId}/timeline`);
  expect(rows.slice(-4).map(({ summary }) => summary)).toEqual([
    'Applied for asylum in Guatemala (retracted)',
    'Asylum denied, finally (retracted)',
    'Entry retracted, made in error (other person): Asylum denied, finally',
    'Entry retracted, made in error (other person): Applied for asylum in Guatemala',
  ]);
  expect(await world.read(world.staff.reporting, '/v1/reports/outcomes')).toMatchObject({
    total: { transferred: 1, applied: 0, denied: 0 },
  });
});
