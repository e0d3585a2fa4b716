import { afterEach, beforeEach } from '@jest/globals';
import { startCaseledger, type Caseledger } from './caseledger.js';
import { startTestDatabase, type TestDatabase } from './postgres.js';

/** Services over one database, which is another for each test; what of them still runs is stopped after it. */
export interface ServicesOverOne {
  database(): TestDatabase;
  start(settings: Readonly<Record<string, string>>): Promise<Caseledger>;
  stop(service: Caseledger): Promise<void>;
}

/** For the tests of the file that calls it. */
export function servicesOverOne(): ServicesOverOne {
  let database: TestDatabase;
  let running: Caseledger[] = [];
  beforeEach(async () => {
    database = await startTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(running.map(service => service.stop()));
    running = [];
    await database.stop();
  });
  return {
    database: () => database,
    start: async settings => {
      const started = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, ...settings });
      running.push(started);
      return started;
    },
    stop: async service => {
      running = running.filter(other => other !== service);
      await service.stop();
    },
  };
}
