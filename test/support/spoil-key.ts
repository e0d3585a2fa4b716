import { Database } from '../../src/database/database.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import type { Caseledger } from './caseledger.js';

/** Nobody can open any more what a case keeps sealed, until the function that this resolves with is called. */
export async function spoilKey({ app }: Caseledger, caseId: string): Promise<() => Promise<void>> {
  const wrap = async (wrapped: string): Promise<void> => {
    await app
      .get(Database)
      .query(
        `UPDATE ledger.data_keys SET wrapped = ${wrapped} WHERE key_id IN (SELECT (metadata ->> 'keyId')::uuid FROM ledger.events ` +
          `WHERE stream = $1)`,
        [`case-${caseId}`],
      );
    app.get(DataKeys).forget();
    app.get(Ledger).forget();
  };
  await wrap("wrapped || 'x'::bytea");
  return () => wrap('substr(wrapped, 1, length(wrapped) - 1)');
}
