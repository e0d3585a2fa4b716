import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { issueLocalToken } from '../../src/http/authentication.js';

/** The job that README shows. */
export const JOB = 'test/support/case-facts-job.mjs';

/** A reporting job that follows the feed of a service, and may be killed and started again. */
export class FactsJob {
  private job?: ChildProcess;

  constructor(private readonly service: { readonly dataDir: string; readonly port: number }) {}

  private get file(): string {
    return join(this.service.dataDir, 'case-facts.ndjson');
  }

  async start(): Promise<void> {
    const config = readConfig({ DATA_DIR: this.service.dataDir });
    const token = await issueLocalToken(config, { sub: 'rep-night', roles: ['reporting'], office: 'ELP', lifetime: 24 * 3_600 });
    const { PATH = '' } = process.env;
    const env = { PATH, SERVICE: `http://127.0.0.1:${this.service.port}`, TOKEN: token, FILE: this.file };
    this.job = spawn(process.execPath, [JOB], { env, stdio: 'ignore' });
  }

  async kill(): Promise<void> {
    const ended = this.job && once(this.job, 'close');
    this.job?.kill('SIGKILL');
    await ended;
    this.job = undefined;
  }

  /** What it has, each fact once, by type; and the most rows that came in one page. A torn line is none. */
  counted(): { readonly facts: Record<string, number>; readonly longestPage: number } {
    const facts = new Map<string, string>();
    let [page, longestPage] = [0, 0];
    for (const line of existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : []) {
      try {
        const { factId, type, next } = JSON.parse(line) as { factId?: string; type: string; next?: string };
        if (factId !== undefined) facts.set(factId, type);
        page = next === undefined ? page + 1 : 0;
        longestPage = Math.max(longestPage, page);
      } catch {
        // Torn, or between two pages: what comes after it is a page of its own.
        page = 0;
      }
    }
    return { facts: inOrder([...facts.values()].map(type => [type, 1] as const)), longestPage };
  }
}

/** The events of all cases, by type, as the store has them. */
export async function recordedFacts(owner: Database): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ type: string; n: number }>(
    "SELECT type, count(*) AS n FROM ledger.events WHERE stream LIKE 'case-%' GROUP BY type",
  );
  return inOrder(rows.map(({ type, n }) => [type, n] as const));
}

function inOrder(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [type, n] of counts.toSorted()) sum[type] = (sum[type] ?? 0) + n;
  return sum;
}
