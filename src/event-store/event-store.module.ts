import { Global, Inject, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { Database } from '../database/database.js';
import { Leadership } from '../database/leadership.js';
import { Starting } from '../starting.js';
import { DataKeys } from '../personal-data/data-keys.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { AppendFailures, CountedAppends } from './counted-appends.js';
import { Erasing } from './erasing.js';
import { EventStore } from './event-store.js';
import { FollowedStore } from './followed-store.js';
import { KeysCommitted } from './keys-committed.js';
import { Ledger } from './ledger.js';
import { openEventStore } from './open-event-store.js';

/** Where events are kept, how they are decided, and the keys that seal what is personal in them. */
@Global()
@Module({
  providers: [
    {
      provide: EventStore,
      inject: [Database, Config, DataKeys, Starting, AppendFailures, Leadership],
      useFactory: async (
        database: Database,
        { eventStoreUrl }: Config,
        keys: DataKeys,
        starting: Starting,
        failures: AppendFailures,
        leadership: Leadership,
      ) => {
        const logger = new Logger('EventStore');
        const store = starting.add(await openEventStore(database, eventStoreUrl, line => logger.warn(line)));
        const followed = new FollowedStore(eventStoreUrl === undefined ? store : new KeysCommitted(store, keys), leadership, database);
        return new CountedAppends(followed, failures);
      },
    },
    {
      provide: DataKeys,
      inject: [Database, Config, Starting],
      useFactory: async (database: Database, { masterKey, previousMasterKey: previous }: Config, starting: Starting) => {
        const keys = starting.add(new DataKeys(database, masterKey, { previous }));
        await keys.start();
        return keys;
      },
    },
    AppendFailures,
    PersonalData,
    Ledger,
    Erasing,
  ],
  exports: [EventStore, AppendFailures, DataKeys, PersonalData, Ledger, Erasing],
})
export class EventStoreModule implements BeforeApplicationShutdown {
  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(DataKeys) private readonly keys: DataKeys,
    @Inject(Database) { continuity }: Database,
    @Inject(Ledger) ledger: Ledger,
  ) {
    continuity.onBreak(() => ledger.forget());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.store.close();
    await this.keys.close();
  }
}
