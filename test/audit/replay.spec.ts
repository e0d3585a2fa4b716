import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { verifyDossier } from '../../src/audit/dossier/verify.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { caseFile } from '../../src/cases/case.file.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { foldHistory, type Recorded } from '../../src/event-store/stream-kind.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { MARK, World, type Json, type Stored } from '../support/world.js';

/* Whatever was written and taken back: each revision is the fold of what came before it, and a diff leads from one to another. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const audited = <Answer>(caseId: string, query: string) => world.read<Answer>(world.staff.auditor, `/v1/audit/cases/${caseId}/${query}`);

it('any revision is the fold of the events up to it, and a diff applied to one gives the other', async () => {
  const drawn = fc.record({
    steps: fc.array(fc.nat(9), { minLength: 3, maxLength: 10 }),
    pairs: fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { minLength: 6, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ steps, pairs }) => {
      const caseId = await world.caseAt('amenable');
      for (const step of steps) {
        const events = await world.events(caseId);
        const takenBack = events.map(({ data }) => data['eventId']);
        const notes = events.filter(({ type, id }) => type === 'NoteAdded' && !takenBack.includes(id));
        const note = step % 2 === 0 ? notes[step % Math.max(notes.length, 1)] : undefined;
        if (note) await world.act(world.staff.supervisor, caseId, 'retract-entry', { eventId: note.id, reasonCode: 'other-person' });
        else await world.act(world.staff.worker, caseId, 'add-note', { text: `${MARK} ${step}` });
      }
      const history = (await world.events(caseId)) as unknown[] as Recorded<CaseEvent>[];
      const folded = (revision: number): unknown =>
        JSON.parse(JSON.stringify(caseFile({ caseId, revision }, foldHistory(caseStream, history.slice(0, revision + 1)))));
      for (const pair of pairs) {
        const [from = 0, to = 0] = pair.map(place => place % history.length).toSorted((a, b) => a - b);
        const [before, after] = await Promise.all(
          [from, to].map(async revision => (await audited<{ state: Json }>(caseId, `state?revision=${revision}`)).state),
        );
        const { patch, changes } = await audited<{ patch: jsonPatch.Operation[]; changes: unknown[] }>(
          caseId,
          `diff?from=${from}&to=${to}`,
        );
        expect(jsonPatch.applyPatch(structuredClone(before), patch).newDocument).toEqual(after);
        expect(changes).toHaveLength(to - from);
        expect([before, after]).toEqual([folded(from), folded(to)]);
      }
    }),
    { numRuns: 3 },
  );
});

it('what was taken back, stored in an earlier version and erased stands in one history, each at the revisions it belongs to', async () => {
  const { worker, supervisor, secondSupervisor, auditor } = world.staff;
  const caseId = await world.open();
  await world.act(worker, caseId, 'add-note', { text: `${MARK} note` });
  const [opening, note] = (await world.events(caseId)) as [Stored, Stored];
  await world.act(supervisor, caseId, 'retract-entry', { eventId: note.id, reasonCode: 'other-person' });
  const data = { applicant: { languages: ['iw', 'spa'] }, reasonCode: 'papers-seen', minorAtEncounter: false };
  const corrected = { id: randomUUID(), type: 'ApplicantCorrected', schemaVersion: 1, data };
  const actor = { ...opening.metadata.actor, office: 'ELP' };
  const metadata = { ...opening.metadata, actor, commandId: corrected.id, commandHash: 'none', causationId: opening.id };
  const store = caseledger.app.get(EventStore);
  await store.append([{ stream: `case-${caseId}`, expectedRevision: 2, events: [{ ...corrected, metadata }] }]);
  const state = async (revision: number) => (await audited<{ state: Json }>(caseId, `state?revision=${revision}`)).state;
  const asOf = (revisions: readonly number[]) => Promise.all(revisions.map(state));
  expect(await asOf([0, 1, 2, 3])).toMatchObject([
    { noteCount: 0 },
    { notes: [{ text: `${MARK} note` }] },
    { noteCount: 0, applicant: { languages: ['es'] } },
    { noteCount: 0, applicant: { languages: ['he', 'es'] } },
  ]);

  await world.act(worker, caseId, 'record-death');
  await world.act(supervisor, caseId, 'request-erasure', { legalBasis: 'retention period ended' });
  await world.act(secondSupervisor, caseId, 'erase-personal-data');
  await world.act(worker, caseId, 'add-note', { text: 'told after it' });
  const history = await world.events(caseId);
  expect(history[3]).toMatchObject(corrected);
  const past = await asOf(history.map((_, revision) => revision));
  expect(JSON.stringify([history, past])).not.toContain(MARK);
  expect(past).toMatchObject([
    { noteCount: 0, status: 'opened' },
    { noteCount: 1, notes: [{ text: null }] },
    ...Array.from({ length: past.length - 3 }, () => ({ noteCount: 0 })),
    { noteCount: 1, notes: [{ text: 'told after it' }], status: 'closed' },
  ]);
  const { text } = await auditor.get(`/v1/audit/cases/${caseId}/dossier`);
  const { publicKey } = await world.read<{ publicKey: string }>(auditor, '/v1/audit/log/checkpoint');
  const verified = verifyDossier(Readable.from([Buffer.from(text)]), { key: VerifierKey.parse(publicKey) });
  await expect(verified).resolves.toMatchObject({ events: history.length, opened: 1, erased: 2, unexplained: 0 });
});
