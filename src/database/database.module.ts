import { Global, Injectable, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { Starting } from '../starting.js';
import { Clock } from './clock.js';
import { clockOf } from './clocks.js';
import { Database } from './database.js';
import { Leadership } from './leadership.js';
import { serviceName } from './service-name.js';
import { openDatabase, type OpenDatabase } from './open-database.js';

const OPEN = Symbol('the open database');

/** Last of all: others still write while they close. */
@Injectable()
class CloseDatabase implements OnApplicationShutdown {
  constructor(private readonly open: OpenDatabase) {}

  onApplicationShutdown(): Promise<void> {
    return this.open.close();
  }
}

@Global()
@Module({
  providers: [
    {
      provide: OPEN,
      inject: [Config, Starting],
      useFactory: async (config: Config, starting: Starting) =>
        starting.add(
          await openDatabase(
            config,
            { applicationName: serviceName(config), max: 12 },
            {
              log: line => new Logger('Database').warn(line),
              signal: starting.signal,
            },
          ),
        ),
    },
    { provide: Database, inject: [OPEN], useFactory: ({ database }: OpenDatabase) => database },
    { provide: CloseDatabase, inject: [OPEN], useFactory: (open: OpenDatabase) => new CloseDatabase(open) },
    {
      provide: Clock,
      inject: [Config, Database],
      useFactory: (config: Config, database: Database) => clockOf(database, config),
    },
    Leadership,
  ],
  exports: [Database, Clock, Leadership],
})
export class DatabaseModule {}
