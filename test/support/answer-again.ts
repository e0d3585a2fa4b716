import type { Queryable } from '../../src/database/database.js';
import type { Process } from '../../src/reacting/process.js';

/** Puts what a process answered into its inbox again, as if it had died before that was noted. @param category of the streams */
export async function answerAgain(database: Queryable, { name, on }: Pick<Process, 'name' | 'on'>, category: string): Promise<void> {
  await database.query(
    `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type)
     SELECT $1, lpad(position::text, 19, '0'), id, stream, revision, type FROM ledger.events WHERE type = ANY ($2)
     AND starts_with(stream, $3 || '-')`,
    [name, on, category],
  );
}
