import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 25;

/** A text that no other process has, now or after a restart of the machine; undefined when the process is not alive. */
export function identityOf(pid: number): string | undefined {
  return process.platform === 'linux' ? identityOnLinux(pid) : identityElsewhere(pid);
}

/** Whether the process with this identity still runs. */
export function isAlive(identity: string): boolean {
  const pid = Number.parseInt(identity, 10);
  return pid > 0 && identityOf(pid) === identity;
}

/** The process's command line; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

// The pid alone is not enough: in a container the service is pid 1 each time. A zombie counts as dead.
function identityOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${pid} ${fields[19]} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}

function identityElsewhere(pid: number): string | undefined {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state && !state.startsWith('Z') ? `${pid} ${started.join(' ')}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while no other process does so under the same directory; a holder that was killed is passed over.
 * Waits up to `timeoutMs` for a living one, then throws.
 */
export async function withLock<Result>(directory: string, timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const held = await acquire(directory, Date.now() + timeoutMs);
  try {
    return await work();
  } finally {
    await writeFile(held, '');
  }
}

// The newest number is the lock; it is taken by making the next one, and never removed before a newer one is there.
// So two processes that find the same dead holder cannot both win, whatever they remove.
async function acquire(directory: string, deadline: number): Promise<string> {
  for (;;) {
    const newest = await newestIn(directory);
    if (newest === 0 || (await isFree(join(directory, String(newest))))) {
      const mine = join(directory, String(newest + 1));
      if ((await create(directory, mine)) && (await newestIn(directory)) === newest + 1) {
        await removeOlder(directory, newest + 1);
        return mine;
      }
    }
    if (Date.now() > deadline) throw new Error(`another process holds ${directory}`);
    await sleep(RETRY_MS);
  }
}

async function newestIn(directory: string): Promise<number> {
  return Math.max(0, ...(await readdir(directory)).filter((name) => /^\d+$/.test(name)).map(Number));
}

async function isFree(file: string): Promise<boolean> {
  const holder = await readFile(file, 'utf8').catch(() => undefined);
  return holder !== undefined && !isAlive(holder);
}

// Linked into place whole: a lock file is never seen before it names its holder.
async function create(directory: string, file: string): Promise<boolean> {
  const draft = join(directory, `.${randomUUID()}`);
  await writeFile(draft, identityOf(process.pid) ?? '', { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeOlder(directory: string, than: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d+$/.test(name) && Number(name) < than) await rm(join(directory, name), { force: true });
  }
}

/** Who uses something that is shared by processes; those that were killed no longer count. */
export class Users {
  constructor(private readonly directory: string) {}

  /** Resolves with the entry that `leave` takes. */
  async enter(): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const entry = join(this.directory, randomUUID());
    await writeFile(entry, identityOf(process.pid) ?? '', { mode: 0o600 });
    return entry;
  }

  async leave(entry: string): Promise<void> {
    await rm(entry, { force: true });
  }

  /** Removes the entries of processes that died, then counts the rest. */
  async count(): Promise<number> {
    let living = 0;
    for (const name of await readdir(this.directory).catch(() => [])) {
      const entry = join(this.directory, name);
      if (isAlive(await readFile(entry, 'utf8').catch(() => ''))) living += 1;
      else await rm(entry, { force: true });
    }
    return living;
  }
}
