import type { Config } from '../config.js';
import { masterKeyId } from '../master-key-id.js';
import type { Queryable } from './database.js';

const NAME = 'caseledger';

/** How the connections of a service are named: by it, and by the ids of the master keys that it knows. 63 bytes at most. */
export const serviceName = ({ masterKey, previousMasterKey }: Pick<Config, 'masterKey' | 'previousMasterKey'>): string =>
  [NAME, masterKey, previousMasterKey]
    .flatMap(part => (part === undefined ? [] : typeof part === 'string' ? part : masterKeyId(part)))
    .join(' ');

/** Whether a service is connected that does not know the master key. */
export async function serviceWithout(masterKey: Buffer, database: Queryable): Promise<boolean> {
  const { rows } = await database.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name ~ $1 AND strpos(application_name, $2) = 0 LIMIT 1`,
    [`^${NAME}( |$)`, masterKeyId(masterKey)],
  );
  return rows.length > 0;
}
