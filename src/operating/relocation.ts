import type { Database, Queryable, Session } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import { followerElsewhere, STORING_LOCK } from '../event-store/followed-store.js';
import { type Generation, Generations, readerLock, schemaOf, writerLock } from '../projecting/generations.js';
import { Leadership } from '../database/leadership.js';
import { IS_IN_STREAMS } from '../projecting/place-in-streams.js';
import { RUNNER_LOCK } from '../reacting/process-runner.js';

const MINUTES_MS = 60_000;
/** Marks what was moved already: the positions of two stores may look alike. */
const MOVED = '~';

/** A service, or another command, uses what is about to be moved. */
export class InUse extends Error {
  constructor(what: string) {
    super(`a service or a command is running on this database (it holds "${what}"): stop it first`);
    this.name = 'InUse';
  }
}

/** Somebody follows a store that is neither the one nor the other. */
export class FollowsAnotherStore extends Error {
  constructor(name: string, storeId: string, instead = 'which is neither of the two') {
    super(`${name} follows the event store ${storeId}, ${instead}`);
    this.name = 'FollowsAnotherStore';
  }
}

/** Takes all that a service on the database holds, until it is closed. @throws InUse, DatabaseUnavailable */
export async function keepServicesAway(database: Database): Promise<Leadership> {
  const leadership = new Leadership(database);
  try {
    const generations = await new Generations(database).list();
    for (const lock of [
      STORING_LOCK,
      RUNNER_LOCK,
      ...generations.flatMap(generation => [writerLock(generation), readerLock(generation)]),
    ]) {
      if (!(await leadership.acquire(lock))) throw new InUse(lock);
    }
    return leadership;
  } catch (error) {
    await leadership.close();
    throw error;
  }
}

export interface Moved {
  readonly readModels: number;
  readonly processes: number;
}

/** Lets all that follows one event store go on with another that holds the same events, as if it had never followed the first. */
export class Relocation {
  private constructor(
    private readonly database: Database,
    private readonly session: Session,
  ) {}

  /** @throws FollowsAnotherStore, DatabaseUnavailable */
  static async begin(database: Database, fromId: string, toId: string): Promise<Relocation> {
    // Many rows in one statement, and a long time in which only the stores are asked.
    const patient = database.sibling({ max: 1, statementTimeoutMs: 30 * MINUTES_MS });
    try {
      const elsewhere = await followerElsewhere(database, [fromId, toId]);
      if (elsewhere) throw new FollowsAnotherStore(elsewhere.name, elsewhere.storeId);
      const session = await patient.session(() => undefined);
      await session.query('CREATE TEMPORARY TABLE places (here text COLLATE "C" PRIMARY KEY, there text COLLATE "C" NOT NULL)');
      return new Relocation(patient, session);
    } catch (error) {
      await patient.close();
      throw error;
    }
  }

  /** Where the same events stand in both stores. */
  async note(places: readonly (readonly [here: Position, there: Position])[]): Promise<void> {
    await this.session.query({
      name: 'note-places',
      text: 'INSERT INTO places SELECT * FROM unnest($1::text[], $2::text[])',
      values: [places.map(([here]) => here), places.map(([, there]) => there)],
    });
  }

  /** Moves whatever follows the one store, with all that it has still to do, in one transaction. */
  async move(fromId: string, toId: string): Promise<Moved> {
    await this.session.query('ANALYZE places');
    await this.session.query('BEGIN');
    const readModels = await moveReadModels(this.session, fromId, toId);
    const processes = await moveProcesses(this.session, fromId, toId);
    // Its leaves are what is stored, in the same order: they are the same there.
    await this.session.query(`UPDATE ledger.log l SET position = ${there('l.position')}, store_id = $2 WHERE store_id = $1`, [
      fromId,
      toId,
    ]);
    await this.session.query('COMMIT');
    return { readModels, processes };
  }

  /** Rolls back what was not moved. */
  async close(): Promise<void> {
    await this.session.close();
    await this.database.close();
  }
}

/** In the other store; a place between two events, or beyond them, is that of the event before. */
const there = (position: string): string =>
  `coalesce((SELECT same.there FROM places same WHERE same.here <= ${position} ORDER BY same.here DESC LIMIT 1), '')`;

async function moveReadModels(tx: Queryable, fromId: string, toId: string): Promise<number> {
  await dropHalfBuilt(tx, fromId);
  const { rows } = await tx.query<Pick<Generation, 'name' | 'generation'>>(
    'SELECT name, generation FROM ledger.read_models WHERE store_id = $1 FOR UPDATE',
    [fromId],
  );
  for (const generation of rows) {
    await tx.query(`UPDATE ledger.parked_events e SET position = ${there('e.position')} WHERE read_model = $1 AND generation = $2`, [
      generation.name,
      generation.generation,
    ]);
    for (const table of await tablesWithPositions(tx, schemaOf(generation)))
      await tx.query(`UPDATE ${table} r SET position = ${there('r.position')}`);
  }
  await tx.query(`UPDATE ledger.read_models m SET position = ${there('m.position')}, store_id = $2 WHERE store_id = $1`, [fromId, toId]);
  return rows.length;
}

/** Streams begin at other positions there: the next start, or the next rebuild, begins again. */
async function dropHalfBuilt(tx: Queryable, fromId: string): Promise<void> {
  const { rows } = await tx.query<Pick<Generation, 'name' | 'generation'>>(
    `DELETE FROM ledger.read_models WHERE store_id = $1 AND ${IS_IN_STREAMS} RETURNING name, generation`,
    [fromId],
  );
  for (const generation of rows) await tx.query(`DROP SCHEMA "${schemaOf(generation)}" CASCADE`);
}

/** Quoted names of those tables of a read model that say as of which event they are. */
async function tablesWithPositions(tx: Queryable, schema: string): Promise<string[]> {
  const { rows } = await tx.query<{ table: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS table FROM information_schema.columns WHERE table_schema = $1 AND ` +
      `column_name = 'position'`,
    [schema],
  );
  return rows.map(({ table }) => table);
}

// Row by row: a row's new place must not meet the old one of a row that is still to come. Timers may not be updated, only set.
async function moveProcesses(tx: Queryable, fromId: string, toId: string): Promise<number> {
  const moving = 'process IN (SELECT name FROM ledger.processes WHERE store_id = $1)';
  for (const place of [`'${MOVED}' || ${there('t.position')}`, `substr(t.position, ${MOVED.length + 1})`]) {
    await tx.query(`UPDATE ledger.process_inbox t SET position = ${place} WHERE ${moving}`, [fromId]);
    await tx.query(
      `WITH t AS (DELETE FROM ledger.process_timers WHERE ${moving} RETURNING *)
       INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at, urgency)
       SELECT process, ${place}, timer, trigger_id, stream, revision, type, due_at, urgency FROM t`,
      [fromId],
    );
  }
  await tx.query(`UPDATE ledger.process_lists l SET since = ${there('l.since')} WHERE ${moving}`, [fromId]);
  const { rowCount } = await tx.query(
    `UPDATE ledger.processes p SET position = ${there('p.position')}, triggered = ${there('p.triggered')}, store_id = $2 WHERE ` +
      `store_id = $1`,
    [fromId, toId],
  );
  return rowCount;
}
