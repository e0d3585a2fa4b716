import { chown, mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileLock } from './file-lock.js';
import { DataDirError, type OsUser, requireReach, runAs } from './server-user.js';

/** The superuser; it owns the tables, and the service itself never uses it. */
export const OWNER = 'caseledger';

// What initdb writes, our schema, and the first segments of the log.
const ROOM_BYTES = 150 * 1024 * 1024;

export interface NewCluster {
  readonly dataDir: string;
  readonly pgData: string;
  readonly initdb: string;
  readonly password: string;
  /** Whose it becomes; undefined: of the user of this process. */
  readonly user: OsUser | undefined;
  /** Nobody else makes one meanwhile, even where this process is killed and initdb goes on. */
  readonly lock: FileLock;
  readonly signal?: AbortSignal;
}

/** Makes an empty cluster, or leaves nothing. @throws DataDirError with the cause; what the signal was aborted with */
export async function createCluster({ dataDir, pgData, initdb, password, user, lock, signal }: NewCluster): Promise<void> {
  // Made beside and renamed: an initdb that was interrupted leaves nothing that looks like a cluster.
  const draft = `${pgData}.new`;
  const passwordFile = join(dataDir, 'postgres.initdb');
  await rm(draft, { recursive: true, force: true });
  await requireRoom(dataDir);
  await mkdir(draft, { mode: 0o700 });
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) {
      await chown(draft, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
      await requireReach(user, dataDir, draft, initdb);
    }
    const args = [
      '-D',
      draft,
      '-U',
      OWNER,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--no-instructions',
    ];
    const { status, output } = await runAs({ user, cwd: draft, command: initdb, args, inherits: lock.fd, signal });
    if (status !== 0) throw new DataDirError(dataDir, `no database can be made in it: ${causeIn(output) ?? `initdb ended (${status})`}`);
    await rename(draft, pgData);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function requireRoom(dataDir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
  if (bavail * bsize < ROOM_BYTES)
    throw new DataDirError(dataDir, `has ${megabytes(bavail * bsize)} MB free, and a new database needs ${megabytes(ROOM_BYTES)} MB`);
}

/** The line that tells why one of PostgreSQL's programs gave up. */
export function causeIn(output: string): string | undefined {
  const lines = output.trim().split('\n').filter(Boolean);
  // Whoever asks while it starts, as its own starter does, is told what is no cause.
  return lines.find(line => /FATAL:(?! +the database system is )|PANIC:|error:/.test(line)) ?? lines.at(-1);
}
