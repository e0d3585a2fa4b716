import { setTimeout as sleep } from 'node:timers/promises';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { DatabaseUnavailable } from './database-unavailable.js';
import { Database, type Queryable } from './database.js';
import { grantExtensions, haveExtensions } from './extensions.js';
import { migrations as allMigrations } from './migrations/all.js';
import type { Migration } from './migrations/migration.js';

/** The database was made by a newer version of the service; this one would not understand it. */
export class NewerDatabase extends Error {
  constructor(found: number, known: number) {
    super(`the database stands at migration ${found}, this version knows ${known}: it refuses to run; use the newer version`);
    this.name = 'NewerDatabase';
  }
}

// Any fixed number; processes that start together wait here for each other.
const MIGRATION_LOCK = '(1667330917, 2)';
const WAIT_FOR_OTHERS_MS = 120_000;
const ASK_EVERY_MS = 200;
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

export interface Migrating {
  readonly migrations?: readonly Migration[];
  /** Ends it; the step that runs is undone. */
  readonly signal?: AbortSignal;
}

/**
 * Brings the database forward and gives the service's role its rights; does nothing where both are done.
 * `ownerUrl` names the role that owns the tables; `serviceRole` may be the same role, then nothing is granted.
 * Resolves with the versions that were applied.
 * @throws NewerDatabase, MissingExtensions, DatabaseUnavailable; what the signal was aborted with
 */
export async function migrate(
  ownerUrl: string,
  serviceRole: string,
  { migrations = allMigrations, signal }: Migrating = {},
): Promise<number[]> {
  const database = Database.open({
    url: ownerUrl,
    applicationName: 'caseledger-migrate',
    max: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const session = await database.session(() => undefined);
  const end = (): void => void session.close();
  signal?.addEventListener('abort', end, { once: true });
  try {
    await session.query(`SELECT set_config('lock_timeout', '${WAIT_FOR_OTHERS_MS}', false)`);
    await haveTurn(session, signal);
    const applied = await appliedIn(session);
    const [found, known] = [Math.max(0, ...applied), Math.max(0, ...migrations.map(({ version }) => version))];
    if (found > known) throw new NewerDatabase(found, known);
    const missing = migrations.filter(({ version }) => !applied.has(version));
    for (const migration of missing) await apply(session, migration);
    await grant(session, serviceRole, migrations);
    return missing.map(({ version }) => version);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    await session.close();
    await database.close();
  }
}

// Asked again and again: a statement that waited would stay at the server, waiting, when this process is gone.
async function haveTurn(session: Queryable, signal?: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + WAIT_FOR_OTHERS_MS; ; await sleep(ASK_EVERY_MS, undefined, { signal })) {
    const { rows } = await session.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock${MIGRATION_LOCK} AS locked`);
    if (rows[0]?.locked) return;
    if (Date.now() > deadline)
      throw new DatabaseUnavailable(`another process has been migrating the database for ${WAIT_FOR_OTHERS_MS / 1000} s`);
  }
}

/** Makes the login role that the service uses on the embedded server; an existing one keeps its password. */
export async function ensureServiceRole(owner: Queryable, role: string, password: string): Promise<void> {
  const { rows } = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length > 0) return;
  await owner.query(`CREATE ROLE ${escapeIdentifier(role)} LOGIN PASSWORD ${escapeLiteral(password)}`);
}

async function appliedIn(session: Queryable): Promise<ReadonlySet<number>> {
  const { rows: there } = await session.query(`SELECT FROM pg_namespace WHERE nspname = 'ledger'`);
  // A role that may make no schema may own one that was made for it.
  if (there.length === 0) await session.query('CREATE SCHEMA IF NOT EXISTS ledger');
  await session.query(`
    CREATE TABLE IF NOT EXISTS ledger.schema_migrations (
      version int PRIMARY KEY,
      name text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await session.query<{ version: number }>('SELECT version FROM ledger.schema_migrations');
  return new Set(rows.map(({ version }) => version));
}

async function apply(session: Queryable, { version, name, sql, extensions }: Migration): Promise<void> {
  if (extensions) await haveExtensions(session, extensions);
  await inTransaction(session, async () => {
    await session.query(sql);
    await session.query('INSERT INTO ledger.schema_migrations (version, name) VALUES ($1, $2)', [version, name]);
  });
}

async function grant(session: Queryable, serviceRole: string, migrations: readonly Migration[]): Promise<void> {
  const { rows } = await session.query<{ same: boolean; database: string }>(
    'SELECT current_user = $1 AS same, current_database() AS database',
    [serviceRole],
  );
  const { same, database } = rows[0]!;
  if (same) return;
  const role = escapeIdentifier(serviceRole);
  await grantExtensions(
    session,
    serviceRole,
    migrations.flatMap(({ extensions = [] }) => extensions),
  );
  await inTransaction(session, async () => {
    // Each generation of a read model is a schema of its own, which the service makes and drops.
    await session.query(`GRANT CREATE ON DATABASE ${escapeIdentifier(database)} TO ${role}`);
    for (const { grants } of migrations) if (grants) await session.query(grants(role));
  });
}

async function inTransaction(session: Queryable, work: () => Promise<void>): Promise<void> {
  await session.query('BEGIN');
  try {
    await work();
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
