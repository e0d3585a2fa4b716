import type { Queryable } from '../database/database.js';
import { START, type Position } from '../event-store/event-store.js';
import type { Generation } from './generations.js';
import { IS_IN_STREAMS } from './place-in-streams.js';
import type { Change, Projection } from './projection.js';

/** The one event that no fault may hold back: what it erases must not be shown any longer. */
export const ERASURE = 'PersonalDataErased';

/** A generation that a projector of this process keeps in step. */
export interface Member {
  readonly projection: Projection;
  readonly name: string;
  readonly generation: number;
  readonly categories: ReadonlySet<string>;
  readonly storeId: string;
  /** As committed; of a build maybe a place in streams. */
  position: Position;
  readonly building: boolean;
  /** Streams that hold a poison event: what follows in them waits. */
  parked: ReadonlySet<string>;
  parkedVersion: number;
  /** A build whose completion is still to come. */
  unfinished: boolean;
  stopped?: string;
}

/** Another process moved the checkpoint: what was about to be written is there already, or never should be. */
export class CheckpointMoved extends Error {
  constructor() {
    super('the checkpoint was moved by another process');
    this.name = 'CheckpointMoved';
  }
}

/** The generation's place and parked streams as the database has them; undefined where it was dropped. */
export async function loadMember(
  on: Queryable,
  projection: Projection,
  { name, generation }: Pick<Generation, 'name' | 'generation'>,
): Promise<Member | undefined> {
  const { rows } = await on.query<
    Pick<Member, 'position' | 'building' | 'storeId' | 'parkedVersion' | 'unfinished'> & { parked: string[] }
  >(
    `SELECT position, state = 'building' AS building, store_id AS "storeId", parked_version AS "parkedVersion", unfinished, ARRAY(
       SELECT DISTINCT stream FROM ledger.parked_events p WHERE p.read_model = m.name AND p.generation = m.generation) AS parked
     FROM ledger.read_models m WHERE name = $1 AND generation = $2`,
    [name, generation],
  );
  const [row] = rows;
  return row && { projection, name, generation, categories: new Set(projection.categories), ...row, parked: new Set(row.parked) };
}

/**
 * Moves the members' checkpoints, and locks them until the transaction ends. Parked streams are read again where
 * another process applied some meanwhile, and whether a build was completed.
 * @throws CheckpointMoved unless every one stood where this process thinks
 */
export async function moveCheckpoints(tx: Queryable, members: readonly Member[], position: Position): Promise<void> {
  const { rows } = await tx.query<{ name: string; parkedVersion: number; unfinished: boolean }>({
    name: 'move-checkpoints',
    text: `WITH standing AS (SELECT m.name, m.generation FROM ledger.read_models m
        JOIN unnest($1::text[], $2::int[], $3::text[]) AS at(name, generation, position) USING (name, generation, position)
        ORDER BY m.name, m.generation FOR NO KEY UPDATE OF m)
      UPDATE ledger.read_models m SET position = $4, moved_at = now() FROM standing
      WHERE m.name = standing.name AND m.generation = standing.generation
      RETURNING m.name, m.parked_version AS "parkedVersion", m.unfinished`,
    values: [
      members.map(({ name }) => name),
      members.map(({ generation }) => generation),
      members.map(member => member.position),
      position,
    ],
  });
  if (rows.length !== members.length) throw new CheckpointMoved();
  const standing = new Map(rows.map(row => [row.name, row]));
  for (const member of members) {
    member.unfinished = standing.get(member.name)?.unfinished === true;
    if (standing.get(member.name)?.parkedVersion === member.parkedVersion) continue;
    const now = await loadMember(tx, member.projection, member);
    if (!now) throw new CheckpointMoved();
    member.parked = now.parked;
    member.parkedVersion = now.parkedVersion;
  }
}

/** Puts events aside, in order; the first of a stream with what went wrong, the others because they follow it. */
export async function park(tx: Queryable, member: Member, changes: readonly Change[], error: string | null): Promise<void> {
  await tx.query(
    `INSERT INTO ledger.parked_events (read_model, generation, stream, revision, position, event_id, type, error)
     SELECT $1, $2, e.*, $8 FROM unnest($3::text[], $4::bigint[], $5::text[], $6::uuid[], $7::text[]) AS e
     ON CONFLICT DO NOTHING`,
    [
      member.name,
      member.generation,
      changes.map(({ event }) => event.stream),
      changes.map(({ event }) => event.revision),
      changes.map(({ position }) => position),
      changes.map(({ event }) => event.id),
      changes.map(({ event }) => event.type),
      error,
    ],
  );
}

/**
 * SQL: whether the row's checkpoint is no position of the store whose end is that parameter, since all positions of one store are as long
 * as its end. Servers before 25.0 sent such, and it was believed: a follower that stands there hears of nothing.
 */
export const standsNowhere = (head: string): string => `(position <> '' AND NOT ${IS_IN_STREAMS} AND length(position) <> length(${head}))`;

/** One of the store's followers whose checkpoint cannot be, if there is any. */
export async function followerNowhere(
  on: Queryable,
  { id, head }: { readonly id: string; readonly head: Position },
): Promise<string | undefined> {
  if (head === START) return undefined;
  const { rows } = await on.query<{ name: string }>(
    `SELECT name FROM (SELECT name, store_id, position FROM ledger.processes UNION ALL SELECT name, store_id, position
    FROM ledger.read_models) AS followers
     WHERE store_id = $1 AND ${standsNowhere('$2')} LIMIT 1`,
    [id, head],
  );
  return rows[0]?.name;
}
