import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { backUp } from '../../src/operating/backup.js';
import { examine } from '../../src/operating/doctor.js';
import { restore } from '../../src/operating/restore.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, MARK, World } from '../support/world.js';

/* One file of everything that is primary, taken while the service works, and put into another database. */

const folder = mkdtempSync(join(tmpdir(), 'caseledger-backup-'));
const file = join(folder, 'ledger.backup');
const quiet = { begin: () => ({ add: (): void => undefined, end: (): void => undefined }), report: (): void => undefined };
const TABLES = [
  'events',
  'data_keys',
  'processes',
  'process_inbox',
  'process_timers',
  'process_lists',
  'process_refusals',
  'store',
  'clock',
];

let source: TestDatabase;
let target: TestDatabase;
let caseledger: Caseledger;
let caseId: string;

const envOf = ({ url, ownerUrl }: TestDatabase): Record<string, string> => ({
  DATA_DIR: folder,
  CLOCK: 'simulated:2019-11-15T00:00:00Z',
  DATABASE_URL: url,
  MIGRATION_DATABASE_URL: ownerUrl,
});

/** Every row of every table, as text. */
async function contents({ ownerUrl }: TestDatabase): Promise<Record<string, string[]>> {
  const owner = Database.open({ url: ownerUrl, applicationName: 'spec', max: 1 });
  const all: Record<string, string[]> = {};
  for (const table of TABLES)
    all[table] = (await owner.query<{ row: string }>(`SELECT t::text AS row FROM ledger.${table} t ORDER BY 1`)).rows.map(({ row }) => row);
  await owner.close();
  return all;
}

beforeAll(async () => {
  [source, target] = [await startTestDatabase(), await startTestDatabase()];
  caseledger = await startCaseledger(envOf(source));
  const world = await World.in(caseledger);
  caseId = await world.open();
  await world.take(await world.open(), 'requested');
  await caseledger.settled();
});
afterAll(async () => {
  await source.stop();
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('is whole although the service goes on, and says how much there is', async () => {
  const worker = await caseledger.person('cw-ana', 'caseworker');
  const over = new AbortController();
  const work = (async () => {
    while (!over.signal.aborted) done(await worker.post(`cases/${caseId}/add-note`, { text: MARK }));
  })();
  const counts = await backUp(readConfig(envOf(source)), file, quiet);
  over.abort();
  await work;
  expect(counts['events']).toBeGreaterThan(5);
  expect(readFileSync(file).toString('latin1')).not.toContain(MARK);
  await caseledger.settled();
});

it('refuses what is not whole, was altered, is newer, or needs another master key, before it writes anything', async () => {
  const config = readConfig(envOf(target));
  const before = await contents(target);
  const spoilt = join(folder, 'spoilt.backup');
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const refused = async (says: RegExp): Promise<void> => {
    await expect(restore(config, spoilt, quiet)).rejects.toThrow(says);
  };

  writeFileSync(spoilt, readFileSync(file));
  truncateSync(spoilt, readFileSync(file).length - 40);
  await refused(/ends after line \d+: it is not whole/);
  writeFileSync(spoilt, gzipSync(lines.slice(0, -2).join('\n') + '\n'));
  await refused(/ends after line \d+: it is not whole/);
  writeFileSync(spoilt, gzipSync(lines.filter((_, n) => n !== 3).join('\n')));
  await refused(/was altered/);
  writeFileSync(spoilt, gzipSync(lines.join('\n').replace('CaseOpened', 'CaseClosed')));
  await refused(/was altered/);
  writeFileSync(spoilt, gzipSync(lines.join('\n').replace(/"migration":\d+/, '"migration":9999')));
  await refused(/taken at migration 9999/);
  writeFileSync(spoilt, 'PGDMP');
  await refused(/is damaged behind line 0/);
  // But for the date and system in the head of gzip, which say nothing of what it holds.
  const whole = readFileSync(file);
  for (let place = 10; place < whole.length; place += Math.ceil(whole.length / 40)) {
    writeFileSync(spoilt, whole.with(place, whole[place]! ^ 0x20));
    await refused(/damaged|altered|not whole|line|format|is no backup/);
  }
  await expect(restore(config, join(folder, 'none'), quiet)).rejects.toThrow(/cannot be read \(ENOENT\)/);
  writeFileSync(spoilt, readFileSync(file));
  appendFileSync(spoilt, gzipSync('events\t{}\n'));
  await refused(/something follows the end/);
  await expect(restore(readConfig({ ...envOf(target), MASTER_KEY: 'ab'.repeat(32) }), file, quiet)).rejects.toThrow(
    /MASTER_KEY is not the key/,
  );
  await expect(restore(readConfig({ ...envOf(target), EVENT_STORE_URL: 'esdb://127.0.0.1:1' }), file, quiet)).rejects.toThrow(
    /^EVENT_STORE_URL leads to no server/,
  );
  expect(await contents(target)).toEqual(before);
});

it('is put into an empty database row for row, and a service goes on there', async () => {
  await expect(restore(readConfig(envOf(source)), file, quiet)).rejects.toThrow(/is running on this database/);
  await caseledger.stop();
  await expect(restore(readConfig(envOf(source)), file, quiet)).rejects.toThrow(/holds \d+ events/);

  const still = join(folder, 'still.backup');
  const counts = await backUp(readConfig(envOf(source)), still, quiet);
  const held = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  expect(await restore(readConfig(envOf(target)), still, quiet)).toEqual(held);
  expect(await contents(target)).toEqual(await contents(source));

  const elsewhere = await startCaseledger(envOf(target));
  try {
    const worker = await elsewhere.person('cw-ana', 'caseworker');
    expect(
      (
        await eventually(
          'the file is shown',
          () => worker.get(`/v1/cases/${caseId}`),
          ({ status }) => status === 200,
        )
      ).text,
    ).toContain(MARK);
    done(await worker.post(`cases/${caseId}/add-note`, { text: MARK }));
    // Where it came from, other heads may have been signed since.
    const auditor = await elsewhere.person('aud-ivy', 'auditor');
    const { chain } = await eventually(
      'a head is signed',
      async () => (await auditor.get('/v1/audit/log/checkpoint')).body as { readonly chain?: readonly string[] },
      answer => answer.chain !== undefined,
    );
    expect(chain).toEqual([expect.stringMatching(/^log begun anew\n(?:.*\n)*restored\n\n/)]);
    const { lines } = await examine(elsewhere.app);
    expect(lines.filter(line => / (?:triggers|timers|log|erasures): /.test(line)).map(line => line.slice(0, 2))).toEqual(
      Array.from({ length: 4 }, () => 'ok'),
    );
  } finally {
    await elsewhere.stop();
  }
});
