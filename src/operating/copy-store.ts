import type { Config } from '../config.js';
import { ConfigError } from '../config-error.js';
import type { Database, Queryable } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { compareStores, type Comparison, copyEvents } from '../event-store/copy-events.js';
import type { EventStore, StoredEvent } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { missingKeys } from '../personal-data/data-keys.js';
import { followerNowhere } from '../projecting/checkpoints.js';
import { keepServicesAway, type Moved, Relocation } from './relocation.js';

/** The store in the database of the settings. */
const EMBEDDED = 'embedded';
const IN_POSTGRES = /^postgres(?:ql)?:\/\/./;
const URLS = /^(?:esdb|kurrentdb)(?:\+discover)?:\/\/./;

/** Without its keys an event cannot be read, and nobody would notice before the service starts. */
export class KeysElsewhere extends Error {
  constructor(keyIds: readonly string[]) {
    super(
      `events are sealed with data keys that this database does not hold (${keyIds[0]} is one of ${keyIds.length}): run this with ` +
        `the DATA_DIR or DATABASE_URL of the service that wrote them`,
    );
    this.name = 'KeysElsewhere';
  }
}

export interface CopyStore {
  /** `embedded`, the URL of that database, or of an EventStoreDB or KurrentDB. */
  readonly from: string;
  readonly to: string;
  /** Called when a part begins, with its name; gives what counts the events that pass. */
  readonly begin: (part: string, unit: string) => { add(events: number): void; end(): void };
  /** What an operator should know, one line each. */
  readonly report: (line: string) => void;
}

export type StoreCopied = Comparison & Moved & { readonly storeId: string };

/**
 * Copies every event, compares the two stores, then lets all that followed the one follow the other. May be called again after
 * any interruption. No service may run on the database meanwhile.
 * @throws ConfigError, StoresDiffer, InUse, FollowsAnotherStore, KeysElsewhere, StoreUnavailable, DatabaseUnavailable
 */
export async function copyStore(config: Config, { from, to, begin, report }: CopyStore): Promise<StoreCopied> {
  const { database, close } = await openDatabase(
    settingsFor(config, { from, to }),
    { applicationName: 'caseledger-copy', max: 4 },
    { log: report },
  );
  const open: EventStore[] = [];
  const opened = async (name: string, option: string): Promise<EventStore> => {
    const store = await openEventStore(database, URLS.test(name) ? name : undefined, report, option, { copies: true });
    open.push(store);
    return store;
  };
  try {
    const stores = [await opened(from, '--from'), await opened(to, '--to')] as const;
    for (const store of stores) for (const line of await store.irregularities()) report(line);
    if ((await stores[0].storeId()) === (await stores[1].storeId()))
      throw new ConfigError(['--from and --to lead to the same event store']);
    const services = await keepServicesAway(database);
    try {
      return await copyAndMove(database, ...stores, begin);
    } finally {
      await services.close();
    }
  } finally {
    for (const store of open) await store.close();
    await close();
  }
}

/**
 * Events in PostgreSQL stand beside their keys and timers, so there is one database, and at most one of the two stores is in it.
 * @throws ConfigError
 */
function settingsFor(config: Config, names: Pick<CopyStore, 'from' | 'to'>): Config {
  const faults = Object.entries(names)
    .filter(([, name]) => name !== EMBEDDED && !URLS.test(name) && !IN_POSTGRES.test(name))
    .map(([option]) => `--${option} must be ${EMBEDDED}, or a URL that begins with esdb://, kurrentdb:// or postgres://`);
  const inPostgres = Object.values(names).filter(name => !URLS.test(name));
  if (faults.length === 0 && inPostgres.length > 1)
    faults.push(
      '--from and --to are both in PostgreSQL, where keys and timers stand beside the events: move the whole database with backup ' +
        'and restore',
    );
  const [url] = inPostgres.filter(name => name !== EMBEDDED);
  if (url !== undefined && (config.databaseUrl ?? url) !== url)
    faults.push('DATABASE_URL names another database than the URL that was given');
  if (faults.length > 0) throw new ConfigError(faults);
  return url === undefined ? config : { ...config, databaseUrl: url, migrationDatabaseUrl: config.migrationDatabaseUrl ?? url };
}

/** All events of one ledger in their order: another store, or a backup. */
export type Source = Pick<EventStore, 'readAll' | 'storeId' | 'head'>;

/** No service may run on the database. @throws as copyStore */
export async function copyAndMove(database: Database, from: Source, to: EventStore, begin: CopyStore['begin']): Promise<StoreCopied> {
  const [fromId, storeId] = [await from.storeId(), await to.storeId()];
  const relocation = await Relocation.begin(database, fromId, storeId);
  try {
    const lost = await followerNowhere(database, { id: fromId, head: await from.head() });
    if (lost !== undefined)
      throw new ConfigError([
        `${lost} stands where no event can stand, and has missed some: start the service once on the store that it follows, then copy`,
      ]);
    const copied = begin('copy', 'events');
    await copyEvents(from, to, { progress: events => copied.add(events), check: events => keysAreHere(database, events) });
    copied.end();
    const compared = begin('compare', 'events');
    const comparison = await compareStores(from, to, async places => {
      await relocation.note(places);
      compared.add(places.length);
    });
    compared.end();
    return { ...comparison, ...(await relocation.move(fromId, storeId)), storeId };
  } finally {
    await relocation.close();
  }
}

/** Where the events are to be, the keys that seal what is personal in them must be too: they lie in this database. @throws KeysElsewhere */
export async function keysAreHere(database: Queryable, events: readonly StoredEvent[]): Promise<void> {
  const named = new Set(
    events.flatMap(({ personal, metadata: { keyId } }) => (personal !== undefined && keyId !== undefined ? [keyId] : [])),
  );
  const missing = named.size > 0 ? await missingKeys(database, [...named]) : [];
  if (missing.length > 0) throw new KeysElsewhere(missing);
}
