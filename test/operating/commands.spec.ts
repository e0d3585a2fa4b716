import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { Commands, type Said } from '../support/commands.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/* Commands that look after a ledger make none, and touch nothing where the settings lead to another event store. */

const commands = new Commands();
let folder: string;
let database: TestDatabase;
let owner: Database;
let settings: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caseledger-commands-'));
  database = await startTestDatabase({ migrated: false });
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  settings = { DATA_DIR: folder, DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
});
afterAll(async () => {
  commands.end();
  await owner.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (env: Record<string, string>, ...args: string[]): Promise<Said> => commands.run(args, env).said;

it('says that there is no ledger where the settings lead to none, instead of that all is well with an empty one', async () => {
  const file = join(folder, 'monday.backup');
  for (const args of [['backup', file], ['doctor']]) {
    const [nowhere, empty] = [await run({ DATA_DIR: folder }, ...args), await run(settings, ...args)];
    expect({ args, ...nowhere }).toEqual({ args, code: 1, stdout: '', stderr: expect.stringContaining(`no ledger in ${folder}`) });
    expect({ args, ...empty }).toEqual({ args, code: 1, stdout: '', stderr: expect.stringMatching(/^DATABASE_URL .* without a ledger/) });
  }
  expect(readdirSync(folder).filter(name => !/\.(?:key|jwk)$/.test(name))).toEqual([]);
  expect((await owner.query("SELECT FROM pg_namespace WHERE nspname = 'ledger'")).rows).toEqual([]);
});

it('builds nothing from another event store than the one that is followed, and says where that is', async () => {
  expect(await run(settings, 'migrate')).toMatchObject({ code: 0 });
  const elsewhere = '11111111-1111-4111-8111-111111111111';
  await owner.query("INSERT INTO ledger.processes (name, position, store_id) VALUES ('when-moved', '0000000000000000007', $1)", [
    elsewhere,
  ]);
  const follows = `^EVENT_STORE_URL: the event store here is \\S+, but when-moved follows ${elsewhere}`;
  expect(await run(settings, 'rebuild', 'all')).toMatchObject({ code: 1, stderr: expect.stringMatching(follows) });
  expect((await owner.query('SELECT FROM ledger.read_models')).rows).toEqual([]);
  const { code, stdout } = await run(settings, 'doctor');
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(follows.replace('^', '\nnot ok {2}event-store: ')) });
  expect(existsSync(join(folder, 'postgres'))).toBe(false);
});
