import { Database } from './database.js';

/** A restore was begun in the database and is not finished: what is there is not the whole. */
export class HalfRestored extends Error {
  constructor(begunAt: string) {
    super(
      `a restore that began here at ${begunAt} is not finished, and nothing may run on half a ledger: ` +
        'call restore again with the same file, or name another DATA_DIR or DATABASE_URL',
    );
    this.name = 'HalfRestored';
  }
}

/** @throws HalfRestored, DatabaseUnavailable */
export async function refuseHalfRestored(url: string): Promise<void> {
  const database = Database.open({ url, applicationName: 'caseledger-open', max: 1 });
  try {
    const {
      rows: [begun],
    } = await database.query<{ at: string }>(
      `SELECT to_char(begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM ledger.restoring`,
    );
    if (begun) throw new HalfRestored(begun.at);
  } finally {
    await database.close();
  }
}
