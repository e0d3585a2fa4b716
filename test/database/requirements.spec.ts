import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config-error.js';
import { requireUsable } from '../../src/database/database-requirements.js';
import { Database } from '../../src/database/database.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

describe('a database for the ledger', () => {
  let test: TestDatabase;
  let admin: Database;
  const made: string[] = [];
  beforeAll(async () => {
    test = await startTestDatabase();
    admin = Database.open({ url: test.ownerUrl, applicationName: 'spec', max: 1 });
  });
  afterAll(async () => {
    for (const name of made) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.close();
    await test.stop();
  });

  async function urlOf(encoding: string): Promise<string> {
    const name = `spec_${process.pid}_${randomUUID().replaceAll('-', '')}`;
    await admin.query(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`);
    made.push(name);
    const url = new URL(test.ownerUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  it('is one in UTF-8 on a server of today, and tells as whom it is opened', async () => {
    expect(await requireUsable(test.url, 'DATABASE_URL')).toBe(decodeURIComponent(new URL(test.url).username));
    expect(await requireUsable(await urlOf('UTF8'), 'DATABASE_URL')).toBe(decodeURIComponent(new URL(test.ownerUrl).username));
  });

  it.each(['LATIN1', 'SQL_ASCII'])('is none in %s: the setting is named', async encoding => {
    const url = await urlOf(encoding);
    for (const variable of ['DATABASE_URL', 'MIGRATION_DATABASE_URL']) {
      await expect(requireUsable(url, variable)).rejects.toThrow(
        new ConfigError([`${variable} names a database with the encoding ${encoding}; it must be UTF8`]),
      );
    }
  });

  /** A database whose sessions are told another value of one setting. */
  async function urlWhere(setting: string, value: string): Promise<string> {
    const url = await urlOf('UTF8');
    const owner = Database.open({ url, applicationName: 'spec', max: 1 });
    await owner.query(`
      CREATE SCHEMA told;
      CREATE FUNCTION told.current_setting(name text) RETURNS text LANGUAGE sql AS
        $$ SELECT CASE name WHEN '${setting}' THEN '${value}' ELSE pg_catalog.current_setting(name) END $$;
      ALTER DATABASE ${new URL(url).pathname.slice(1)} SET search_path = told, pg_catalog`);
    await owner.close();
    return url;
  }

  it.each([
    ['14.13', false],
    ['9.6.24', false],
    ['15.0', true],
    ['18beta1', true],
  ])('of PostgreSQL %s: %s', async (version, good) => {
    const asked = requireUsable(await urlWhere('server_version', version), 'DATABASE_URL');
    if (good) await expect(asked).resolves.toBeTruthy();
    else await expect(asked).rejects.toThrow(new ConfigError([`DATABASE_URL leads to PostgreSQL ${version}; it must be 15 or newer`]));
  });

  it('is none where its timeouts do not reach the server', async () => {
    await expect(requireUsable(await urlWhere('statement_timeout', '0'), 'DATABASE_URL')).rejects.toThrow(
      /^DATABASE_URL leads through a connection pooler that drops statement_timeout/,
    );
  });
});
