import { type Config, ConfigError } from '../config.js';
import type { Queryable } from '../database/database.js';
import { migrations } from '../database/migrations/all.js';
import { openDatabase } from '../database/open-database.js';
import { MasterKey } from '../personal-data/master-key.js';
import { BackupDamaged, type BackupHeader, BackupWriter, FORMAT, readBackup } from './backup-file.js';
import { type Generation, Generations, readerLock, schemaOf, writerLock } from '../projecting/generations.js';
import { Leadership } from '../projecting/leadership.js';
import { RUNNER_LOCK } from '../reacting/process-runner.js';
import { InUse } from './relocation.js';

/** Rows fetched, or inserted, with one statement. */
const ROWS = 1_000;
const HOURS_MS = 60 * 60_000;
/** What is made again: which migrations are there, and read models. */
const NOT_KEPT = ['schema_migrations', 'read_models', 'parked_events'];
const NEWEST_MIGRATION = migrations.at(-1)?.version ?? 0;

export interface BackupOptions {
  /** Called with how many rows more have passed. */
  readonly progress: (rows: number) => void;
  readonly report: (line: string) => void;
}

/** The target holds something, which a restore would lose. */
export class TargetNotEmpty extends Error {
  constructor(events: number) {
    super(`the database holds ${events} events: a backup is restored into an empty one (name another DATA_DIR or DATABASE_URL)`);
    this.name = 'TargetNotEmpty';
  }
}

/**
 * Writes all that is primary, as it stood at one moment, to a file; services may go on meanwhile.
 * @returns how many rows there are of each table
 * @throws ConfigError, DatabaseUnavailable; Error where a key is missing; what the file system says
 */
export async function backUp(config: Config, path: string, { progress, report }: BackupOptions): Promise<Readonly<Record<string, number>>> {
  refuseEventStore(config, 'backup', 'copy a node\'s data directory beside it, as README says');
  const { owner, close } = await openDatabase(config, { applicationName: 'caseledger-backup', max: 1 }, { log: report });
  try {
    return await owner({ statementTimeoutMs: HOURS_MS }, database => database.transaction(async tx => {
      const tables = await tablesOf(tx);
      const { rows: [at] } = await tx.query<{ now: string; last: number }>(
        `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now, (SELECT last_value FROM ledger.position) AS last`);
      const header = { caseledger: 'backup', format: FORMAT, migration: NEWEST_MIGRATION, takenAt: at?.now ?? '', tables, lastPosition: at?.last ?? 1 } as const;
      const file = new BackupWriter(path, header);
      try {
        await keysAreThere(tx);
        for (const [table, columns] of Object.entries(tables)) await copyTable(tx, table, columns, file, progress);
        return await file.end();
      } catch (error) {
        await file.abandon();
        throw error;
      }
    }, { isolation: 'repeatable read', readOnly: true }));
  } finally {
    await close();
  }
}

/**
 * Puts a backup into an empty database, whole or not at all: after an interruption it is simply called again. Read models are built
 * by the service that starts next.
 * @throws BackupDamaged, MasterKeyMismatch, DataKeyDamaged, before anything is written; InUse, TargetNotEmpty, DatabaseUnavailable
 */
export async function restore(config: Config, path: string, { progress, report }: BackupOptions): Promise<Readonly<Record<string, number>>> {
  refuseEventStore(config, 'restore', 'restore without it, then copy-events --from embedded --to that store');
  await check(path, new MasterKey(config.masterKey));
  const { database, owner, close } = await openDatabase(config, { applicationName: 'caseledger-restore', max: 2 }, { log: report });
  const leadership = new Leadership(database);
  try {
    const generations = await new Generations(database).list();
    for (const lock of [RUNNER_LOCK, ...generations.flatMap(generation => [writerLock(generation), readerLock(generation)])]) {
      if (!await leadership.acquire(lock)) throw new InUse(lock);
    }
    return await owner({ statementTimeoutMs: HOURS_MS }, target => target.transaction(tx => fill(tx, path, generations, progress)));
  } finally {
    await leadership.close();
    await close();
  }
}

function refuseEventStore({ eventStoreUrl }: Config, command: string, instead: string): void {
  if (eventStoreUrl !== undefined) throw new ConfigError([`EVENT_STORE_URL: ${command} is of the events in PostgreSQL; ${instead}`]);
}

/** Those that others refer to come first. */
async function tablesOf(tx: Queryable): Promise<Record<string, string[]>> {
  const { rows } = await tx.query<{ table: string; columns: string[] }>(
    `SELECT c.relname AS table, ARRAY(SELECT attname::text FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
     FROM pg_class c WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
     ORDER BY (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'), c.relname`, [NOT_KEPT]);
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
}

async function copyTable(tx: Queryable, table: string, columns: readonly string[], file: BackupWriter, progress: (rows: number) => void): Promise<void> {
  await tx.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS row FROM (SELECT ${listed(columns)} FROM ledger."${table}") AS r`);
  for (;;) {
    const { rows } = await tx.query<{ row: string }>(`FETCH ${ROWS} FROM rows`);
    if (rows.length > 0) await file.rows(table, rows.map(({ row }) => row));
    progress(rows.length);
    if (rows.length < ROWS) break;
  }
  await tx.query('CLOSE rows');
}

const listed = (columns: readonly string[]): string => columns.map(column => `"${column.replaceAll('"', '""')}"`).join(', ');

/** Without its key an event can never be read: whoever makes a backup should know at once. */
async function keysAreThere(tx: Queryable): Promise<void> {
  const { rows: [first] } = await tx.query<{ stream: string; revision: number }>(
    `SELECT stream, revision FROM ledger.events e WHERE personal IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM ledger.data_keys WHERE key_id = (e.metadata ->> 'keyId')::uuid) LIMIT 1`);
  if (first) throw new Error(`the data key of ${first.stream} at revision ${first.revision} is not in this database: what would be written could not be read`);
}

/** Reads the file to its end before anything is touched; the master key must open what wraps the personal data. */
async function check(path: string, masterKey: MasterKey): Promise<void> {
  const tried = new Set<string>();
  for await (const { table, row } of readBackup(path, header => refuseNewer(path, header))) {
    if (table !== 'data_keys') continue;
    const { key_id: keyId, wrapped, wrapped_by: wrappedBy } = JSON.parse(row) as { key_id: string; wrapped: string | null; wrapped_by: string };
    if (wrapped === null || tried.has(wrappedBy)) continue;
    masterKey.unwrap(keyId, Buffer.from(wrapped.slice(2), 'hex'), wrappedBy);
    tried.add(wrappedBy);
  }
}

function refuseNewer(path: string, { migration }: BackupHeader): void {
  if (migration > NEWEST_MIGRATION) throw new BackupDamaged(path, `was taken at migration ${migration}, this version knows ${NEWEST_MIGRATION}: use the newer version`);
}

async function fill(tx: Queryable, path: string, generations: readonly Generation[], progress: (rows: number) => void): Promise<Record<string, number>> {
  const known = Object.keys(await tablesOf(tx));
  await tx.query(`LOCK TABLE ${known.map(table => `ledger."${table}"`).join(', ')} IN ACCESS EXCLUSIVE MODE`);
  const { rows: [there] } = await tx.query<{ events: number }>('SELECT count(*) AS events FROM ledger.events');
  if (there && there.events > 0) throw new TargetNotEmpty(there.events);
  for (const generation of generations) await tx.query(`DROP SCHEMA IF EXISTS "${schemaOf(generation)}" CASCADE`);
  await tx.query('DELETE FROM ledger.read_models');
  for (const table of known.toReversed()) await tx.query(`DELETE FROM ledger."${table}"`);

  let header: BackupHeader | undefined;
  const counts: Record<string, number> = {};
  let [table, waiting]: [string, string[]] = ['', []];
  const insert = async (): Promise<void> => {
    const columns = header?.tables[table];
    if (waiting.length === 0 || columns === undefined) return;
    if (!known.includes(table)) throw new BackupDamaged(path, `holds a table ${table}, which this version does not know`);
    await tx.query(
      `INSERT INTO ledger."${table}" (${listed(columns)}) SELECT ${listed(columns)} FROM json_populate_recordset(NULL::ledger."${table}", $1::json)`,
      [`[${waiting.join(',')}]`]);
    counts[table] = (counts[table] ?? 0) + waiting.length;
    progress(waiting.length);
    waiting = [];
  };
  for await (const { table: of, row } of readBackup(path, found => { header = found; })) {
    if (of !== table || waiting.length >= ROWS) await insert();
    table = of;
    waiting.push(row);
  }
  await insert();
  await tx.query(`SELECT setval('ledger.position', greatest($1::bigint, 1))`, [header?.lastPosition ?? 1]);
  return counts;
}
