import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Database } from './database.js';
import { FileLock, withLock } from './file-lock.js';
import { ensureServiceRole } from './migrate.js';
import { OWNER } from './new-cluster.js';
import { placeOfProcess } from './os-process.js';
import { GIVE_UP_TIMEOUT_MS, PostgresServer, type RunningServer } from './postgres-server.js';
import { urlAt } from './server-address.js';
import { DataDirError } from './server-user.js';

/** What the service connects as: it may append events, and owns nothing of the event store. */
export const SERVICE_ROLE = 'caseledger_service';
const DATABASE = 'caseledger';

const LOCK_TIMEOUT_MS = 150_000;
const WATCH_EVERY_MS = 250;
const RESTART_PAUSE_MS = 1_000;

export interface EmbeddedPostgresOptions {
  /** Lines for the operator: a server that died and was started again. */
  readonly log?: (line: string) => void;
  /** Server settings besides our own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Ends an opening that has not ended yet. */
  readonly signal?: AbortSignal;
}

interface Passwords {
  readonly owner: string;
  readonly service: string;
}

/**
 * The PostgreSQL server under DATA_DIR, shared by the processes that use it: the first starts it, others adopt it,
 * and the last one that leaves stops it. One left by a killed process is adopted; one that dies is started again.
 * Processes of another container, which could not see it, are refused for as long as it or its users live.
 */
export class EmbeddedPostgres {
  #watch: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;
  readonly #closing = new AbortController();

  private constructor(
    private readonly dataDir: string,
    private readonly server: PostgresServer,
    private readonly passwords: Passwords,
    private readonly options: EmbeddedPostgresOptions,
    private readonly users: FileLock,
    private running: RunningServer,
    /** Whether this call started the server; false when it was adopted. */
    readonly startedHere: boolean,
  ) {}

  /**
   * From here on this process knows no `PG…` variables: they are the shell's, and meant for other servers.
   * @throws DataDirError when DATA_DIR cannot hold it; what the signal was aborted with
   */
  static async open(directory: string, options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
    for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name];
    const dataDir = await prepare(directory);
    const { settings = {}, signal } = options;
    return withLock(
      lockOf(dataDir),
      LOCK_TIMEOUT_MS,
      async () => {
        const passwords = await passwordsIn(dataDir);
        const server = await PostgresServer.at(dataDir, passwords.owner, settings);
        const users = await enter(dataDir, server);
        try {
          const found = await server.find(signal);
          const running = found ?? (await server.start({ signal }));
          await prepareDatabase(running, passwords);
          signal?.throwIfAborted();
          const embedded = new EmbeddedPostgres(dataDir, server, passwords, options, users, running, found === undefined);
          embedded.#watchOver();
          return embedded;
        } catch (error) {
          if (users.tryAlone()) await server.stop(GIVE_UP_TIMEOUT_MS);
          await users.close();
          throw error;
        }
      },
      signal,
    ).catch((error: unknown) => Promise.reject(nameDataDir(dataDir, error)));
  }

  /** For migrations: the role that owns the tables. */
  get ownerUrl(): string {
    return urlAt(this.running, OWNER, this.passwords.owner, DATABASE);
  }

  /** For the service. */
  get serviceUrl(): string {
    return urlAt(this.running, SERVICE_ROLE, this.passwords.service, DATABASE);
  }

  /** The server's process; another one after it died and was started again. */
  get pid(): number {
    return this.running.pid;
  }

  /** Leaves the server; stops it when no other process uses it. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearTimeout(this.#watch);
    await this.#restarting;
    await withLock(lockOf(this.dataDir), LOCK_TIMEOUT_MS, async () => {
      if (this.users.tryAlone()) await this.server.stop();
      await this.users.close();
    });
  }

  #watchOver(afterMs = WATCH_EVERY_MS): void {
    this.#watch = setTimeout(() => {
      this.#restarting = this.#look();
    }, afterMs).unref();
  }

  async #look(): Promise<void> {
    const nextMs = await this.#restartIfDead();
    if (!this.#closing.signal.aborted) this.#watchOver(nextMs);
  }

  /** Resolves with the milliseconds until the next look. */
  async #restartIfDead(): Promise<number> {
    if (this.server.isAlive(this.running.pid)) return WATCH_EVERY_MS;
    const { signal } = this.#closing;
    try {
      await withLock(
        lockOf(this.dataDir),
        LOCK_TIMEOUT_MS,
        async () => {
          // Where the pools of all processes that use it look for it; an older version had started it without the socket.
          const { port, socket } = this.running;
          const found = await this.server.find(signal);
          const isThere = found !== undefined && (found.socket === socket || socket === undefined);
          if (found && !isThere) await this.server.stop();
          this.running = isThere ? found : await this.server.start({ port, signal });
        },
        signal,
      );
      this.options.log?.('the embedded PostgreSQL had died and runs again');
      return WATCH_EVERY_MS;
    } catch (error) {
      if (!signal.aborted) this.options.log?.(`the embedded PostgreSQL died and does not start: ${(error as Error).message}`);
      return RESTART_PAUSE_MS;
    }
  }
}

const lockOf = (dataDir: string): string => join(dataDir, 'postgres-start.lock');

/**
 * Counts this process among the users, who have a lock together: whoever gets it alone is the only one.
 * @throws DataDirError when the server or its users are where this process could not see the server
 */
async function enter(dataDir: string, server: PostgresServer): Promise<FileLock> {
  const users = await FileLock.open(join(dataDir, 'postgres-users.lock'));
  try {
    const here = placeOfProcess();
    const unused = users.tryAlone() && !(await server.mayRun());
    if (unused) await users.note(here);
    else if ((await users.noted()) !== here) {
      throw new DataDirError(
        dataDir,
        'is in use by a service in another container or on another machine; stop that one, or give this one a DATA_DIR or ' +
          'DATABASE_URL of its own',
      );
    }
    users.tryTogether();
    return users;
  } catch (error) {
    await users.close();
    throw error;
  }
}

/** Makes DATA_DIR, and finds out at once when it cannot be written. Resolves with its real path, as the server reports it. */
async function prepare(directory: string): Promise<string> {
  const dataDir = resolve(directory);
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(dataDir, 0o700);
    if (!(await stat(dataDir)).isDirectory()) throw new DataDirError(dataDir, 'is not a directory');
    return await realpath(dataDir);
  } catch (error) {
    throw nameDataDir(dataDir, error);
  }
}

function nameDataDir(dataDir: string, error: unknown): unknown {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof DataDirError || code === undefined || path === undefined || !path.startsWith(dataDir)) return error;
  if (code === 'EEXIST' || code === 'ENOTDIR') return new DataDirError(dataDir, 'is not a directory', { cause: error });
  if (code === 'EBUSY')
    return new DataDirError(dataDir, 'another process has been starting or stopping its PostgreSQL for too long', { cause: error });
  if (syscall === 'lock') return new DataDirError(dataDir, `its file system keeps no locks (${code})`, { cause: error });
  return new DataDirError(dataDir, `cannot be written (${code})`, { cause: error });
}

async function passwordsIn(dataDir: string): Promise<Passwords> {
  const file = join(dataDir, 'postgres-passwords.json');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return JSON.parse(kept) as Passwords;
  if (
    await stat(join(dataDir, 'postgres')).then(
      () => true,
      () => false,
    )
  ) {
    throw new DataDirError(dataDir, 'holds a database, but postgres-passwords.json is gone; put it back');
  }
  const passwords = { owner: randomBytes(24).toString('hex'), service: randomBytes(24).toString('hex') };
  await writeFile(`${file}.new`, JSON.stringify(passwords), { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return passwords;
}

async function prepareDatabase(running: RunningServer, passwords: Passwords): Promise<void> {
  const owner = Database.open({ url: urlAt(running, OWNER, passwords.owner, 'postgres'), applicationName: 'caseledger-start', max: 1 });
  try {
    const { rows } = await owner.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rows.length === 0) await owner.query(`CREATE DATABASE ${DATABASE}`);
    await ensureServiceRole(owner, SERVICE_ROLE, passwords.service);
  } finally {
    await owner.close();
  }
}
