import type { Position, StoredEvent, StreamedEvent, StreamPlace } from '../event-store.js';
import { COLUMNS, type EventRow, fromPosition, toEvent, toPosition } from './event-rows.js';

/**
 * The events of the streams that begin in a stretch of positions, none beyond another position, stream after stream; of the first only
 * those after a revision. There is at least an event of each, but maybe of the first: one more than the limit are enough.
 */
const BY_STREAM = {
  name: 'events-by-stream',
  text: `SELECT b.begun, e.* FROM (SELECT stream, position AS begun FROM ledger.events
      WHERE position BETWEEN $1 AND $2 AND revision = 0 ORDER BY position LIMIT $5 + 1) AS b
    CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM ledger.events
      WHERE stream = b.stream AND revision > CASE WHEN b.begun = $1 THEN $4::bigint ELSE -1 END AND position <= $3
      ORDER BY revision) AS e
    ORDER BY b.begun, e.revision LIMIT $5`,
};

/** Events that one statement looks at for beginnings: however few streams begin, none runs for long. */
const STRETCH = 50_000;

type Read = (statement: typeof BY_STREAM, values: readonly unknown[]) => Promise<readonly (EventRow & { readonly begun: number })[]>;

/** @param limitAfter how many events to read next, by what was read last */
export async function* readByStream(
  read: Read,
  { upTo, after }: { readonly upTo: Position; readonly after?: StreamPlace },
  limitAfter: (events: readonly StoredEvent[]) => number,
): AsyncGenerator<readonly StreamedEvent[]> {
  const end = fromPosition(upTo);
  let begun = after ? fromPosition(after.begun) : 0;
  let revision = after?.revision ?? -1;
  let limit = limitAfter([]);
  while (begun <= end) {
    const stretchEnd = Math.min(begun + STRETCH, end);
    const rows = await read(BY_STREAM, [begun, stretchEnd, end, revision, limit]);
    const events = rows.map((row): StreamedEvent => ({ ...toEvent(row), begun: toPosition(row.begun) }));
    if (events.length > 0) yield events;
    const last = rows.at(-1);
    [begun, revision] = last && rows.length === limit ? [last.begun, last.revision] : [stretchEnd + 1, -1];
    limit = limitAfter(events);
  }
}
