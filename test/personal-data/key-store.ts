import { randomBytes } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import { DataKeys, type DataKey, type DataKeysOptions } from '../../src/personal-data/data-keys.js';
import { startTestDatabase } from '../support/postgres.js';

export const masterKey = randomBytes(32);

/** A database with no data key in it before each test, as its owner and as the service see it. */
export interface KeyStore {
  url: string;
  owner: Database;
  database: Database;
  /** What the service asked of `database` since the test emptied it. */
  statements: string[];
}

export function keyStore(): KeyStore {
  const store = { statements: [] as string[] } as KeyStore;
  let stop: () => Promise<unknown>;
  beforeAll(async () => {
    const server = await startTestDatabase();
    stop = () => server.stop();
    store.url = server.url;
    store.owner = Database.open({ url: server.ownerUrl, applicationName: 'test owner' });
    store.database = through(Database.open({ url: server.url, applicationName: 'test' }), (send, text) => {
      store.statements.push(text);
      return send();
    });
  });
  afterAll(async () => {
    await store.database.close();
    await store.owner.close();
    await stop();
  });
  beforeEach(async () => {
    await store.owner.query('truncate ledger.data_keys, ledger.master_key');
    store.statements = [];
  });
  return store;
}

export async function started(database: Database, options: DataKeysOptions = {}, master = masterKey): Promise<DataKeys> {
  const keys = new DataKeys(database, master, options);
  await keys.start();
  return keys;
}

export const takeMany = (keys: DataKeys, count: number): Promise<DataKey[]> =>
  Promise.all(Array.from({ length: count }, () => keys.take()));

export const stored = async ({ owner }: KeyStore): Promise<number> => (await owner.query('select from ledger.data_keys')).rowCount;

/** The same database, with something in the way of its statements. */
export const through = (inner: Database, query: (send: () => unknown, text: string) => unknown): Database =>
  new Proxy(inner, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: [string | { text: string }]): unknown => {
        const send = (): unknown => member.apply(target, given);
        if (name === 'transaction') return query(send, 'transaction');
        return name === 'query' ? query(send, typeof given[0] === 'string' ? given[0] : given[0].text) : send();
      };
    },
  });
