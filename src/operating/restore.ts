import type { Config } from '../config.js';
import type { Database, Queryable } from '../database/database.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { openDatabase } from '../database/open-database.js';
import { type EventStore, type Position, START } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { MasterKeys } from '../personal-data/master-key.js';
import { followerElsewhere } from '../event-store/followed-store.js';
import { Generations, schemaOf } from '../projecting/generations.js';
import { type BackupOptions, HOURS_MS, listed, NEWEST_MIGRATION, nothingIsMissing, tablesOf } from './backup.js';
import { BackupDamaged, type BackupHeader, type Counts, readBackup } from './backup-file.js';
import { EventsOfBackup, type EventsIn, parsedRow, positionIn } from './backup-rows.js';
import { copyAndMove } from './copy-store.js';
import { FollowsAnotherStore, keepServicesAway } from './relocation.js';

/** Rows inserted with one statement. */
const ROWS = 1_000;

/** The target holds something, which a restore would lose. */
export class TargetNotEmpty extends Error {
  constructor(what: string) {
    super(`${what}: a backup is restored where there is nothing yet (name another DATA_DIR, DATABASE_URL or EVENT_STORE_URL)`);
    this.name = 'TargetNotEmpty';
  }
}

interface Checked extends EventsIn {
  readonly header: BackupHeader;
  readonly sha256: string;
}

interface Restoring {
  readonly database: Database;
  /** Of the role that owns the tables. */
  readonly owned: Database;
  readonly store: EventStore;
  readonly backup: Checked;
  readonly begin: BackupOptions['begin'];
}

/**
 * Puts a backup into an empty database, and an empty event store where the settings name one. Until all of it is there no service
 * starts on that database; after an interruption it is called again. Read models are built by the service that starts next.
 * @throws BackupDamaged, MasterKeyMismatch, DataKeyDamaged, InUse, TargetNotEmpty, ConfigError, before anything is written;
 * DatabaseUnavailable, StoreUnavailable, StoresDiffer where somebody else writes to the event store
 */
export async function restore(config: Config, path: string, { begin, report }: BackupOptions): Promise<Counts> {
  const backup = await check(path, new MasterKeys(config.masterKey, config.previousMasterKey), begin);
  const { database, owner, close } = await openDatabase(
    config,
    { applicationName: 'caseledger-restore', max: 2 },
    { log: report, restores: true },
  );
  try {
    const services = await keepServicesAway(database);
    try {
      const store = await openEventStore(database, config.eventStoreUrl, report, undefined, { copies: true });
      try {
        return await owner({ statementTimeoutMs: HOURS_MS }, async owned => {
          const there = { storeId: await store.storeId(), empty: (await store.newest()) === START };
          await owned.transaction(async tx => beginRestoring(tx, there, backup));
          const asTheyStood = config.eventStoreUrl === undefined && backup.from === 'postgresql';
          return (asTheyStood ? rowForRow : amongOthers)({ database, owned, store, backup, begin });
        });
      } finally {
        await store.close();
      }
    } finally {
      await services.close();
    }
  } finally {
    await close();
  }
}

/** Reads the file to its end before anything is touched; the master keys must open what wraps the personal data. */
async function check(path: string, masterKeys: MasterKeys, begin: BackupOptions['begin']): Promise<Checked> {
  const wrapped = new Map<string, { readonly keyId: string; readonly bytes: Buffer }>();
  const passing = begin('check', 'rows');
  let header: BackupHeader | undefined;
  let [storeId, sha256, head]: [string, string, Position] = ['', '', START];
  const begun = (found: BackupHeader): void => {
    if (found.migration > NEWEST_MIGRATION) {
      throw new BackupDamaged(
        path,
        `was taken at migration ${found.migration}, this version knows ${NEWEST_MIGRATION}: use the newer version`,
      );
    }
    header = found;
  };
  for await (const { table, row } of readBackup(path, {
    begun,
    ended: hash => {
      sha256 = hash;
    },
  })) {
    passing.add(1);
    if (!header || !['data_keys', 'store', 'events'].includes(table)) continue;
    const parsed = parsedRow(path, { table, row });
    if (table === 'store') storeId = String(parsed['store_id']);
    if (table === 'data_keys' && typeof parsed['wrapped'] === 'string') {
      wrapped.set(String(parsed['wrapped_by']), { keyId: String(parsed['key_id']), bytes: Buffer.from(parsed['wrapped'].slice(2), 'hex') });
    }
    if (table === 'events') {
      const position = positionIn(parsed, header.events);
      // Earlier versions wrote them as they lay in the table.
      if (position <= head && header.format > 1) throw new BackupDamaged(path, `its events are not in their order at ${position}`);
      if (position > head) head = position;
    }
  }
  passing.end();
  for (const [by, { keyId, bytes }] of wrapped) masterKeys.unwrap(keyId, bytes, by);
  if (!header) throw new BackupDamaged(path, 'is no backup of a case ledger');
  return { path, header, from: header.events, storeId, head, sha256 };
}

interface Target {
  readonly storeId: string;
  readonly empty: boolean;
}

/** Marks the target, so that nobody takes it for a ledger before it is one. @throws TargetNotEmpty, FollowsAnotherStore */
async function beginRestoring(tx: Queryable, { storeId, empty }: Target, { sha256 }: Checked): Promise<void> {
  const {
    rows: [own],
  } = await tx.query<{ id: string; events: number }>(
    'SELECT store_id AS id, (SELECT count(*) FROM ledger.events) AS events FROM ledger.store',
  );
  const {
    rows: [begun],
  } = await tx.query<{ file: string; storeId: string }>('SELECT file, store_id AS "storeId" FROM ledger.restoring');
  const goesOn = begun?.file === sha256 && begun.storeId === storeId;
  if (own && own.events > 0 && !(goesOn && storeId === own.id)) throw new TargetNotEmpty(`the database holds ${own.events} events`);
  if (!empty && !goesOn) {
    throw new TargetNotEmpty(
      begun ? `the event store ${storeId} holds events that are not of this backup` : `the event store ${storeId} holds events`,
    );
  }
  // Its keys are those of events elsewhere.
  const elsewhere = begun ? undefined : await followerElsewhere(tx, [storeId, own?.id ?? '']);
  if (elsewhere) throw new FollowsAnotherStore(elsewhere.name, elsewhere.storeId, 'whose keys are in this database: name another');
  await tx.query(
    `INSERT INTO ledger.restoring (file, store_id) VALUES ($1, $2)
     ON CONFLICT (one) DO UPDATE SET file = excluded.file, store_id = excluded.store_id, begun_at = now()`,
    [sha256, storeId],
  );
}

async function endRestoring(on: Queryable, { sha256 }: Checked): Promise<void> {
  const { rowCount } = await on.query('DELETE FROM ledger.restoring WHERE file = $1', [sha256]);
  if (rowCount === 0) throw new DatabaseUnavailable('the database was exchanged meanwhile: call restore again');
}

/** Row for row, positions and the store's identity too, in one transaction. */
function rowForRow({ database, owned, backup, begin }: Restoring): Promise<Counts> {
  return owned.transaction(async tx => {
    const counts = await fill(tx, database, { backup, begin, but: [] });
    await tx.query(`SELECT setval('ledger.position', greatest($1::bigint, 1))`, [backup.header.lastPosition ?? 1]);
    await nothingIsMissing(tx);
    await endRestoring(tx, backup);
    return counts;
  });
}

/** Among the positions of another store: keys first, then the events in their order, then processes go to where these stand. */
async function amongOthers({ database, owned, store, backup, begin }: Restoring): Promise<Counts> {
  const counts = await owned.transaction(tx => fill(tx, database, { backup, begin, but: ['store', 'events'] }));
  const { events } = await copyAndMove(database, new EventsOfBackup(backup), store, begin);
  await endRestoring(owned, backup);
  return { ...counts, events };
}

interface Filling extends Pick<Restoring, 'backup' | 'begin'> {
  /** Tables that stay as they are. */
  readonly but: readonly string[];
}

async function fill(tx: Queryable, database: Database, { backup: { path, header }, begin, but }: Filling): Promise<Counts> {
  const passing = begin('restore', 'rows');
  const known = Object.keys(await tablesOf(tx)).filter(table => !but.includes(table));
  await tx.query(`LOCK TABLE ${known.map(table => `ledger."${table}"`).join(', ')} IN ACCESS EXCLUSIVE MODE`);
  for (const generation of await new Generations(database).list())
    await tx.query(`DROP SCHEMA IF EXISTS "${schemaOf(generation)}" CASCADE`);
  await tx.query('DELETE FROM ledger.read_models');
  for (const table of known.toReversed()) await tx.query(`DELETE FROM ledger."${table}"`);

  const counts: Record<string, number> = {};
  let [table, waiting]: [string, string[]] = ['', []];
  const insert = async (): Promise<void> => {
    const columns = header.tables[table];
    if (waiting.length === 0 || columns === undefined) return;
    if (!known.includes(table)) throw new BackupDamaged(path, `holds a table ${table}, which this version does not know`);
    await tx.query(
      `INSERT INTO ledger."${table}" (${listed(columns)}) SELECT ${listed(columns)} FROM ` +
        `json_populate_recordset(NULL::ledger."${table}", $1::json)`,
      [`[${waiting.join(',')}]`],
    );
    counts[table] = (counts[table] ?? 0) + waiting.length;
    passing.add(waiting.length);
    waiting = [];
  };
  for await (const { table: of, row } of readBackup(path)) {
    if (but.includes(of)) continue;
    if (of !== table || waiting.length >= ROWS) await insert();
    table = of;
    waiting.push(row);
  }
  await insert();
  // Heads may have been signed since, and may still be where it came from: what is signed here is a log of its own.
  await tx.query(`UPDATE ledger.log SET renewal = 'restored'`);
  passing.end();
  return counts;
}
