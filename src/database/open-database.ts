import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.js';
import { Database, type DatabaseOptions } from './database.js';
import { requireUsable } from './database-requirements.js';
import { EmbeddedPostgres, SERVICE_ROLE } from './embedded-postgres.js';
import { migrate } from './migrate.js';
import { refuseHalfRestored } from './half-restored.js';
import { requireCluster, requireLedger } from './ledger-there.js';

/** A migrated database, and the embedded server under it where there is one. */
export interface OpenDatabase {
  readonly database: Database;
  /** Lets the role that owns the tables work there. */
  readonly owner: <Result>(options: Partial<DatabaseOptions>, work: (database: Database) => Promise<Result>) => Promise<Result>;
  /** Closes the pool, then leaves the embedded server. */
  readonly close: () => Promise<void>;
}

export interface Opening {
  /** Lines for the operator. */
  readonly log?: (line: string) => void;
  /** Ends an opening that has not ended yet. */
  readonly signal?: AbortSignal;
  /** Opens also a database in which a restore was not finished. */
  readonly restores?: boolean;
}

const POOL_CLOSES_WITHIN_MS = 2_000;

/**
 * The database that the settings name, else the embedded one under DATA_DIR; brought forward to this version.
 * @throws ConfigError, also where nothing may be begun and there is no ledger; DataDirError, NewerDatabase, MissingExtensions,
 * HalfRestored, DatabaseUnavailable; what the signal was aborted with
 */
export async function openDatabase(
  config: Config,
  options: Omit<DatabaseOptions, 'url'>,
  { log, signal, restores = false }: Opening = {},
): Promise<OpenDatabase> {
  const { databaseUrl, migrationDatabaseUrl = databaseUrl, begins = true } = config;
  if (databaseUrl !== undefined && migrationDatabaseUrl !== undefined) {
    const role = await requireUsable(databaseUrl, 'DATABASE_URL');
    if (migrationDatabaseUrl !== databaseUrl) await requireUsable(migrationDatabaseUrl, 'MIGRATION_DATABASE_URL');
    if (!begins) await requireLedger(databaseUrl, 'DATABASE_URL leads to a database');
    await migrate(migrationDatabaseUrl, role, { signal });
    if (!restores) await refuseHalfRestored(databaseUrl);
    const database = Database.open({ url: databaseUrl, ...options });
    return { database, owner: asOwner(migrationDatabaseUrl, options), close: once(() => database.close()) };
  }
  if (!begins) requireCluster(config.dataDir);
  const embedded = await EmbeddedPostgres.open(config.dataDir, { log, signal });
  try {
    if (!begins) await requireLedger(embedded.ownerUrl, `DATA_DIR: ${config.dataDir} holds a database`);
    await migrate(embedded.ownerUrl, SERVICE_ROLE, { signal });
    if (!restores) await refuseHalfRestored(embedded.serviceUrl);
  } catch (error) {
    await embedded.close();
    throw error;
  }
  const database = Database.open({ url: embedded.serviceUrl, ...options });
  return {
    database,
    owner: asOwner(embedded.ownerUrl, options),
    close: once(async () => {
      // A connection that somebody does not give back must not keep the server running.
      await Promise.race([database.close(), sleep(POOL_CLOSES_WITHIN_MS, undefined, { ref: false })]);
      await embedded.close();
    }),
  };
}

const asOwner =
  (url: string, options: Omit<DatabaseOptions, 'url'>): OpenDatabase['owner'] =>
  async (more, work) => {
    const database = Database.open({ ...options, max: 1, ...more, url });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
