import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where it is, what is here is kept in memory. */
const MEMORY = '/dev/shm';
const ROOM = 4 * 1024 ** 3;

/**
 * A folder of this run of all specs, for all that they make. In memory, where there is room: hundreds of databases are made and
 * dropped, and a file system on a disk looks long for a place for a file where many were deleted a moment ago.
 */
export default function begin() {
  const folder = mkdtempSync(join(process.env.TMPDIR === undefined && hasRoom(MEMORY) ? MEMORY : tmpdir(), 'caseledger-run-'));
  // As a folder for what is temporary is: PostgreSQL refuses to run as root, and is somebody else then.
  chmodSync(folder, 0o1777);
  process.env.SPECS_RUN = folder;
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

function hasRoom(folder) {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM;
}
