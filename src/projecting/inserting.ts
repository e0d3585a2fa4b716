import { type Field, inCopyFormat } from '../database/copying.js';
import type { Queryable } from '../database/database.js';

/**
 * Inserts rows that may be there already, unless `unfinished`: of a build nothing comes twice, so that COPY takes them, for half of what
 * PostgreSQL works to read JSON. All have the fields of the first.
 */
export async function insertOnce(table: string, rows: readonly object[], tx: Queryable, unfinished: boolean): Promise<void> {
  const [first] = rows;
  if (!first) return;
  if (!unfinished) {
    await tx.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1) ON CONFLICT DO NOTHING`, [
      JSON.stringify(rows),
    ]);
    return;
  }
  const columns = Object.keys(first);
  const copied = inCopyFormat(rows.map(row => columns.map(column => (row as Readonly<Record<string, Field>>)[column])));
  await tx.query({ text: `COPY ${table} (${columns.join(', ')}) FROM STDIN`, copied });
}
