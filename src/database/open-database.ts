import type { Config } from '../config.js';
import { Database, type DatabaseOptions } from './database.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { migrate } from './migrate.js';

/** A migrated database, and the embedded server under it where there is one. */
export interface OpenDatabase {
  readonly database: Database;
  /** Lets the role that owns the tables work there. */
  readonly owner: <Result>(options: Partial<DatabaseOptions>, work: (database: Database) => Promise<Result>) => Promise<Result>;
  /** Closes the pool, then leaves the embedded server. */
  readonly close: () => Promise<void>;
}

/**
 * The database that the settings name, else the embedded one under DATA_DIR; brought forward to this version.
 * @throws DataDirError, NewerDatabase, DatabaseUnavailable
 */
export async function openDatabase(config: Config, options: Omit<DatabaseOptions, 'url'>, log?: (line: string) => void): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) {
    await migrate(config.migrationDatabaseUrl ?? config.databaseUrl, await roleOf(config.databaseUrl));
    const database = Database.open({ url: config.databaseUrl, ...options });
    return { database, owner: asOwner(config.migrationDatabaseUrl ?? config.databaseUrl, options), close: () => database.close() };
  }
  const embedded = await EmbeddedPostgres.open(config.dataDir, { log });
  try {
    await migrate(embedded.ownerUrl, await roleOf(embedded.serviceUrl));
  } catch (error) {
    await embedded.close();
    throw error;
  }
  const database = Database.open({ url: embedded.serviceUrl, ...options });
  return {
    database,
    owner: asOwner(embedded.ownerUrl, options),
    close: async () => {
      await database.close();
      await embedded.close();
    },
  };
}

const asOwner = (url: string, options: Omit<DatabaseOptions, 'url'>): OpenDatabase['owner'] => async (more, work) => {
  const database = Database.open({ ...options, max: 1, ...more, url });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
};

async function roleOf(url: string): Promise<string> {
  const database = Database.open({ url, applicationName: 'caseledger', max: 1 });
  try {
    const { rows } = await database.query<{ role: string }>('SELECT current_user AS role');
    return rows[0]?.role ?? '';
  } finally {
    await database.close();
  }
}
