import type { Queryable } from '../database/database.js';
import { schemaOf, type Generation } from '../projecting/generations.js';
import type { Projection } from '../projecting/projection.js';

/** Rows that are told of one table at most. */
const AT_MOST = 1_000;

/** A row that is not what the events give: in which table, why, and all that may name its stream. */
export interface OddRow {
  readonly table: string;
  readonly reason: string;
  readonly ids: readonly string[];
}

interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** Columns whose values may name a stream, and are nobody's name: those of the key, and every UUID. */
  readonly naming: readonly string[];
}

/** The tables that were made in the session's own temporary schema. */
async function tablesOf(session: Queryable): Promise<readonly Table[]> {
  const { rows } = await session.query<Table>(`
    SELECT c.relname AS name,
      ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)) AS key,
      ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
      AND (a.attnum = ANY (i.indkey) OR a.atttypid = 'uuid'::regtype)) AS naming
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r' ORDER BY c.relname`);
  return rows;
}

/**
 * Compares what was projected into the session's temporary tables with the generation's rows. By sample only a part of what the
 * generation holds was projected, so that what it has too much is not told, nor what follows from all streams together.
 */
export async function oddRows(
  session: Queryable,
  { ofAllStreams = [] }: Pick<Projection, 'ofAllStreams'>,
  generation: Pick<Generation, 'name' | 'generation'>,
  { deep }: { readonly deep: boolean },
): Promise<readonly OddRow[]> {
  const found: OddRow[] = [];
  for (const table of await tablesOf(session)) {
    if (ofAllStreams.includes(table.name) && !deep) continue;
    const [made, live] = [`pg_temp."${table.name}"`, `"${schemaOf(generation)}"."${table.name}"`];
    if (deep) await session.query(`ANALYZE ${made}`);
    found.push(...(await unlike(session, table, made, live, 'is missing')));
    if (deep) found.push(...(await without(session, table, live, made, 'follows from no event')));
  }
  return found;
}

async function unlike(session: Queryable, table: Table, made: string, live: string, missing: string): Promise<OddRow[]> {
  const { rows } = await session.query<{ ids: string[]; columns: string[] | null }>(
    `SELECT ${idsOf(table, 'm')} AS ids, CASE WHEN l."${table.key[0]}" IS NOT NULL THEN ARRAY(
       SELECT a.key FROM json_each_text(row_to_json(l)) a JOIN json_each_text(row_to_json(m)) b USING (key) WHERE a.value IS DISTINCT
       FROM b.value ORDER BY a.key) END AS columns
     FROM ${made} m LEFT JOIN ${live} l ON ${sameKey(table, 'm', 'l')} WHERE l::text IS DISTINCT FROM m::text LIMIT ${AT_MOST}`,
  );
  return rows.map(({ ids, columns }) => ({ table: table.name, ids, reason: columns ? `differs in ${columns.join(', ')}` : missing }));
}

async function without(session: Queryable, table: Table, live: string, made: string, reason: string): Promise<OddRow[]> {
  const { rows } = await session.query<{ ids: string[] }>(
    `SELECT ${idsOf(table, 'l')} AS ids FROM ${live} l WHERE NOT EXISTS (SELECT 1 FROM ${made} m WHERE ${sameKey(table, 'l', 'm')}) ` +
      `LIMIT ${AT_MOST}`,
  );
  return rows.map(({ ids }) => ({ table: table.name, ids, reason }));
}

const idsOf = ({ naming }: Table, row: string): string => `ARRAY[${naming.map(column => `${row}."${column}"::text`).join(', ')}]`;
const sameKey = ({ key }: Table, one: string, other: string): string =>
  key.map(column => `${one}."${column}" = ${other}."${column}"`).join(' AND ');
