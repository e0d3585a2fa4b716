import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { caseFile } from '../../src/cases/case.file.js';
import { caseStream } from '../../src/cases/case.stream.js';
import type { CaseEvent } from '../../src/cases/case.events.js';
import { foldHistory, type Recorded } from '../../src/event-store/stream-kind.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { MARK, World, type Json } from '../support/world.js';

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
