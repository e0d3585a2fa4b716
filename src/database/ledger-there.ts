import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../config-error.js';
import { Database } from './database.js';

const INSTEAD = 'the settings lead elsewhere than those of the service, or it was never started';

/** That a database was made under DATA_DIR. @throws ConfigError */
export function requireCluster(dataDir: string): void {
  if (!existsSync(join(dataDir, 'postgres'))) throw new ConfigError([`DATA_DIR: there is no ledger in ${dataDir}: ${INSTEAD}`]);
}

/** That the database holds a ledger, of whatever version. @throws ConfigError that begins with these words; DatabaseUnavailable */
export async function requireLedger(url: string, where: string): Promise<void> {
  const database = Database.open({ url, applicationName: 'caseledger-open', max: 1 });
  try {
    const { rows } = await database.query(
      `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ledger' AND c.relname = 'events'`,
    );
    if (rows.length === 0) throw new ConfigError([`${where} without a ledger: ${INSTEAD}`]);
  } finally {
    await database.close();
  }
}
