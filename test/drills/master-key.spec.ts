// Guarded in every run by personal-data/master-key.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/database/database.js';
import { masterKeyId } from '../../src/master-key-id.js';
import { examine } from '../../src/operating/doctor.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { Commands } from '../support/commands.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, MARK, World } from '../support/world.js';

/* The master key is exchanged beside services that go on: each step as an operator takes it. */

const [old, next] = [randomBytes(32), randomBytes(32)];
const ONLY_OLD = { MASTER_KEY: old.toString('base64') };
const ONLY_NEXT = { MASTER_KEY: next.toString('base64') };
const BOTH = { ...ONLY_NEXT, MASTER_KEY_PREVIOUS: old.toString('hex') };

const folder = mkdtempSync(join(tmpdir(), 'caseledger-keys-'));
const file = join(folder, 'before.backup');
const commands = new Commands();
let database: TestDatabase;
let owner: Database;
let service: Caseledger | undefined;

const envOf = ({ url, ownerUrl }: TestDatabase): Record<string, string> => ({
  DATA_DIR: folder,
  DATABASE_URL: url,
  MIGRATION_DATABASE_URL: ownerUrl,
  CLOCK: 'simulated:2019-11-15T00:00:00Z',
});
const run = (args: readonly string[], keys: Record<string, string>, on = database) => commands.run(args, { ...envOf(on), ...keys });
const start = async (keys: Record<string, string>): Promise<Caseledger> => {
  await service?.stop();
  service = undefined;
  return (service = await startCaseledger({ ...envOf(database), ...keys }));
};
const wrappedBy = async (key: Buffer): Promise<number> =>
  (await owner.query('SELECT FROM ledger.data_keys WHERE wrapped_by = $1', [masterKeyId(key)])).rowCount;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec', max: 1 });
});
afterAll(async () => {
  commands.end();
  await service?.stop();
  await owner.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('step by step, killed and called again, nothing is lost and nobody waits', async () => {
  const first = await start(ONLY_OLD);
  const world = await World.in(first);
  const caseId = await world.open();
  expect(await run(['backup', file], ONLY_OLD).said).toMatchObject({ code: 0 });
  expect(await run(['rotate-master-key'], BOTH).said).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a service is running that does not know the new master key') as string,
  });
  expect(await run(['rotate-master-key'], ONLY_NEXT).said).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('MASTER_KEY_PREVIOUS') as string,
  });
  expect(await wrappedBy(next)).toBe(0);

  const second = await start(BOTH);
  const worker = await second.person('cw-ana', 'caseworker');
  const many = new DataKeys(owner, old, { pool: 15_000 });
  await many.start();
  const before = await examine(second.app);
  expect(before.lines).toContainEqual(
    expect.stringMatching(
      `^not ok {2}master-key: \\d+ data keys, such as [\\w-]+, are wrapped by master key ${masterKeyId(old)}: run rotate`,
    ),
  );
  const over = new AbortController();
  const work = (async () => {
    while (!over.signal.aborted) {
      done(await worker.post(`cases/${caseId}/add-note`, { text: MARK }));
      done(await worker.post('cases', world.intake()), 201);
    }
  })();

  const killed = run(['rotate-master-key'], BOTH);
  await eventually(
    'some keys are wrapped anew',
    () => wrappedBy(next),
    count => count > 0,
  );
  killed.child.kill('SIGKILL');
  await killed.said;
  expect(await wrappedBy(old)).toBeGreaterThan(0);

  const two = await Promise.all([run(['rotate-master-key'], BOTH).said, run(['rotate-master-key'], BOTH).said]);
  over.abort();
  await work;
  for (const { code, stdout } of two) {
    expect(stdout).toMatch(/MASTER_KEY wraps all \d+, and MASTER_KEY_PREVIOUS is needed no more/);
    expect(code).toBe(0);
  }
  expect(await wrappedBy(old)).toBe(0);
  expect((await examine(second.app)).lines).toContainEqual(expect.stringMatching(/^ok {6}master-key: wraps all \d+ data keys$/));
  expect(done(await worker.get(`/v1/cases/${caseId}`)).text).toContain(MARK);

  await expect(start(ONLY_OLD)).rejects.toThrow(/MASTER_KEY is not the key/);
  const third = await start(ONLY_NEXT);
  expect(done(await (await third.person('cw-ana', 'caseworker')).get(`/v1/cases/${caseId}`)).text).toContain(MARK);
});

test('a backup from before is restored where the key of then is there too, and exchanged again', async () => {
  const other = await startTestDatabase();
  try {
    expect(await run(['restore', file], ONLY_NEXT, other).said).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(masterKeyId(old)) as string,
    });
    expect(await run(['restore', file], BOTH, other).said).toMatchObject({ code: 0 });
    const { code, stdout } = await run(['rotate-master-key'], BOTH, other).said;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\d+ data keys were wrapped anew/)]);
    expect(await run(['doctor'], ONLY_NEXT, other).said).toMatchObject({
      stdout: expect.stringContaining('ok      master-key: wraps all') as string,
    });
  } finally {
    await other.stop();
  }
});
