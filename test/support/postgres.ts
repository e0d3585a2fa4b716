import { createHash, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

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

/** A fresh database of its own for one spec file; migrated unless told otherwise. */
export async function startTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = await EmbeddedPostgres.open(CLUSTER);
  const admin = Database.open({ url: server.ownerUrl, applicationName: 'specs', max: 1 });
  if (server.startedHere) await dropLeftovers(admin);
  const name = `${PREFIX}${process.pid}_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const ownerUrl = inDatabase(server.ownerUrl, name);
  if (migrated) await migrate(ownerUrl, SERVICE_ROLE);
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

/** Databases of spec files that were killed. */
async function dropLeftovers(admin: Database): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname LIKE $1', [`${PREFIX}%`]);
  for (const { name } of rows) {
    if (!isRunning(Number(name.split('_')[1]))) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
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
