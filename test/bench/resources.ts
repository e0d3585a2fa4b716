import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run has taken, given back in the opposite order, also when it is interrupted. */
export class Resources {
  private readonly taken: (() => Promise<void> | void)[] = [];

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.giveBack().finally(() => process.exit(130)));
    }
  }

  add(giveBack: () => Promise<void> | void): void {
    this.taken.push(giveBack);
  }

  /** A folder that the embedded database's own user may reach too. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'caseledger-bench-'));
    chmodSync(folder, 0o755);
    this.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    return folder;
  }

  async giveBack(): Promise<void> {
    for (let next = this.taken.pop(); next; next = this.taken.pop()) {
      try {
        await next();
      } catch (error) {
        process.stderr.write(`${(error as Error).message}\n`);
      }
    }
  }
}
