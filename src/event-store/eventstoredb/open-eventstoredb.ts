import { ConfigError } from '../../config-error.js';
import { type Driver, driverFor, PackagesCollide } from './clients.js';
import { Connection } from './connection.js';
import { ConnectionString, WrongConnectionString } from './connection-string.js';
import { EventStoreDbEventStore, type EventStoreDbOptions } from './eventstoredb-event-store.js';
import { faultOf } from './faults.js';
import { Identity } from './identity.js';
import { Pages } from './pages.js';

/** A server that starts beside the service is given a moment. */
const PATIENCE = { deadlineMs: 5_000, attemptMs: 3_000, atOnce: 1 };

/**
 * Connects and makes sure that everything can be read, so that a wrong setting is known at the start.
 * @throws ConfigError with one line that names the setting and repeats nothing of the URL
 */
export async function openEventStoreDb(
  url: string,
  options: EventStoreDbOptions = {},
  setting = 'EVENT_STORE_URL',
): Promise<EventStoreDbEventStore> {
  try {
    const connectionString = new ConnectionString(url);
    const driver = await driverFor(connectionString.scheme);
    // The packages read a string, and the files that it names, when a client is made.
    await driver.connect(connectionString.for('follow')).dispose();
    await check(driver, connectionString);
    return new EventStoreDbEventStore(driver, connectionString, options);
  } catch (error) {
    throw new ConfigError([`${setting} ${reasonOf(error)}`], { cause: error });
  }
}

async function check(driver: Driver, url: ConnectionString): Promise<void> {
  const pages = new Pages(new Connection(() => driver.connect(url.for('read'))), PATIENCE);
  try {
    const identity = new Identity(pages);
    await identity.storeId();
    await identity.head();
  } finally {
    await pages.close();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof WrongConnectionString || error instanceof PackagesCollide) return error.message;
  const { message = '', code, cause } = error as { message?: string; code?: unknown; cause?: unknown };
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return 'needs @kurrent/kurrentdb-client, which is not installed';
  if (/certificate file|key file|ENOENT/i.test(message)) return 'names a certificate file that cannot be read';
  if (faultOf(cause) === 'refused') return 'is answered, but its user may not read everything: wrong credentials, or no access to $all';
  if (/certificate|self.signed|issuer/i.test(message)) return 'leads to a server whose certificate cannot be verified: set tlsCAFile';
  if (cause === undefined && faultOf(error) === 'unknown') return 'is no connection string';
  return 'leads to no server that answers, or to one whose certificate cannot be verified';
}
