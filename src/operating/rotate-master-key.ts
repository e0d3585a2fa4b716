import type { Config } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { serviceWithout } from '../database/service-name.js';
import { DataKeys } from '../personal-data/data-keys.js';
import type { BackupOptions } from './backup.js';

/** A service is running that could not read what is wrapped by the new master key. */
export class ServiceWithoutKey extends Error {
  constructor() {
    super(
      'a service is running that does not know the new master key: restart each with it as MASTER_KEY, and the one before as ' +
        'MASTER_KEY_PREVIOUS, first',
    );
    this.name = 'ServiceWithoutKey';
  }
}

/**
 * Wraps every data key with MASTER_KEY that MASTER_KEY_PREVIOUS wraps; services that know both go on meanwhile. Interrupted, it is called
 * again.
 * @returns how many were wrapped anew, and how many MASTER_KEY wraps now
 * @throws MasterKeyMismatch, DataKeyDamaged, ServiceWithoutKey, ConfigError, DatabaseUnavailable
 */
export async function rotateMasterKey(config: Config, { begin, report }: BackupOptions): Promise<{ rewrapped: number; keys: number }> {
  const { database, close } = await openDatabase(config, { applicationName: 'caseledger-rotate', max: 1 }, { log: report });
  try {
    const keys = new DataKeys(database, config.masterKey, { previous: config.previousMasterKey, pool: 0 });
    await keys.start();
    if (await serviceWithout(config.masterKey, database)) throw new ServiceWithoutKey();
    const passing = begin('rotate-master-key', 'keys');
    const rewrapped = await keys.wrapping.rotate(count => passing.add(count));
    passing.end();
    const own = (await keys.wrapping.wrapped()).find(wrapped => wrapped.own);
    return { rewrapped, keys: own?.keys ?? 0 };
  } finally {
    await close();
  }
}
