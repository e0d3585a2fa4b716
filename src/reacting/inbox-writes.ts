import type { Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import type { Trigger } from './process-inbox.js';

export interface Noted {
  readonly process: string;
  readonly list: string;
  readonly item: string;
  /** Of the trigger. */
  readonly position: Position;
}

export interface NewTimer {
  readonly trigger: Trigger;
  readonly timer: string;
  readonly dueAt: string;
}

/** What each who shared a statement is told. */
export const nothing = (): void => undefined;

/** One statement for all that was noted at a time. @throws DatabaseUnavailable */
export async function noteAll(database: Queryable, noted: readonly Noted[]): Promise<() => void> {
  await database.query({
    name: 'process-notes',
    text: `INSERT INTO ledger.process_lists AS l (process, list, item, since)
      SELECT process, list, item, max(since) FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n(process, list, item, since)
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (process, list, item) DO UPDATE SET since = excluded.since WHERE l.since < excluded.since`,
    values: columnsOf(noted),
  });
  return nothing;
}

/** @throws DatabaseUnavailable */
export async function forgetAll(database: Queryable, noted: readonly Noted[]): Promise<() => void> {
  await database.query({
    name: 'process-forget-all',
    text: `WITH forgotten AS (SELECT process, list, item FROM ledger.process_lists l
        JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n(process, list, item, until) USING (process, list, item)
        WHERE l.since <= n.until ORDER BY process, list, item FOR UPDATE OF l)
      DELETE FROM ledger.process_lists l USING forgotten AS f WHERE l.process = f.process AND l.list = f.list AND l.item = f.item`,
    values: columnsOf(noted),
  });
  return nothing;
}

/** Sets those whose trigger is still being answered. @throws DatabaseUnavailable */
export async function setTimers(database: Queryable, timers: readonly NewTimer[]): Promise<() => void> {
  await database.query({
    name: 'set-timers',
    text: `INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at, urgency)
      SELECT n.process, n.position, n.timer, n.trigger_id, n.stream, n.revision, n.type, n.due_at, n.urgency
      FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[],
        $6::bigint[], $7::text[], $8::timestamptz[], $9::smallint[], $10::text[])
        AS n(process, position, timer, trigger_id, stream, revision, type, due_at, urgency, answering)
        ORDER BY process, position, answering, timer) AS n
      CROSS JOIN LATERAL (SELECT 1 FROM ledger.process_inbox i
        WHERE i.process = n.process AND i.position = n.position AND i.timer = n.answering FOR SHARE) AS answering
      ON CONFLICT DO NOTHING`,
    values: [
      timers.map(({ trigger }) => trigger.process),
      timers.map(({ trigger }) => trigger.position),
      timers.map(({ timer }) => timer),
      timers.map(({ trigger }) => trigger.triggerId),
      timers.map(({ trigger }) => trigger.stream),
      timers.map(({ trigger }) => trigger.revision),
      timers.map(({ trigger }) => trigger.type),
      timers.map(({ dueAt }) => dueAt),
      timers.map(({ trigger }) => trigger.urgency),
      timers.map(({ trigger }) => trigger.timer),
    ],
  });
  return nothing;
}

const columnsOf = (noted: readonly Noted[]): readonly string[][] => [
  noted.map(({ process }) => process),
  noted.map(({ list }) => list),
  noted.map(({ item }) => item),
  noted.map(({ position }) => position),
];
