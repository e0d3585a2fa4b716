import type { Queryable } from '../database/database.js';
import { toInstant } from '../fields/time.js';

/** Before that, a timer does not run down: an interrupted trigger cannot set it a second time. */
export const ANSWERED = `NOT EXISTS (SELECT 1 FROM ledger.process_inbox w
  WHERE w.process = t.process AND w.position = t.position AND w.state <> 'done')`;

/** Makes triggers of the timers that are due by then; how many. @throws DatabaseUnavailable */
export async function fireTimers(database: Queryable, now: string): Promise<number> {
  const { rowCount } = await database.query({
    name: 'fire-timers',
    text: `WITH run_down AS (SELECT process, position, timer FROM ledger.process_timers t WHERE due_at <= $1::timestamptz AND ${ANSWERED}
        ORDER BY process, position, timer FOR UPDATE),
      due AS (DELETE FROM ledger.process_timers t USING run_down AS r
        WHERE t.process = r.process AND t.position = r.position AND t.timer = r.timer RETURNING t.*)
      INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, timer, urgency)
      SELECT process, position, trigger_id, stream, revision, type, timer, urgency FROM due ON CONFLICT DO NOTHING`,
    values: [now],
  });
  return rowCount;
}

/** When the next timer is due, if that is not after `until`. RFC 3339 UTC. @throws DatabaseUnavailable */
export async function nextDue(database: Queryable, until: string): Promise<string | undefined> {
  const { rows } = await database.query<{ due: number | null }>(
    `SELECT (extract(epoch FROM due_at) * 1000)::bigint AS due FROM ledger.process_timers t
     WHERE due_at <= $1::timestamptz AND ${ANSWERED} ORDER BY due_at LIMIT 1`,
    [until],
  );
  const due = rows[0]?.due ?? null;
  return due === null ? undefined : toInstant(due);
}
