import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { examine } from '../../src/projecting/doctor.js';
import { Followers } from '../../src/projecting/projecting.module.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

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
  expect(lines).toEqual(expect.arrayContaining(['not ok  caseload: stopped: a seal is broken', 'not ok  when-arrived-follow-up: stopped: an unknown event']));
  await owner.query('ALTER TABLE ledger.read_models RENAME TO elsewhere');
  expect((await examine(service.app)).lines).toContainEqual(expect.stringMatching(/^not ok {2}read-models: .*42P01/));
  await owner.query('ALTER TABLE ledger.elsewhere RENAME TO read_models');
});
