import { Database } from '../../src/database/database.js';

/** The `value` of the first row, asked over a connection of its own. */
export async function valueOf<Value>(url: string, query: string): Promise<Value> {
  const database = Database.open({ url, applicationName: 'spec', max: 1 });
  try {
    return (await database.query<{ value: Value }>(query)).rows[0]!.value;
  } finally {
    await database.close();
  }
}
