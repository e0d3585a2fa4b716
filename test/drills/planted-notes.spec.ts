// Guarded in every run by operating/doctor.
import { Clock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { NotesExaminer } from '../../src/operating/examine-notes.js';
import { examine } from '../../src/operating/doctor.js';
import { Followers } from '../../src/operating/followers.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { Processes } from '../../src/reacting/process.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { planted, type Fault } from '../support/planted.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, World } from '../support/world.js';

/* Whom a process must have in mind is noted on its lists; where a row is lost, nobody would be held, or given back a seat. */

let database: TestDatabase;
let owner: Database;
let service: Caseledger;
const ids: { under: string; flying: string; left: string } = { under: '', flying: '', left: '' };

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  const world = await World.in(service);
  const { worker, supervisor, otherWorker, liaison } = world.staff;
  await world.caseAt('transferred');
  [ids.under, ids.flying] = [await world.caseAt('requested'), await world.caseAt('scheduled')];
  ids.left = await world.caseAt('screening');
  await world.act(worker, ids.left, 'withdraw-claim', { voluntary: true, language: 'es', statement: 'goes home' });
  // Nobody must be kept in mind who is on the flight no more.
  const removed = await world.caseAt('accepted');
  const { manifestId } = await world.draft([removed], { flight: 'GT909' });
  done(await liaison.post(`manifests/${manifestId}/remove-passenger`, { caseId: removed, reasonCode: 'not-ready' }));
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [ids.under] }), 201);
  done(await supervisor.post('reassignments', { from: worker.sub, to: otherWorker.sub, reasonCode: 'leave' }), 201);
  await service.settled();
  const [database2, store] = [service.app.get(Database), service.app.get(EventStore)];
  await eventually('processes have looked at all', async () => {
    const { rows } = await database2.query<{ position: string }>('SELECT min(position) AS position FROM ledger.processes');
    return rows[0]?.position === (await store.newest());
  });
  await service.app.get(Followers).stop();
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
});

async function look(deep = true): Promise<readonly string[]> {
  const { app } = service;
  const examiner = new NotesExaminer(
    {
      database: app.get(Database),
      store: app.get(EventStore),
      ledger: app.get(Ledger),
      clock: app.get(Clock),
      kinds: app.get(StreamKinds),
      processes: app.get(Processes),
    },
    deep,
    20,
  );
  for await (const batch of app.get(EventStore).readAll()) await examiner.see(batch);
  return examiner.findings();
}
const plant = (faults: readonly Fault[], deep?: boolean): Promise<readonly string[]> =>
  planted(owner, ['ledger.process_lists', 'ledger.process_inbox'], faults, () => look(deep));
const keeping = () =>
  service.app
    .get(Processes)
    .all()
    .filter(({ keeps }) => keeps)
    .map(({ name }) => name);

it.each([true, false])('finds nothing where all is well (deep: %s)', async deep => {
  expect(await look(deep)).toEqual([]);
});

it('finds what was lost from the lists of every process that keeps something in mind', async () => {
  const lost: Fault = 'DELETE FROM ledger.process_lists WHERE true';
  for (const deep of [true, false]) {
    const lines = await plant([lost], deep);
    const count = lines.at(-1)?.startsWith('and ') ? Infinity : lines.length;
    expect(count).toBeGreaterThanOrEqual(keeping().length);
  }
  for (const name of keeping()) {
    const lines = await plant([{ text: 'DELETE FROM ledger.process_lists WHERE process = $1', values: [name] }]);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(new RegExp(` at revision \\d+: ${name} should have \\S+ noted in .+, and has not$`));
  }
});

it('names whom a suspension would pass over, and none who has left', async () => {
  const name = 'when-agreement-suspended-hold-cases';
  const lines = await plant([{ text: 'DELETE FROM ledger.process_lists WHERE process = $1', values: [name] }]);
  for (const id of [ids.under, ids.flying])
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^case-${id} at revision \\d+: ${name} should have ${id} noted in GT`)));
  expect(lines.filter(line => line.includes(ids.left))).toEqual([]);
});

it('waits for what is still to be answered, and says so of who is behind', async () => {
  const name = 'when-transfer-ends-free-seat';
  const lost: Fault = { text: 'DELETE FROM ledger.process_lists WHERE process = $1', values: [name] };
  const { rows } = await owner.query<{ stream: string; position: string }>(
    `SELECT stream, lpad(position::text, 19, '0') AS position FROM ledger.events WHERE type = 'PassengerAdded' LIMIT 1`,
  );
  const waits: Fault = {
    text: `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type)
      SELECT $1, $2, gen_random_uuid(), 'case-x', 0, 'DeathRecorded'`,
    values: [name, rows[0]?.position],
  };
  expect(await plant([lost, waits])).toEqual([]);
  const back: Fault = { text: "UPDATE ledger.processes SET position = '0000000000000000001' WHERE name = $1", values: [name] };
  const { rows: before } = await owner.query<{ position: string }>('SELECT position FROM ledger.processes WHERE name = $1', [name]);
  const lines = await plant([lost, back]);
  await owner.query('UPDATE ledger.processes SET position = $2 WHERE name = $1', [name, before[0]?.position]);
  expect(lines).toContainEqual(expect.stringContaining(`${name} is behind, and has not yet noted`));
});

it('is told by the doctor', async () => {
  const ofNotes = async () => (await examine(service.app)).lines.filter(line => line.includes(' notes: '));
  expect(await ofNotes()).toEqual(['ok      notes: processes have noted whom they must have in mind, by sample']);
});
