import type { Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import { ANSWERED } from './inbox-timers.js';

/** A stream's later triggers wait behind a failed one of the same process. */
export const NOT_BEHIND_FAILED = `NOT EXISTS (SELECT 1 FROM ledger.process_inbox f
  WHERE f.process = i.process AND f.stream = i.stream AND f.state = 'failed')`;

const FURTHEST = '(SELECT max(position) FROM ledger.processes WHERE name = ANY ($2))';
const isAfter = (furthest: Position | null, end: Position): boolean => furthest !== null && furthest > end;

export type Unanswered = 'pending' | 'failed';

/** As `ProcessInbox.hasWork`. @throws DatabaseUnavailable */
export async function hasWork(database: Queryable, now: string): Promise<boolean> {
  const { rows } = await database.query<{ work: boolean }>({
    name: 'has-work',
    text: `SELECT EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending')
      OR EXISTS (SELECT 1 FROM ledger.process_timers WHERE due_at <= $1::timestamptz) AS work`,
    values: [now],
  });
  return rows[0]?.work === true;
}

/** As `ProcessInbox.settled`. @throws DatabaseUnavailable */
export async function isSettled(
  database: Queryable,
  position: Position,
  processes: readonly string[],
  end: () => Promise<Position>,
  now?: string,
): Promise<boolean> {
  const { rows } = await database.query<{ settled: boolean; furthest: Position | null }>(
    `SELECT (SELECT count(*) FROM ledger.processes WHERE name = ANY ($2) AND position >= $1) = cardinality($2::text[])
       AND NOT EXISTS (SELECT 1 FROM ledger.process_inbox i
         WHERE i.state = 'pending' AND i.position <= $1 AND i.process = ANY ($2) AND ${NOT_BEHIND_FAILED})
       AND NOT EXISTS (SELECT 1 FROM ledger.process_timers t WHERE t.process = ANY ($2) AND t.due_at <= $3::timestamptz
       AND ${ANSWERED}) AS settled,
       ${FURTHEST} AS furthest`,
    [position, processes, now ?? null],
  );
  return rows[0]?.settled === true && !isAfter(rows[0].furthest, await end());
}

/** As `ProcessInbox.unanswered`. @throws DatabaseUnavailable */
export async function unansweredUpTo(
  database: Queryable,
  position: Position,
  processes: readonly string[],
  end: () => Promise<Position>,
): Promise<Unanswered | undefined> {
  const { rows } = await database.query<{ failed: boolean; pending: boolean; furthest: Position | null }>({
    name: 'unanswered',
    text: `SELECT EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'failed' AND position <= $1 AND process = ANY ($2)) AS failed,
        EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending' AND position <= $1 AND process = ANY ($2))
        OR (SELECT count(*) FROM ledger.processes WHERE name = ANY ($2) AND position >= $1) < cardinality($2::text[]) AS pending,
        ${FURTHEST} AS furthest`,
    values: [position, processes],
  });
  if (rows[0]?.failed) return 'failed';
  return rows[0]?.pending === false && !isAfter(rows[0].furthest, await end()) ? undefined : 'pending';
}

/** As `ProcessInbox.triggeredAfter`. @throws DatabaseUnavailable */
export async function isTriggeredAfter(database: Queryable, position: Position, processes: readonly string[]): Promise<boolean> {
  const { rows } = await database.query<{ triggered: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM ledger.processes WHERE name = ANY ($2) AND triggered > $1) AS triggered',
    [position, processes],
  );
  return rows[0]?.triggered === true;
}
