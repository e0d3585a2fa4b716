import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { examine } from '../../src/operating/doctor.js';
import { Followers } from '../../src/operating/followers.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { planted } from '../support/planted.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, World } from '../support/world.js';

/* What the doctor says of a service; each fault that it finds, one by one, is for drills: planted-faults, -notes and -triggers. */

const FLIGHTS = 'when-flight-proceeds-move-passengers';
const HOLDS = 'when-agreement-suspended-hold-cases';

let database: TestDatabase;
let owner: Database;
let service: Caseledger;
let world: World;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  world = await World.in(service);
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
});

it('tells a command that a process was refused, as health and metrics do, and is well all the same', async () => {
  const flight = await world.draft([await world.caseAt('accepted')]);
  await world.declare('GT', flight.week, 0);
  done(await world.approve(flight));
  await world.host.calm();
  expect(await world.manifest(flight.manifestId)).toMatchObject({ status: 'approved', passengers: [] });
  const { auditor } = world.staff;
  const { status, body } = await auditor.get('/health/ready');
  const { details } = body as { details: { processes: { processes: readonly object[] } } };
  expect(status).toBe(200);
  expect(details.processes.processes).toContainEqual(expect.objectContaining({ name: FLIGHTS, refused: 1, failed: 0, pending: 0 }));
  expect((await auditor.get('/metrics')).text).toMatch(new RegExp(`^process_triggers\\{process="${FLIGHTS}",state="refused"\\} 1$`, 'm'));
  const { lines, healthy } = await examine(service.app, { deep: true });
  expect(lines.filter(line => !line.startsWith('ok'))).toEqual([]);
  expect(healthy).toBe(true);
  expect(lines).toContain(`ok      ${FLIGHTS}: 0 pending, 1 commands refused`);
});

it('names a row that went astray, whom a process has forgotten, and what it has to answer of no event', async () => {
  const caseId = await world.caseAt('screening');
  await world.host.calm();
  await world.file(caseId);
  // Processes pass the record of that read too: of who is behind is said that it has not noted yet.
  await world.host.calm();
  const followers = service.app.get(Followers);
  await followers.stop();
  const { rows } = await owner.query<{ schema: string }>(
    "SELECT 'rm_timeline_' || generation AS schema FROM ledger.read_models WHERE name = 'timeline' AND state = 'live'",
  );
  const entries = `${rows[0]?.schema}.entries`;
  const faults = [
    { text: `DELETE FROM ${entries} WHERE case_id = $1 AND revision = 0`, values: [caseId] },
    { text: 'DELETE FROM ledger.process_lists WHERE process = $1 AND item = $2', values: [HOLDS, caseId] },
    {
      text: `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, timer)
        VALUES ($1, '0000000000000000000', gen_random_uuid(), $2, 1, 'ScreeningStarted', '')`,
      values: [FLIGHTS, `case-${caseId}`],
    },
  ];
  const tables = [entries, 'ledger.process_lists', 'ledger.process_inbox'];
  const { lines } = await planted(owner, tables, faults, () => examine(service.app, { deep: true }));
  for (const says of [
    `rows of timeline: case-${caseId} at revision \\d+: a row of entries is missing`,
    `triggers: case-${caseId} at revision 1: ${FLIGHTS} has it to answer, but none stands there`,
    `notes: case-${caseId} at revision \\d+: ${HOLDS} should have ${caseId} noted in GT, and has not`,
    'followers: processes have something to answer, or a deadline that has passed, and no service runs',
  ])
    expect(lines).toContainEqual(expect.stringMatching(`^not ok {2}${says}$`));
  await followers.start();
});

it('says why something is not well, and of what cannot be asked why not', async () => {
  await service.app.get(Followers).stop();
  await owner.query("UPDATE ledger.read_models SET stopped = 'a seal is broken' WHERE name = 'caseload'");
  await owner.query("UPDATE ledger.processes SET stopped = 'an unknown event' WHERE name = 'when-arrived-follow-up'");
  const { lines, healthy } = await examine(service.app);
  expect(healthy).toBe(false);
  expect(lines).toEqual(
    expect.arrayContaining(['not ok  caseload: stopped: a seal is broken', 'not ok  when-arrived-follow-up: stopped: an unknown event']),
  );
  await owner.query('ALTER TABLE ledger.read_models RENAME TO elsewhere');
  expect((await examine(service.app)).lines).toContainEqual(expect.stringMatching(/^not ok {2}read-models: .*42P01/));
  await owner.query('ALTER TABLE ledger.elsewhere RENAME TO read_models');
});

it('names stream, revision and reason of what was done to the tables behind its back', async () => {
  const worker = await service.person('cw-ana', 'caseworker');
  const opened = async (): Promise<string> => {
    const body = {
      applicant: {
        givenNames: 'Ana',
        familyName: 'Synthetic',
        birthDate: '1990-05-17',
        nationalities: ['HN'],
        languages: ['es'],
        accompaniedBy: 'none',
      },
      encounter: { at: '2019-11-14T15:00:00Z', day: '2019-11-14', place: 'Paso del Norte', manner: 'between-ports' },
      documents: 'none',
    };
    const caseId = String(done(await worker.post('cases', body), 201).body['caseId']);
    for (const text of ['one', 'two']) done(await worker.post(`cases/${caseId}/add-note`, { text }));
    return caseId;
  };
  const [gap, newer, altered] = [await opened(), await opened(), await opened()];
  expect((await examine(service.app)).lines).toContainEqual(expect.stringMatching(/^ok {6}events: \d+ readable/));
  await owner.query(`DELETE FROM ledger.events WHERE stream = 'case-${gap}' AND revision = 1`);
  await owner.query(`UPDATE ledger.events SET schema_version = 99 WHERE stream = 'case-${newer}' AND revision = 2`);
  await owner.query(`UPDATE ledger.events SET personal = 'x' || personal WHERE stream = 'case-${altered}' AND revision = 1`);
  await owner.query("UPDATE ledger.read_models SET position = '0000000000000999999', stopped = NULL WHERE name = 'timeline'");
  await owner.query(`INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at)
    SELECT name, '0000000000000000001', 'follow-up', gen_random_uuid(), 'case-${gap}', 0, 'CaseOpened', now() FROM ledger.processes
    WHERE name = 'when-arrived-follow-up'`);
  for (const at of [`'appeal-${gap}', 0`, `'case-${newer}', 3`])
    await owner.query(`INSERT INTO ledger.events SELECT nextval('ledger.position'), ${at}, gen_random_uuid(), 'AppealLodged', 1, '{}', NULL,
      metadata FROM ledger.events WHERE stream = 'case-${gap}' AND revision = 0`);
  const { lines, healthy } = await examine(service.app);
  expect(healthy).toBe(false);
  for (const says of [
    `not ok  events: appeal-${gap} at revision 0: appeal-${gap} holds AppealLodged version 1`,
    `not ok  events: case-${gap} at revision 2: follows revision 0`,
    `not ok  events: case-${newer} at revision 2: case-${newer} holds NoteAdded version 99`,
    `not ok  events: case-${altered} at revision 1: The sealed personal data`,
    "not ok  timeline: stands at 0000000000000999999, beyond the event store's end",
    `not ok  timers: case-${gap} at revision 0: when-arrived-follow-up waits for it (follow-up), but it is not there`,
  ])
    expect(lines).toContainEqual(expect.stringContaining(says));
  // Whoever was told that much looks at what is stored; to act on it takes the version that stored it.
  const { auditor } = world.staff;
  const { body: stored } = done(await auditor.get(`/v1/audit/cases/${newer}/events`));
  expect(stored).toMatchObject({
    events: [{ revision: 0 }, { revision: 1 }, { revision: 2, schemaVersion: 99 }, { type: 'AppealLodged' }],
  });
  for (const answer of [
    await auditor.get(`/v1/audit/cases/${newer}/state`),
    await worker.post(`cases/${newer}/express-fear`, { country: 'GT' }),
  ])
    expect(answer).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
});
