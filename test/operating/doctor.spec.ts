import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { examine } from '../../src/operating/doctor.js';
import { Followers } from '../../src/operating/followers.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done } from '../support/world.js';

let database: TestDatabase;
let owner: Database;
let service: Caseledger;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
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
  const { lines, healthy } = await examine(service.app);
  expect(healthy).toBe(false);
  for (const says of [
    `not ok  events: case-${gap} at revision 2: follows revision 0`,
    `not ok  events: case-${newer} at revision 2: case-${newer} holds NoteAdded version 99`,
    `not ok  events: case-${altered} at revision 1: The sealed personal data`,
    "not ok  timeline: stands at 0000000000000999999, beyond the event store's end",
    `not ok  timers: case-${gap} at revision 0: when-arrived-follow-up waits for it (follow-up), but it is not there`,
  ])
    expect(lines).toContainEqual(expect.stringContaining(says));
});
