import type { Database } from '../../src/database/database.js';

/** `table.column` of each column of which a value, bytes taken as text, contains one of the marks. */
export async function columnsWith(owner: Database, marks: readonly string[]): Promise<string[]> {
  const { rows: columns } = await owner.query<{ schema: string; table: string; column: string; type: string }>(
    `SELECT n.nspname AS schema, c.relname AS table, a.attname AS column, a.atttypid::regtype::text AS type
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^(pg_|information_schema)'`,
  );
  const found = new Set<string>();
  for (const { schema, table, column, type } of columns) {
    const value = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`;
    const { rowCount } = await owner.query(`SELECT FROM "${schema}"."${table}" WHERE ${value} ILIKE ANY ($1) LIMIT 1`, [
      marks.map(mark => `%${mark}%`),
    ]);
    const model = /^rm_(.+)_\d+$/.exec(schema)?.[1]?.replaceAll('_', '-');
    if (rowCount > 0) found.add(`${model ?? schema}.${table}.${column}`);
  }
  return [...found].sort();
}
