import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../database/database.js';
import { EXTENSION_SCHEMAS } from '../database/extensions.js';
import { START, type Position } from '../event-store/event-store.js';
import { standsNowhere } from './checkpoints.js';
import { placeInStreams } from './place-in-streams.js';
import type { Projection } from './projection.js';

/** One build of a read model's tables, by one version of its code. */
export interface Generation {
  readonly name: string;
  readonly generation: number;
  readonly codeVersion: number;
  readonly state: 'building' | 'live' | 'retired';
  readonly position: Position;
  readonly storeId: string;
  /** Its completion is still to come. */
  readonly unfinished: boolean;
  /** Why it does not advance. */
  readonly stopped: string | null;
  /** Nothing has moved it for a minute. */
  readonly idle: boolean;
}

/** For an index over all rows of a large table, in milliseconds. */
const COMPLETION_MS = 3_600_000;

/** The schema of a generation's tables; its name is its locks' name too. */
export const schemaOf = ({ name, generation }: Pick<Generation, 'name' | 'generation'>): string =>
  `rm_${name.replaceAll('-', '_')}_${generation}`;
/** Held by the one process that writes the generation. */
export const writerLock = (of: Pick<Generation, 'name' | 'generation'>): string => `writer of ${schemaOf(of)}`;
/** Shared by the processes that read it: while anyone has it, the generation is not dropped. */
export const readerLock = (of: Pick<Generation, 'name' | 'generation'>): string => `readers of ${schemaOf(of)}`;

/** Unqualified table names in `tx` are the generation's from here on; what extensions bring is found too. */
export async function enter(tx: Queryable, generation: Pick<Generation, 'name' | 'generation'>): Promise<void> {
  await tx.query({
    name: 'enter-generation',
    text: `SELECT set_config('search_path', concat_ws(', ', $1::text, 'public', ${EXTENSION_SCHEMAS}), true)`,
    values: [`"${schemaOf(generation)}"`],
  });
}

/** Enters the generation with the first statement: a projection that has nothing to write costs none. */
export function within(tx: Queryable, generation: Parameters<typeof enter>[1]): Queryable {
  let entered: Promise<void> | undefined;
  return {
    query: async (query, values) => {
      await (entered ??= enter(tx, generation));
      return tx.query(query, values);
    },
  };
}

/**
 * The generation that this build reads: its own code's newest finished one, else the live one, whoever made it.
 * So an older process keeps its tables while a newer one brings in others.
 */
export function served(generations: readonly Generation[], projection: Projection): Generation | undefined {
  const finished = generations.filter(({ name, state }) => name === projection.name && state !== 'building');
  return newest(finished.filter(({ codeVersion }) => codeVersion === projection.version)) ?? finished.find(({ state }) => state === 'live');
}

const newest = (generations: readonly Generation[]): Generation | undefined =>
  generations.reduce<Generation | undefined>((best, one) => (!best || one.generation > best.generation ? one : best), undefined);

/** The generations of all read models, as the database has them. All methods throw DatabaseUnavailable. */
@Injectable()
export class Generations {
  constructor(private readonly database: Database) {}

  async list(): Promise<Generation[]> {
    const { rows } = await this.database.query<Generation>({
      name: 'list-generations',
      text: `SELECT name, generation, code_version AS "codeVersion", state, position, store_id AS "storeId", unfinished, stopped,
        moved_at < now() - interval '1 minute' AS idle FROM ledger.read_models ORDER BY name, generation`,
    });
    return rows;
  }

  /** Makes a generation for a projection whose code has none. `live` at once where there is nothing to read yet. */
  ensure(projection: Projection, store: { readonly id: string; readonly empty: boolean }): Promise<void> {
    return this.alone(async tx => {
      const { rows } = await tx.query<{ mine: boolean; live: boolean }>(
        "SELECT code_version = $2 AS mine, state = 'live' AS live FROM ledger.read_models WHERE name = $1",
        [projection.name, projection.version],
      );
      if (rows.some(({ mine }) => mine)) return;
      await this.insert(tx, projection, store.empty && !rows.some(({ live }) => live) ? 'live' : 'building', store.id);
    });
  }

  /** Empties the projection's generations whose checkpoint cannot be, and lets them begin again; true if there was one. */
  beginAgain(projection: Projection, { id, head }: { readonly id: string; readonly head: Position }): Promise<boolean> {
    return this.alone(async tx => {
      const { rows } = await tx.query<Pick<Generation, 'name' | 'generation' | 'unfinished'>>(
        `UPDATE ledger.read_models SET position = $5, stopped = NULL, moved_at = now(), parked_version = parked_version + 1
         WHERE name = $1 AND code_version = $2 AND store_id = $3 AND ${standsNowhere('$4')} RETURNING name, generation, unfinished`,
        [projection.name, projection.version, id, head, START],
      );
      for (const generation of rows) {
        await tx.query('DELETE FROM ledger.parked_events WHERE read_model = $1 AND generation = $2', [
          generation.name,
          generation.generation,
        ]);
        await tx.query(`DROP SCHEMA "${schemaOf(generation)}" CASCADE`);
        await makeTables(tx, projection, generation);
      }
      return rows.length > 0;
    });
  }

  /** Makes a new generation beside what there is, in the place of one that was stopped. Undefined where one is being built already. */
  begin(projection: Projection, storeId: string): Promise<number | undefined> {
    return this.alone(async tx => {
      const { rows } = await tx.query<Pick<Generation, 'name' | 'generation' | 'stopped'>>(
        "SELECT name, generation, stopped FROM ledger.read_models WHERE name = $1 AND code_version = $2 AND state = 'building'",
        [projection.name, projection.version],
      );
      for (const build of rows) if (build.stopped === null || !(await remove(tx, build))) return undefined;
      return this.insert(tx, projection, 'building', storeId);
    });
  }

  /** Does what a build has left to its end, if that is not done; who writes its rows waits meanwhile. Throws what its SQL may. */
  async complete(projection: Projection, generation: Pick<Generation, 'name' | 'generation'>): Promise<boolean> {
    const patient = this.database.sibling({ max: 1, statementTimeoutMs: COMPLETION_MS });
    try {
      return await patient.transaction(async tx => {
        const { rowCount } = await tx.query(
          'UPDATE ledger.read_models SET unfinished = false WHERE name = $1 AND generation = $2 AND unfinished',
          [generation.name, generation.generation],
        );
        if (rowCount === 0 || projection.completion === undefined) return rowCount > 0;
        await enter(tx, generation);
        await tx.query("SET LOCAL maintenance_work_mem = '256MB'");
        await tx.query(projection.completion);
        return true;
      });
    } finally {
      await patient.close();
    }
  }

  /** Tells the planner what the tables hold: they were filled faster than autovacuum looks. */
  async analyze(generation: Pick<Generation, 'name' | 'generation'>): Promise<void> {
    const { rows } = await this.database.query<{ table: string }>(
      'SELECT format(\'%I.%I\', schemaname, tablename) AS "table" FROM pg_tables WHERE schemaname = $1',
      [schemaOf(generation)],
    );
    for (const { table } of rows) await this.database.query(`ANALYZE ${table}`);
  }

  /** Makes the generation the live one, unless it is half built, unfinished or behind the one that is. True once it is live. */
  swap({ name, generation }: Pick<Generation, 'name' | 'generation'>): Promise<boolean> {
    return this.database.transaction(async tx => {
      const { rows } = await tx.query<Pick<Generation, 'generation' | 'state' | 'position' | 'unfinished'>>(
        `SELECT generation, state, position, unfinished FROM ledger.read_models
         WHERE name = $1 AND (generation = $2 OR state = 'live') ORDER BY generation FOR UPDATE`,
        [name, generation],
      );
      const next = rows.find(row => row.generation === generation);
      const live = rows.find(row => row.state === 'live');
      if (!next || next === live) return next !== undefined;
      if (next.unfinished || placeInStreams(next.position) || (live && live.position > next.position)) return false;
      if (live)
        await tx.query("UPDATE ledger.read_models SET state = 'retired' WHERE name = $1 AND generation = $2", [name, live.generation]);
      await tx.query("UPDATE ledger.read_models SET state = 'live' WHERE name = $1 AND generation = $2", [name, generation]);
      return true;
    });
  }

  /** Drops a generation that is not live, if no process reads or writes it. */
  drop(generation: Pick<Generation, 'name' | 'generation'>): Promise<boolean> {
    return this.database.transaction(tx => remove(tx, generation));
  }

  /** Notes why generations do not advance, for every process to see; null once they do. */
  async noteStopped(generations: readonly Pick<Generation, 'name' | 'generation'>[], message: string | null): Promise<void> {
    await this.database.query(
      `WITH these AS (SELECT m.name, m.generation FROM ledger.read_models m
         JOIN unnest($1::text[], $2::int[]) AS these(name, generation) USING (name, generation)
         WHERE m.stopped IS DISTINCT FROM $3 ORDER BY m.name, m.generation FOR NO KEY UPDATE OF m)
       UPDATE ledger.read_models m SET stopped = $3 FROM these WHERE m.name = these.name AND m.generation = these.generation`,
      [generations.map(({ name }) => name), generations.map(({ generation }) => generation), message],
    );
  }

  private async insert(tx: Queryable, projection: Projection, state: Generation['state'], storeId: string): Promise<number> {
    const unfinished = state === 'building' && projection.completion !== undefined;
    const { rows } = await tx.query<{ generation: number }>(
      `INSERT INTO ledger.read_models (name, generation, code_version, state, position, store_id, unfinished)
       SELECT $1::text, coalesce(max(generation), 0) + 1, $2::int, $3::text, $4::text, $5::text, $6::boolean
       FROM ledger.read_models WHERE name = $1 RETURNING generation`,
      [projection.name, projection.version, state, START, storeId, unfinished],
    );
    const generation = rows[0]?.generation ?? 1;
    await makeTables(tx, projection, { name: projection.name, generation, unfinished });
    return generation;
  }

  private alone<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.database.transaction(async tx => {
      await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('generations of read models', 0))");
      return work(tx);
    });
  }
}

/** DDL of the tables as they are read. */
export const wholeTables = ({ tables, completion = '' }: Projection): string => `${tables};${completion}`;

async function makeTables(
  tx: Queryable,
  projection: Projection,
  generation: Pick<Generation, 'name' | 'generation' | 'unfinished'>,
): Promise<void> {
  await tx.query(`CREATE SCHEMA "${schemaOf(generation)}"`);
  await enter(tx, generation);
  await tx.query(generation.unfinished ? projection.tables : wholeTables(projection));
}

async function remove(tx: Queryable, generation: Pick<Generation, 'name' | 'generation'>): Promise<boolean> {
  const { rows } = await tx.query<{ unused: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AND pg_try_advisory_xact_lock(hashtextextended($2, 0)) AS unused',
    [writerLock(generation), readerLock(generation)],
  );
  if (!rows[0]?.unused) return false;
  const { rowCount } = await tx.query("DELETE FROM ledger.read_models WHERE name = $1 AND generation = $2 AND state <> 'live'", [
    generation.name,
    generation.generation,
  ]);
  if (rowCount > 0) await tx.query(`DROP SCHEMA IF EXISTS "${schemaOf(generation)}" CASCADE`);
  return rowCount > 0;
}
