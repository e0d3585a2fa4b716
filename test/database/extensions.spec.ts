import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { EXTENSION_SCHEMAS, MissingExtensions } from '../../src/database/extensions.js';
import { migrate } from '../../src/database/migrate.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

const PASSWORD = 'of-a-spec';

describe('the extensions that find names', () => {
  let test: TestDatabase;
  let admin: Database;
  const made: { readonly database: string; readonly role: string }[] = [];
  beforeAll(async () => {
    test = await startTestDatabase({ migrated: false });
    admin = Database.open({ url: test.ownerUrl, applicationName: 'spec', max: 1 });
  });
  afterAll(async () => {
    for (const { database, role } of made) {
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${role}`);
    }
    await admin.close();
    await test.stop();
  });

  /** A database of somebody else's, in which an administrator has run `prepared`, and a role that may make nothing there. */
  async function prepared(sql: (role: string, database: string) => string) {
    const id = `${process.pid}_${randomUUID().replaceAll('-', '')}`;
    const [database, role] = [`spec_${id}`, `spec_role_${id}`];
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
    await admin.query(`CREATE DATABASE ${database}`);
    made.push({ database, role });
    const url = new URL(test.ownerUrl);
    url.pathname = `/${database}`;
    const owner = Database.open({ url: url.href, applicationName: 'spec', max: 1 });
    await owner.query(sql(role, database));
    await owner.close();
    url.username = role;
    url.password = PASSWORD;
    return { url: url.href, database, role };
  }

  async function asked<Row>(url: string, sql: string): Promise<Row[]> {
    const database = Database.open({ url, applicationName: 'spec', max: 1 });
    try {
      return (await database.query<Row>(sql)).rows;
    } finally {
      await database.close();
    }
  }

  it('are made by a role that may make schemas, whatever it may do in public', async () => {
    const { url, role } = await prepared((one, database) => `GRANT CREATE ON DATABASE ${database} TO ${one}`);
    await migrate(url, role);
    expect(await asked(url, `SELECT ledger.fold('Łódź ØRSTED Straße Đorđe Ærø Núñez') AS folded`)).toEqual([
      { folded: 'lodz orsted strasse dorde aero nunez' },
    ]);
  });

  it('are named in one line, and who may make them, where the role may not', async () => {
    const { url, database, role } = await prepared(one => `CREATE SCHEMA ledger AUTHORIZATION ${one}; CREATE EXTENSION unaccent`);
    const refusal = migrate(url, role);
    await expect(refusal).rejects.toThrow(MissingExtensions);
    await expect(refusal).rejects.toThrow(
      `the database ${database} lacks the extensions pg_trgm, fuzzystrmatch, and the role ${role} may not create them ` +
        `(permission denied for database ${database}): let its owner or a superuser run there: ` +
        'CREATE EXTENSION pg_trgm; CREATE EXTENSION fuzzystrmatch; They come with PostgreSQL, ' +
        'on some systems in a package of their own (postgresql-contrib)',
    );
    await expect(refusal).rejects.toThrow(/^[^\n]*$/);
  });

  it('are taken in whatever schema they are, by a role that may make nothing, and found there', async () => {
    const { url, role } = await prepared(
      one => `
        CREATE SCHEMA ledger AUTHORIZATION ${one}; CREATE SCHEMA "Of, others"; GRANT USAGE ON SCHEMA "Of, others" TO ${one};
        CREATE EXTENSION pg_trgm SCHEMA "Of, others"; CREATE EXTENSION unaccent SCHEMA pg_catalog; CREATE EXTENSION fuzzystrmatch`,
    );
    await migrate(url, role);
    expect(
      await asked(url, `SELECT ledger.similarity('ana nunez', 'nunez ana') AS same, ledger.sounds(ledger.fold('González')) AS sounds`),
    ).toEqual([{ same: 1, sounds: ['KNSL'] }]);
    expect(await asked(url, `SELECT ${EXTENSION_SCHEMAS} AS schemas`)).toEqual([{ schemas: '"Of, others", public' }]);
  });

  it('may be used by the service, or it is told who must let it', async () => {
    const { url } = await prepared(
      (one, database) => `
        CREATE SCHEMA ledger AUTHORIZATION ${one}; CREATE SCHEMA closed; GRANT USAGE ON SCHEMA closed TO ${one};
        GRANT CREATE ON DATABASE ${database} TO ${one} WITH GRANT OPTION;
        CREATE EXTENSION pg_trgm SCHEMA closed; CREATE EXTENSION unaccent; CREATE EXTENSION fuzzystrmatch`,
    );
    await expect(migrate(url, SERVICE_ROLE)).rejects.toThrow(
      `let the owner of the schema run in this database: GRANT USAGE ON SCHEMA closed TO "${SERVICE_ROLE}";`,
    );
  });
});
