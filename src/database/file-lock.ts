import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';

const RETRY_MS = 25;

/**
 * A lock that the kernel keeps on an open file. It counts between all processes of the machine, in whatever container,
 * belongs to whoever inherits the open file too, and is gone when the last of them has ended, however it ended.
 */
export class FileLock {
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
  ) {}

  /** Opens the file, which stays empty unless noted in; takes no lock yet. */
  static async open(path: string): Promise<FileLock> {
    return new FileLock(await open(path, 'a+', 0o600), path);
  }

  /** Whether anybody has a lock on the file. */
  static async isHeld(path: string): Promise<boolean> {
    const lock = await FileLock.open(path);
    try {
      return !lock.tryAlone();
    } finally {
      await lock.close();
    }
  }

  /** For a child process to inherit. */
  get fd(): number {
    return this.file.fd;
  }

  /** Nobody else has it then. */
  tryAlone(): boolean {
    return this.#try(false);
  }

  /** Nobody has it alone then; instead of the lock that this open has. */
  tryTogether(): boolean {
    return this.#try(true);
  }

  /** @throws Error when somebody has it for longer than `timeoutMs`; what the signal was aborted with */
  async waitAlone(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !this.tryAlone();) {
      if (Date.now() > deadline) throw Object.assign(new Error(`another process holds ${this.path}`), { code: 'EBUSY', path: this.path });
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  /** What the file holds: a word about who has the lock. */
  async noted(): Promise<string> {
    const { size } = await this.file.stat();
    const { buffer } = await this.file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.toString('utf8');
  }

  async note(text: string): Promise<void> {
    await this.file.truncate();
    await this.file.appendFile(text);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  #try(shared: boolean): boolean {
    try {
      return tryLock(this.file.fd, { shared });
    } catch (error) {
      // As with the file system's other faults: what was tried, and with which path.
      throw Object.assign(error as NodeJS.ErrnoException, { syscall: 'lock', path: this.path });
    }
  }
}

/**
 * Runs `work` while no other process of this machine does so with the same file.
 * @throws Error when another takes longer than `timeoutMs`; what the signal was aborted with while it waits
 */
export async function withLock<Result>(
  path: string,
  timeoutMs: number,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const lock = await FileLock.open(path);
  try {
    await lock.waitAlone(timeoutMs, signal);
    return await work();
  } finally {
    await lock.close();
  }
}
