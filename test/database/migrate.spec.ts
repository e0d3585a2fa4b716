import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { migrate, NewerDatabase } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/all.js';
import { SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

const last = migrations.at(-1)!.version;

describe('migrating', () => {
  let test: TestDatabase;
  let owner: Database;

  beforeAll(async () => {
    test = await startTestDatabase({ migrated: false });
    owner = Database.open({ url: test.ownerUrl, applicationName: 'spec', max: 1 });
  });
  afterAll(async () => {
    await owner.close();
    await test.stop();
  });

  it('lists its steps in order, no version twice', () => {
    const versions = migrations.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  it('applies each step once, whoever else starts at the same time', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrate(test.ownerUrl, SERVICE_ROLE)));
    expect(applied.flat()).toEqual(migrations.map(({ version }) => version));
    const before = await owner.query('SELECT store_id FROM ledger.store');
    expect(before.rows).toHaveLength(1);
    expect(await migrate(test.ownerUrl, SERVICE_ROLE)).toEqual([]);
    expect((await owner.query('SELECT store_id FROM ledger.store')).rows).toEqual(before.rows);
  });

  it('leaves no function in the ledger that nothing calls', async () => {
    const { rows } = await owner.query<{ name: string; body: string }>(
      `SELECT proname AS name, pg_get_functiondef(oid) AS body FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace AND prokind = 'f'
         AND oid NOT IN (SELECT tgfoid FROM pg_trigger)`,
    );
    const code = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !file.includes('migrations'))
      .map(file => readFileSync(join('src', file), 'utf8'));
    const calls = (text: string, name: string): boolean => new RegExp(`ledger\\.${name}\\b`).test(text);
    const called = ({ name }: { readonly name: string }): boolean =>
      [...code, ...rows.flatMap(other => (other.name === name ? [] : [other.body]))].some(text => calls(text, name));
    expect(rows.length).toBeGreaterThan(3);
    // That one stays for processes of an older version.
    expect(rows.filter(row => !called(row)).map(({ name }) => name)).toEqual(['append']);
  });

  it('needs no second role', async () => {
    expect(await migrate(test.ownerUrl, decodeURIComponent(new URL(test.ownerUrl).username))).toEqual([]);
  });

  it('lets the service make schemas for its read models', async () => {
    const service = Database.open({ url: test.url, applicationName: 'spec', max: 1 });
    await service.query('CREATE SCHEMA view; CREATE TABLE view.rows (id int); DROP SCHEMA view CASCADE');
    await service.close();
  });

  it('leaves nothing of a step that fails', async () => {
    const broken = { version: last + 1, name: 'broken', sql: 'CREATE TABLE ledger.half (x int); SELECT 1 / 0' };
    await expect(migrate(test.ownerUrl, SERVICE_ROLE, { migrations: [...migrations, broken] })).rejects.toMatchObject({ code: '22012' });
    expect((await owner.query(`SELECT to_regclass('ledger.half') AS half`)).rows).toEqual([{ half: null }]);
    expect(await migrate(test.ownerUrl, SERVICE_ROLE)).toEqual([]);
  });

  it('refuses a database that a newer version made, and says so in one line', async () => {
    const newer = { version: last + 1, name: 'of tomorrow', sql: 'SELECT 1' };
    await migrate(test.ownerUrl, SERVICE_ROLE, { migrations: [...migrations, newer] });
    const refusal = migrate(test.ownerUrl, SERVICE_ROLE);
    await expect(refusal).rejects.toThrow(NewerDatabase);
    await expect(refusal).rejects.toThrow(/^the database stands at migration \d+, this version knows \d+: it refuses to run[^\n]*$/);
  });
});
