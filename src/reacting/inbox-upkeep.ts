import type { Queryable } from '../database/database.js';
import { urgencyOf, type Process, type Urgency } from './process.js';

const PRUNED_AT_A_TIME = 5_000;

/** What waits since another version has received it becomes as urgent as this one says. @throws DatabaseUnavailable */
export async function rank(database: Queryable, processes: readonly Process[]): Promise<void> {
  for (const table of ['ledger.process_inbox', 'ledger.process_timers']) {
    const { rows } = await database.query<{ process: string; category: string; urgency: Urgency }>(
      `SELECT DISTINCT process, split_part(stream, '-', 1) AS category, urgency FROM ${table}`,
    );
    for (const { process, category, urgency } of rows) {
      const known = processes.find(({ name }) => name === process);
      const due = known && urgencyOf(known, category);
      if (due === undefined || due === urgency) continue;
      await database.query(
        `WITH these AS (SELECT process, position, timer FROM ${table}
           WHERE process = $1 AND split_part(stream, '-', 1) = $2 AND urgency <> $3 ORDER BY process, position, timer FOR NO KEY UPDATE)
         UPDATE ${table} t SET urgency = $3 FROM these AS s
         WHERE t.process = s.process AND t.position = s.position AND t.timer = s.timer`,
        [process, category, due],
      );
    }
  }
}

/**
 * Removes what an earlier version has kept after it was answered, some rows at a time, so that nobody waits for it.
 * Resolves at the end, or when the signal aborts. @throws DatabaseUnavailable
 */
export async function prune(database: Queryable, signal: AbortSignal): Promise<void> {
  let last: readonly string[] = ['', '', ''];
  while (!signal.aborted) {
    const {
      rows: [row],
    } = await database.query<{ process: string; position: string; timer: string }>(
      `WITH looked_at AS (SELECT process, position, timer, state FROM ledger.process_inbox
         WHERE (process, position, timer) > ($1, $2, $3) ORDER BY process, position, timer LIMIT ${PRUNED_AT_A_TIME}),
       gone AS (DELETE FROM ledger.process_inbox i USING looked_at AS l
         WHERE l.state = 'done' AND i.process = l.process AND i.position = l.position AND i.timer = l.timer AND i.state = 'done')
       SELECT process, position, timer FROM looked_at ORDER BY process DESC, position DESC, timer DESC LIMIT 1`,
      last,
    );
    if (!row) return;
    last = [row.process, row.position, row.timer];
  }
}
