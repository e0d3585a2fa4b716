import { createHash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { migrations } from '../../src/database/migrations/all.js';

export interface TestDatabase {
  /** The role that owns the tables. */
  readonly ownerUrl: string;
  /** The service's role, with no more rights than the service has. */
  readonly url: string;
  /** Drops the database; the last user of the server stops it. */
  readonly stop: () => Promise<void>;
}

// One cluster per checkout, kept between runs: it is started where it does not run, and shared by the spec files.
const CLUSTER = join(
  tmpdir(),
  `caseledger-specs-${process.getuid?.() ?? 0}-${createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12)}`,
);
const PREFIX = 'spec_';
/** Migrated once, and copied for each spec file. */
const TEMPLATE = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12)}`;
/** Any fixed number: spec files that start together wait here for the one that makes the template. */
const TEMPLATE_LOCK = 7_262_101;
// Nothing here need outlive the machine; a server that is killed keeps what the system's cache has. A service takes up to 17
// connections, and files side by side run three of them each.
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '400' };

/** A fresh database of its own for one spec file; migrated unless told otherwise. */
export async function startTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = await EmbeddedPostgres.open(CLUSTER, { settings: SETTINGS });
  const admin = Database.open({ url: server.ownerUrl, applicationName: 'specs', max: 1 });
  if (server.startedHere) await dropLeftovers(admin);
  const name = `${PREFIX}${process.pid}_${randomUUID().replaceAll('-', '')}`;
  const ownerUrl = inDatabase(server.ownerUrl, name);
  if (migrated) await copyTemplate(admin, name, server.ownerUrl);
  else await admin.query(`CREATE DATABASE ${name}`);
  return {
    ownerUrl,
    url: inDatabase(server.serviceUrl, name),
    stop: async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.close();
      await server.close();
    },
  };
}

async function copyTemplate(admin: Database, name: string, serverUrl: string): Promise<void> {
  await admin.query(`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`);
  try {
    const { rows } = await admin.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [TEMPLATE]);
    if (rows.length === 0) {
      await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
      await admin.query(`CREATE DATABASE ${TEMPLATE}`);
      await migrate(inDatabase(serverUrl, TEMPLATE), SERVICE_ROLE);
      await admin.query(`ALTER DATABASE ${TEMPLATE} IS_TEMPLATE true`);
    }
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  } finally {
    await admin.query(`SELECT pg_advisory_unlock(${TEMPLATE_LOCK})`);
  }
  const url = inDatabase(serverUrl, name);
  // Rights on the database itself are not copied; and each is a store of its own.
  await migrate(url, SERVICE_ROLE);
  const owner = Database.open({ url, applicationName: 'specs', max: 1 });
  await owner.query('UPDATE ledger.store SET store_id = gen_random_uuid()');
  await owner.close();
}

/** Databases of spec files that were killed, and templates of other migrations. */
async function dropLeftovers(admin: Database): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname LIKE $1', [`${PREFIX}%`]);
  for (const { name } of rows) {
    if (!isRunning(Number(name.split('_')[1]))) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  const { rows: old } = await admin.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname LIKE 'template\\_%' AND datname <> $1",
    [TEMPLATE],
  );
  for (const { name } of old) {
    await admin.query(`ALTER DATABASE ${name} IS_TEMPLATE false`);
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
