import { Global, Inject, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { Database } from '../database/database.js';
import { DataKeys } from '../personal-data/data-keys.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { EventStore } from './event-store.js';
import { Ledger } from './ledger.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';

/** Where events are kept, how they are decided, and the keys that seal what is personal in them. */
@Global()
@Module({
  providers: [
    { provide: EventStore, inject: [Database, Config], useFactory: storeOfRecord },
    {
      provide: DataKeys,
      inject: [Database, Config],
      useFactory: async (database: Database, { masterKey }: Config) => {
        const keys = new DataKeys(database, masterKey);
        await keys.start();
        return keys;
      },
    },
    PersonalData,
    Ledger,
  ],
  exports: [EventStore, DataKeys, PersonalData, Ledger],
})
export class EventStoreModule implements BeforeApplicationShutdown {
  constructor(@Inject(EventStore) private readonly store: EventStore, @Inject(DataKeys) private readonly keys: DataKeys) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.store.close();
    await this.keys.close();
  }
}

/** @throws ConfigError when EVENT_STORE_URL leads nowhere */
async function storeOfRecord(database: Database, { eventStoreUrl }: Config): Promise<EventStore> {
  if (eventStoreUrl === undefined) return new PostgresEventStore(database);
  // The clients are loaded only where they are used.
  const { openEventStoreDb } = await import('./eventstoredb/open-eventstoredb.js');
  const logger = new Logger('EventStore');
  return openEventStoreDb(eventStoreUrl, { report: (line) => logger.warn(line) });
}
