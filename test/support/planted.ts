import type { Database } from '../../src/database/database.js';

export type Fault = string | { readonly text: string; readonly values: readonly unknown[] };

/** Changes what the statements say behind the service's back, looks, and puts these tables back as they were. */
export async function planted<T>(owner: Database, tables: readonly string[], faults: readonly Fault[], look: () => Promise<T>): Promise<T> {
  for (const [n, table] of tables.entries()) await owner.query(`CREATE TABLE public.kept_${n} AS TABLE ${table}`);
  try {
    for (const fault of faults) expect((await owner.query(fault)).rowCount).toBeGreaterThan(0);
    return await look();
  } finally {
    await owner.transaction(async tx => {
      for (const [n, table] of tables.entries()) {
        await tx.query(`DELETE FROM ${table}`);
        await tx.query(`INSERT INTO ${table} SELECT * FROM public.kept_${n}`);
        await tx.query(`DROP TABLE public.kept_${n}`);
      }
    });
  }
}
