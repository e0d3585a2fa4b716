import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Generations, writerLock } from '../projecting/generations.js';
import { RUNNER_LOCK } from '../reacting/process-runner.js';

/** So long nobody may have the lead, in seconds: another takes over from one that froze or died within 15. */
const NOBODY_S = 20;

/** Whether a process, this or another, keeps the read models and the processes: whoever does holds locks, which all can see. */
@Injectable()
export class FollowersPresence {
  /** By this process's own clock. */
  private lastSeen = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly generations: Generations,
  ) {}

  /** @throws DatabaseUnavailable */
  async seen(): Promise<boolean> {
    const writers = (await this.generations.list()).map(writerLock);
    const { rows } = await this.database.query<{ processes: boolean; models: boolean }>({
      name: 'followers-present',
      text: `WITH held AS (SELECT classid::bigint << 32 | objid::bigint AS lock FROM pg_locks
          WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND mode = 'ExclusiveLock'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        SELECT EXISTS (SELECT 1 FROM held WHERE lock = hashtextextended($1, 0)) AS processes,
          EXISTS (SELECT 1 FROM held JOIN unnest($2::text[]) AS name ON lock = hashtextextended(name, 0)) AS models`,
      values: [RUNNER_LOCK, writers],
    });
    if (rows[0]?.processes && rows[0].models) this.lastSeen = performance.now();
    return performance.now() - this.lastSeen < NOBODY_S * 1_000;
  }
}
