import { afterEach, beforeEach } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { service, type Build, type Service } from './support.js';

/** Services over a database of each test's own; what of them still runs is stopped after it. */
export interface ServicesOfATest {
  /** Who may look at every table, and alter it. */
  owner(): Database;
  assembled(build: Build, name?: string): Promise<Service>;
  /** Assembled, and following. */
  started(build: Build, name?: string): Promise<Service>;
  stopped(service: Service): Promise<void>;
}

/** For the tests of the file that calls it. */
export function servicesOfATest(): ServicesOfATest {
  let postgres: TestDatabase;
  let owner: Database;
  let services: Service[];
  beforeEach(async () => {
    postgres = await startTestDatabase();
    owner = Database.open({ url: postgres.ownerUrl, applicationName: 'spec owner', max: 2 });
    services = [];
  });
  afterEach(async () => {
    await Promise.all(services.map(each => each.stop()));
    await owner.close();
    await postgres.stop();
  });
  const assembled = async (build: Build, name?: string): Promise<Service> => {
    const made = await service(postgres.url, build, name);
    services.push(made);
    return made;
  };
  return {
    owner: () => owner,
    assembled,
    started: async (build, name) => {
      const made = await assembled(build, name);
      await made.followers.start();
      return made;
    },
    stopped: async each => {
      services = services.filter(other => other !== each);
      await each.stop();
    },
  };
}
