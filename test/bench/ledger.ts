import { setTimeout as sleep } from 'node:timers/promises';
import { localKey } from '../../src/local-keys.js';
import { Database } from '../../src/database/database.js';
import { EmbeddedPostgres, SERVICE_ROLE } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import type { Resources } from './resources.js';

export interface OpenLedger {
  readonly database: Database;
  readonly server: EmbeddedPostgres;
  readonly keys: DataKeys;
  close(): Promise<void>;
}

/** The embedded database of a DATA_DIR, beside a service that may use it too. */
export async function openLedger(dataDir: string, resources: Resources): Promise<OpenLedger> {
  const server = await EmbeddedPostgres.open(dataDir);
  await migrate(server.ownerUrl, SERVICE_ROLE);
  const database = Database.open({ url: server.serviceUrl, applicationName: 'bench', max: 12 });
  const keys = new DataKeys(database, localKey(dataDir, 'master'), { pool: 2_000 });
  await keys.start();
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await keys.close();
    await database.close();
    await server.close();
  };
  resources.add(close);
  return { database, server, keys, close };
}

/**
 * Writes through the port as fast as it goes: many more appends share a commit than in the service. Nobody waits for one of them: those
 * to the few streams that every case writes to share no commit, so that on a slow disk the last of some thousands is long on its way.
 */
export const fastStore = ({ database }: OpenLedger): PostgresEventStore =>
  new PostgresEventStore(database, { limits: { batchAppends: 2_000, batchBytes: 8 * 1024 * 1024, deadlineMs: 600_000 } });

/**
 * Until read models are built and stand at the newest event, and processes have answered all that is stored: what is left over would
 * slow down what is measured next.
 */
export async function untilInStep(database: Database, withinMs = 1_800_000): Promise<void> {
  for (const until = Date.now() + withinMs; await isBusy(database); await sleep(200))
    if (Date.now() > until) throw new Error('read models and processes do not come to the end of what is stored');
}

async function isBusy(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ busy: boolean }>(
    `WITH followers AS (SELECT position FROM ledger.read_models WHERE state = 'live' UNION ALL SELECT position FROM ledger.processes)
     SELECT NOT EXISTS (SELECT 1 FROM ledger.read_models WHERE state = 'live')
       OR EXISTS (SELECT 1 FROM ledger.read_models WHERE state = 'building')
       OR EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending')
       OR (SELECT min(position) FROM followers) < lpad((SELECT max(position) FROM ledger.events)::text, 19, '0') AS busy`,
  );
  return rows[0]?.busy !== false;
}
