import type { Config } from '../config.js';
import type { Database, Queryable } from '../database/database.js';
import { migrations } from '../database/migrations/all.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { openDatabase } from '../database/open-database.js';
import { type EventStore, type Position, START } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { followerElsewhere } from '../event-store/followed-store.js';
import { followerNowhere } from '../projecting/checkpoints.js';
import { type BackupHeader, BackupWriter, type Counts, FORMAT } from './backup-file.js';
import { EVENT_COLUMNS, rowOf } from './backup-rows.js';
import { keysAreHere } from './copy-store.js';
import { FollowsAnotherStore } from './relocation.js';

/** Rows fetched with one statement. */
const ROWS = 1_000;
export const HOURS_MS = 60 * 60_000;
/** What is made again: which migrations are there, and read models. */
const NOT_KEPT = ['schema_migrations', 'restoring', 'read_models', 'parked_events'];
/** Where events lie apart: what stands in their place, and what has to be no older than they are. */
const [OF_EVENTS, LAST] = [
  ['store', 'events'],
  ['data_keys', 'master_key', 'clock'],
];
export const NEWEST_MIGRATION = migrations.at(-1)?.version ?? 0;

export interface BackupOptions {
  /** Called when a part begins, with its name and what it counts; gives what counts it. */
  readonly begin: (part: string, unit: string) => { add(count: number): void; end(): void };
  /** What an operator should know, one line each. */
  readonly report: (line: string) => void;
}

type Progress = (rows: number) => void;
type Tables = Readonly<Record<string, readonly string[]>>;

/**
 * Writes all that is primary to a file; services may go on meanwhile. What was acknowledged before it began is in it.
 * @throws ConfigError, DatabaseUnavailable, StoreUnavailable; FollowsAnotherStore, KeysElsewhere, Incomplete where what would be
 * written could not be restored; what the file system says
 */
export async function backUp(config: Config, path: string, { begin, report }: BackupOptions): Promise<Counts> {
  const { database, owner, close } = await openDatabase(config, { applicationName: 'caseledger-backup', max: 1 }, { log: report });
  try {
    const passing = begin('backup', 'rows');
    const store = await openEventStore(database, config.eventStoreUrl, report);
    try {
      for (const line of await store.irregularities()) report(line);
      const counts = await owner({ statementTimeoutMs: HOURS_MS }, async owned => {
        const write = config.eventStoreUrl === undefined ? atOneMoment : beside;
        return write({ database: owned, store, path, progress: rows => passing.add(rows) });
      });
      passing.end();
      return counts;
    } finally {
      await store.close();
    }
  } finally {
    await close();
  }
}

/** Events are missing, or what depends on them knows more of them than there are. */
export class Incomplete extends Error {
  constructor(what: string) {
    super(`${what}: what would be written could not be restored; doctor says more`);
    this.name = 'Incomplete';
  }
}

interface Writing {
  readonly database: Database;
  readonly store: EventStore;
  readonly path: string;
  readonly progress: Progress;
}

/** Events, keys and processes as one snapshot of the database has them. */
async function atOneMoment({ database, store, path, progress }: Writing): Promise<Counts> {
  const storeId = await store.storeId();
  return inSnapshot(database, async tx => {
    await refuseElsewhere(tx, storeId);
    const tables = await tablesOf(tx);
    const {
      rows: [at],
    } = await tx.query<{ last: number }>('SELECT last_value AS last FROM ledger.position');
    return writing(path, { ...(await headerFor(tx, tables)), events: 'postgresql', lastPosition: at?.last ?? 1 }, async file => {
      await nothingIsMissing(tx);
      for (const [table, columns] of Object.entries(tables)) await copyTable(tx, table, columns, file, progress);
    });
  });
}

/**
 * Events lie in another store, and no moment is common to both. So what processes have to do is read first, then the events, then
 * the keys: all events that processes have answered are there, and do again at worst what they did since; no event lacks its key;
 * and a key that was destroyed meanwhile is not in the file.
 */
async function beside({ database, store, path, progress }: Writing): Promise<Counts> {
  const storeId = await store.storeId();
  const { breaks } = database.continuity;
  const tables = inOrder({ ...(await tablesOf(database)), events: EVENT_COLUMNS });
  return writing(path, { ...(await headerFor(database, tables)), events: 'eventstoredb' }, async file => {
    const copy = async (tx: Queryable, these: (table: string) => boolean): Promise<void> => {
      for (const [table, columns] of Object.entries(tables)) if (these(table)) await copyTable(tx, table, columns, file, progress);
    };
    const head = await store.head();
    const answered = await inSnapshot(database, async tx => {
      await refuseElsewhere(tx, storeId);
      const nowhere = await followerNowhere(tx, { id: storeId, head });
      if (nowhere !== undefined) throw new Incomplete(`${nowhere} stands where no event can stand, and has missed some`);
      await copy(tx, table => !OF_EVENTS.includes(table) && !LAST.includes(table));
      const {
        rows: [processes],
      } = await tx.query<{ answered: Position | null }>('SELECT max(triggered) AS answered FROM ledger.processes');
      return processes?.answered ?? START;
    });
    await file.rows('store', [JSON.stringify({ only_one: true, store_id: storeId })]);
    progress(1);
    await copyEvents({ database, store, file, progress }, answered);
    await inSnapshot(database, tx => copy(tx, table => LAST.includes(table)));
    if (database.continuity.breaks !== breaks) {
      throw new DatabaseUnavailable('the database was restarted or exchanged meanwhile: call backup again');
    }
  });
}

const inOrder = (tables: Tables): Tables => {
  const early = Object.keys(tables).filter(table => !OF_EVENTS.includes(table) && !LAST.includes(table));
  return Object.fromEntries([...early, ...OF_EVENTS, ...LAST].map(table => [table, tables[table] ?? []]));
};

/** @param answered the newest event that processes have taken in */
async function copyEvents(
  { database, store, file, progress }: Omit<Writing, 'path'> & { readonly file: BackupWriter },
  answered: Position,
): Promise<void> {
  const end = await store.newest();
  if (end < answered) throw new Incomplete(`processes have answered ${answered}, and the event store ends at ${end}`);
  const revisions = new Map<string, number>();
  let last = START;
  for await (const batch of store.readAll()) {
    const events = batch.filter(({ position }) => position <= end);
    await keysAreHere(database, events);
    for (const { stream, revision, position } of events) {
      if (revision !== (revisions.get(stream) ?? -1) + 1) throw new Incomplete(`${stream} lacks what stood before revision ${revision}`);
      revisions.set(stream, revision);
      last = position;
    }
    await file.rows('events', events.map(rowOf));
    progress(events.length);
    if (events.length < batch.length) break;
  }
  if (last !== end) throw new Incomplete(`the newest event is at ${end}, and reading ends at ${last}`);
}

async function writing(path: string, header: BackupHeader, work: (file: BackupWriter) => Promise<void>): Promise<Counts> {
  const file = new BackupWriter(path, header);
  try {
    await work(file);
    return await file.end();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

async function headerFor(on: Queryable, tables: Tables): Promise<Omit<BackupHeader, 'events'>> {
  const {
    rows: [at],
  } = await on.query<{ now: string }>(`SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS now`);
  return { caseledger: 'backup', format: FORMAT, migration: NEWEST_MIGRATION, takenAt: at?.now ?? '', tables };
}

const inSnapshot = <Result>(database: Database, work: (tx: Queryable) => Promise<Result>): Promise<Result> =>
  database.transaction(work, { isolation: 'repeatable read', readOnly: true });

/** The events of a store that nobody follows here are those of somebody else, or an old copy. */
async function refuseElsewhere(tx: Queryable, storeId: string): Promise<void> {
  const elsewhere = await followerElsewhere(tx, [storeId]);
  if (elsewhere) throw new FollowsAnotherStore(elsewhere.name, elsewhere.storeId, `not ${storeId}, which EVENT_STORE_URL leads to`);
}

/** Those that others refer to come first. */
export async function tablesOf(on: Queryable): Promise<Record<string, string[]>> {
  const { rows } = await on.query<{ table: string; columns: string[] }>(
    `SELECT c.relname AS table, ARRAY(SELECT attname::text FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
     FROM pg_class c WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
     ORDER BY (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'), c.relname`,
    [NOT_KEPT],
  );
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
}

async function copyTable(tx: Queryable, table: string, columns: readonly string[], file: BackupWriter, progress: Progress): Promise<void> {
  const order = table === 'events' ? ' ORDER BY position' : '';
  await tx.query(
    `DECLARE rows NO SCROLL CURSOR FOR SELECT row_to_json(r)::text AS row FROM (SELECT ${listed(columns)} FROM ` +
      `ledger."${table}"${order}) AS r`,
  );
  for (;;) {
    const { rows } = await tx.query<{ row: string }>(`FETCH ${ROWS} FROM rows`);
    await file.rows(
      table,
      rows.map(({ row }) => row),
    );
    progress(rows.length);
    if (rows.length < ROWS) break;
  }
  await tx.query('CLOSE rows');
}

export const listed = (columns: readonly string[]): string => columns.map(column => `"${column.replaceAll('"', '""')}"`).join(', ');

/** Without its key an event can never be read: whoever makes a backup should know at once. @throws Incomplete */
export async function nothingIsMissing(tx: Queryable): Promise<void> {
  const {
    rows: [keyless],
  } = await tx.query<{ stream: string; revision: number }>(
    `SELECT stream, revision FROM ledger.events e WHERE personal IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM ledger.data_keys WHERE key_id = (e.metadata ->> 'keyId')::uuid) LIMIT 1`,
  );
  if (keyless) throw new Incomplete(`the data key of ${keyless.stream} at revision ${keyless.revision} is not there`);
  const {
    rows: [gap],
  } = await tx.query<{ stream: string }>('SELECT stream FROM ledger.events GROUP BY stream HAVING count(*) <> max(revision) + 1 LIMIT 1');
  if (gap) throw new Incomplete(`${gap.stream} lacks a revision`);
}
