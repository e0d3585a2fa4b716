import type { Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import { CheckpointMoved } from '../projecting/checkpoints.js';
import type { ProcessCheckpoint, Trigger } from './process-inbox.js';

/** One statement, and so one transaction: no checkpoint moves unless every one stands where it is thought to. */
const RECEIVE = `WITH at AS (SELECT * FROM unnest($1::text[], $2::text[], $4::text[]) AS at(name, position, newest)),
  standing AS (SELECT p.name, at.newest FROM ledger.processes p JOIN at ON p.name = at.name AND p.position = at.position
    ORDER BY p.name FOR UPDATE OF p),
  moved AS (UPDATE ledger.processes p SET position = $3, moved_at = now(), stopped = NULL, triggered = greatest(triggered, standing.newest)
    FROM standing WHERE p.name = standing.name AND (SELECT count(*) FROM standing) = cardinality($1::text[]) RETURNING p.name),
  received AS (INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, urgency)
    SELECT * FROM unnest($5::text[], $6::text[], $7::uuid[], $8::text[], $9::bigint[], $10::text[], $11::smallint[])
    WHERE EXISTS (SELECT 1 FROM moved))
  SELECT count(*) AS moved FROM moved`;

/** @throws CheckpointMoved, and then nothing was received; DatabaseUnavailable */
export async function receive(
  database: Queryable,
  checkpoints: readonly ProcessCheckpoint[],
  triggers: readonly Trigger[],
  position: Position,
): Promise<void> {
  const newest = new Map(triggers.map(trigger => [trigger.process, trigger.position]));
  const { rows } = await database.query<{ moved: number }>({
    name: 'receive-triggers',
    text: RECEIVE,
    values: [
      checkpoints.map(({ name }) => name),
      checkpoints.map(checkpoint => checkpoint.position),
      position,
      checkpoints.map(({ name }) => newest.get(name) ?? ''),
      ...columnsOf(triggers),
    ],
  });
  if (rows[0]?.moved !== checkpoints.length) throw new CheckpointMoved();
}

const columnsOf = (triggers: readonly Trigger[]): readonly unknown[] => [
  triggers.map(({ process }) => process),
  triggers.map(({ position }) => position),
  triggers.map(({ triggerId }) => triggerId),
  triggers.map(({ stream }) => stream),
  triggers.map(({ revision }) => revision),
  triggers.map(({ type }) => type),
  triggers.map(({ urgency }) => urgency),
];
