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

// One cluster of a run, or of a checkout where there is no run of all specs: it is started where it does not run, and shared by
// the spec files.
const CLUSTER = join(
  tmpdir(),
  `caseledger-specs-${process.getuid?.() ?? 0}-${createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12)}`,
);
const PREFIX = 'spec_';
/** Migrated once, and copied for each spec file. */
const TEMPLATE = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12)}`;
/** Made anew by each run: the code of read models changes more often than migrations do. */
const WITH_READ_MODELS = `template_of_${createHash('sha256')
  .update(process.env['SPECS_RUN'] ?? String(process.pid))
  .digest('hex')
  .slice(0, 12)}`;
/** Any fixed number: spec files that start together wait here for the one that makes the template. */
const TEMPLATE_LOCK = 7_262_101;
const SETTINGS = {
  // Nothing here need outlive the machine; a server that is killed keeps what the system's cache has.
  fsync: 'off',
  full_page_writes: 'off',
  // A service takes up to 17 connections, and files side by side run three of them each; so passwords are checked thousands of times.
  max_connections: '400',
  scram_iterations: '1',
  // A database here is gone before its tables have grown.
  autovacuum: 'off',
};

interface Wanted {
  readonly migrated?: boolean;
  /** With the tables of all read models, as a service leaves them: made once by this for all spec files, and copied. */
  readonly readModels?: ((at: { readonly url: string; readonly ownerUrl: string }) => Promise<void>) | undefined;
}

/** The server, and a session of who may do everything there. */
interface Served {
  readonly server: EmbeddedPostgres;
  readonly admin: Database;
  /** At the end of the spec file, and not with each of its databases. */
  readonly isKept: boolean;
  readonly close: () => Promise<void>;
}

/** A fresh database of its own for one spec file, or one of its tests; migrated unless told otherwise. */
export async function startTestDatabase({ migrated = true, readModels }: Wanted = {}): Promise<TestDatabase> {
  const { server, admin, isKept, close } = await served();
  const name = `${PREFIX}${process.pid}_${randomUUID().replaceAll('-', '')}`;
  const ownerUrl = inDatabase(server.ownerUrl, name);
  if (migrated) await copyOf(await template(admin, server, readModels), name, admin, server);
  else await admin.query(`CREATE DATABASE ${name}`);
  return {
    ownerUrl,
    url: inDatabase(server.serviceUrl, name),
    stop: async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      if (!isKept) await close();
    },
  };
}

let kept: Promise<Served> | undefined;

/** Many spec files take a database for each test: what opens each of them is kept until the file has ended. */
function served(): Promise<Served> {
  const { afterSpecFile: ends } = globalThis as { afterSpecFile?: (() => Promise<void>)[] };
  if (ends === undefined) return serve(false);
  kept ??= serve(true);
  if (!ends.includes(leave)) ends.push(leave);
  return kept;
}

async function leave(): Promise<void> {
  const leaving = kept;
  kept = undefined;
  await (await leaving)?.close();
}

async function serve(isKept: boolean): Promise<Served> {
  const server = await EmbeddedPostgres.open(CLUSTER, { settings: SETTINGS });
  const admin = asOwner(server.ownerUrl);
  if (server.startedHere) await dropLeftovers(admin);
  const close = async (): Promise<void> => {
    await admin.close();
    await server.close();
  };
  return { server, admin, isKept, close };
}

/** Makes the template that is wanted, where nobody has made it yet. */
async function template(admin: Database, server: EmbeddedPostgres, readModels: Wanted['readModels']): Promise<string> {
  const name = readModels ? WITH_READ_MODELS : TEMPLATE;
  if (await isMade(admin, name)) return name;
  // A session of its own: of one and the same nobody waits for the lock.
  const maker = asOwner(server.ownerUrl);
  await maker.query(`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`);
  try {
    for (const each of readModels ? [TEMPLATE, name] : [TEMPLATE]) {
      if (await isMade(maker, each)) continue;
      await maker.query(`DROP DATABASE IF EXISTS ${each}`);
      await maker.query(`CREATE DATABASE ${each}${each === TEMPLATE ? '' : ` TEMPLATE ${TEMPLATE}`}`);
      const ownerUrl = inDatabase(server.ownerUrl, each);
      await migrate(ownerUrl, SERVICE_ROLE);
      if (each === WITH_READ_MODELS) await readModels?.({ ownerUrl, url: inDatabase(server.serviceUrl, each) });
      await maker.query(`ALTER DATABASE ${each} IS_TEMPLATE true`);
    }
  } finally {
    await maker.close();
  }
  return name;
}

const asOwner = (url: string): Database => Database.open({ url, applicationName: 'specs', max: 1 });

async function isMade(admin: Database, name: string): Promise<boolean> {
  const { rows } = await admin.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [name]);
  return rows.length > 0;
}

async function copyOf(template: string, name: string, admin: Database, server: EmbeddedPostgres): Promise<void> {
  // File by file: every page of it in the log of the server as well, which is what it does unless told, is twice the work.
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  // Rights on the database itself are not copied; and each is a store of its own.
  await admin.query(`GRANT CREATE ON DATABASE ${name} TO ${SERVICE_ROLE}`);
  const owner = asOwner(inDatabase(server.ownerUrl, name));
  await owner.query(
    `WITH its AS (UPDATE ledger.store SET store_id = gen_random_uuid() RETURNING store_id)
     UPDATE ledger.read_models SET store_id = its.store_id FROM its`,
  );
  await owner.close();
}

/** Databases of spec files that were killed, and templates of other migrations. */
async function dropLeftovers(admin: Database): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname LIKE $1', [`${PREFIX}%`]);
  for (const { name } of rows) {
    if (!isRunning(Number(name.split('_')[1]))) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  const { rows: old } = await admin.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname LIKE 'template\\_%' AND datname <> ALL ($1)",
    [[TEMPLATE, WITH_READ_MODELS]],
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

/** The same database by host and port alone: for what stands between it and its clients. */
export function overTcp(url: string): URL {
  const changed = new URL(url);
  changed.searchParams.delete('host');
  return changed;
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
