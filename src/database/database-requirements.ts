import { ConfigError } from '../config-error.js';
import { DatabaseUnavailable } from './database-unavailable.js';
import { Database, type Queryable } from './database.js';

const OLDEST_VERSION = 15;
const PATIENCE_MS = 5_000;
// Somebody else may come between in one; hardly in all.
const ROUNDS = 20;

interface Found {
  readonly role: string;
  readonly version: string;
  readonly encoding: string;
  readonly timeout: string;
  readonly pid: number;
}

/**
 * Whether the database at `url` can hold the ledger. Resolves with the role that it is opened as.
 * @param variable the setting that names it
 * @throws ConfigError that names the setting; DatabaseUnavailable
 */
export async function requireUsable(url: string, variable: string): Promise<string> {
  const refuse = (reason: string): never => {
    throw new ConfigError([`${variable} ${reason}`]);
  };
  const database = Database.open({ url, applicationName: 'caseledger-start', statementTimeoutMs: PATIENCE_MS });
  const session = await database
    .session(() => undefined)
    .catch((error: Error) =>
      /startup parameter/.test(error.message)
        ? refuse(`leads through a connection pooler that says "${error.message}": name the PostgreSQL server itself`)
        : Promise.reject(error),
    );
  try {
    const {
      rows: [found],
    } = await session.query<Found>(`
      SELECT current_user AS role, current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
             current_setting('statement_timeout') AS timeout, pg_backend_pid() AS pid`);
    if (found === undefined) return refuse('leads to no PostgreSQL');
    if (Number.parseInt(found.version, 10) < OLDEST_VERSION)
      refuse(`leads to PostgreSQL ${found.version}; it must be ${OLDEST_VERSION} or newer`);
    if (found.encoding !== 'UTF8') refuse(`names a database with the encoding ${found.encoding}; it must be UTF8`);
    // A pooler makes up the number by which a connection is greeted.
    if (session.greetedAs !== found.pid && (await sharesSessions(database))) {
      refuse(
        'leads through a connection pooler in transaction mode, which breaks the locks of a session: name the PostgreSQL server ' +
          'itself, or pool sessions',
      );
    }
    if (found.timeout === '0')
      refuse(
        'leads through a connection pooler that drops statement_timeout, lock_timeout and the others: give them to the role (ALTER ' +
          'ROLE … SET)',
      );
    return found.role;
  } finally {
    await session.close();
    await database.close();
  }
}

/** Whether what a session does next may run on another connection of the server, while somebody else uses the one before. */
async function sharesSessions(database: Database): Promise<boolean> {
  const sessions = [await database.session(() => undefined), await database.session(() => undefined)] as const;
  const [ours, other] = sessions;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const before = await pidOf(ours);
      await other.query('BEGIN');
      await pidOf(other);
      const after = await pidOf(ours);
      await other.query('ROLLBACK');
      if (after !== before) return true;
    }
    return false;
  } catch (error) {
    // No transaction allowed, or none of its connections is left for us meanwhile.
    if (error instanceof DatabaseUnavailable) return true;
    throw error;
  } finally {
    for (const session of sessions) await session.close();
  }
}

async function pidOf(session: Queryable): Promise<number | undefined> {
  return (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
}
