import { spawn } from 'node:child_process';
import { chmod, chown, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** DATA_DIR cannot hold the embedded database; the message is one line that names the setting. */
export class DataDirError extends Error {
  constructor(dataDir: string, reason: string, options?: ErrorOptions) {
    super(`DATA_DIR=${dataDir}: ${reason}`, options);
    this.name = 'DataDirError';
  }
}

export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The user that the server must run as, because PostgreSQL refuses root; undefined: the user of this process. */
export async function serverUser(pgData: string): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'));
  // A cluster that was made by an ordinary user stays that user's.
  const owner = await stat(pgData).then(
    ({ uid }) => uid,
    () => 0,
  );
  const found =
    users.find(([, , uid]) => owner !== 0 && Number(uid) === owner) ??
    users.find(([name]) => name === 'postgres') ??
    users.find(([name]) => name === 'nobody');
  if (!found) throw new Error('running as root needs an OS user named postgres or nobody for the embedded database');
  return { name: found[0]!, uid: Number(found[2]) >>> 0, gid: Number(found[3]) >>> 0 };
}

/**
 * Checks that `user` can enter `pgData` and run `program`.
 * DATA_DIR itself is ours to open, and only to that user's group; what lies above it is not.
 * @throws DataDirError
 */
export async function requireReach(user: OsUser, dataDir: string, pgData: string, program: string): Promise<void> {
  const { uid, gid, mode } = await stat(dataDir);
  const mayEnter = (mode & 0o001) !== 0 || (gid === user.gid && (mode & 0o010) !== 0);
  if (uid === 0 && !mayEnter) {
    await chown(dataDir, uid, user.gid);
    await chmod(dataDir, (mode & 0o7777) | 0o010);
  }
  const who = `the embedded database runs as OS user "${user.name}" here (PostgreSQL refuses root), and that user`;
  const entered = await runAs({ user, cwd: dataDir, command: '/bin/sh', args: ['-c', 'cd -- "$1" && test -w .', 'sh', pgData] });
  if (entered.status !== 0) throw new DataDirError(dataDir, `${who} cannot reach it; choose a place that it may enter`);
  const ran = await runAs({ user, cwd: dataDir, command: '/bin/sh', args: ['-c', 'exec "$1" --version', 'sh', program] });
  if (ran.status !== 0) {
    throw new DataDirError(dataDir, `${who} cannot run the programs in ${dirname(program)}; set DATABASE_URL, or run as an ordinary user`);
  }
}

export interface Run {
  readonly user: OsUser | undefined;
  readonly cwd: string;
  readonly command: string;
  readonly args: readonly string[];
  /** An open file that the program keeps open for as long as it runs. */
  readonly inherits?: number;
  /** Ends the program. */
  readonly signal?: AbortSignal;
}

/** Nothing of our environment that PostgreSQL's programs would obey. */
export const cleanEnvironment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' });

/** Runs a program to its end. @throws what the signal was aborted with, once the program has ended */
export async function runAs({ user, cwd, command, args, inherits, signal }: Run): Promise<{ status: number | null; output: string }> {
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    cwd,
    uid: user?.uid,
    gid: user?.gid,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', ...(inherits === undefined ? [] : [inherits])],
  });
  const end = (): void => void child.kill();
  signal?.addEventListener('abort', end, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', status => (signal?.aborted ? reject(signal.reason as Error) : resolve({ status, output })));
    });
  } finally {
    signal?.removeEventListener('abort', end);
  }
}
