import type { Database } from '../database/database.js';
import type { EventStore } from './event-store.js';
import { SharedFollowing } from './shared-following.js';
import { PostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';

/**
 * The store that the URL names; without one, the store in the database.
 * @param report what an operator should know, one line each
 * @param setting what an error calls the URL
 * @param options of a store in the database
 * @throws ConfigError when the URL leads nowhere
 */
export async function openEventStore(
  database: Database,
  url: string | undefined,
  report: (line: string) => void,
  setting = 'EVENT_STORE_URL',
  options: PostgresEventStoreOptions = {},
): Promise<EventStore> {
  if (url === undefined) return new PostgresEventStore(database, options);
  // The clients are loaded only where they are used.
  const { openEventStoreDb } = await import('./eventstoredb/open-eventstoredb.js');
  return new SharedFollowing(await openEventStoreDb(url, { report }, setting));
}
