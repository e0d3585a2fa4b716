import { randomUUID } from 'node:crypto';
import { Database } from '../../src/database/database.js';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { DataKeys } from '../../src/personal-data/data-keys.js';
import { keyStore, masterKey, started, takeMany } from './key-store.js';
import { Network } from './network.js';

const store = keyStore();

describe('without PostgreSQL', () => {
  it("the pool lasts, then the error is the database's own; when it is back, so are the keys", async () => {
    const network = await Network.to(store.url);
    const reached = Database.open({ url: network.url, applicationName: 'behind the gate' });
    try {
      const keys = await started(reached, { pool: 20 });
      await network.cut();
      const taken = await takeMany(keys, 20);
      await expect(keys.take()).rejects.toThrow(DatabaseUnavailable);
      await expect(keys.get([randomUUID()])).rejects.toThrow(DatabaseUnavailable);
      await expect(keys.destroy([randomUUID()])).rejects.toThrow(DatabaseUnavailable);
      expect((await keys.get([taken[0]?.keyId as string])).size).toBe(1);
      await network.mend();
      const later = await takeMany(keys, 50);
      expect(new Set([...taken, ...later].map(({ keyId }) => keyId)).size).toBe(70);
      const known = await new DataKeys(store.database, masterKey).get([...taken, ...later].map(({ keyId }) => keyId));
      expect(known.size).toBe(70);
      await keys.close();
    } finally {
      await reached.close();
      await network.close();
    }
  });

  it("a start fails with the database's own error and may be tried again", async () => {
    const network = await Network.to(store.url);
    const reached = Database.open({ url: network.url, applicationName: 'behind the gate' });
    try {
      await network.cut();
      const keys = new DataKeys(reached, masterKey, { pool: 4 });
      await expect(keys.start()).rejects.toThrow(DatabaseUnavailable);
      await network.mend();
      await keys.start();
      expect((await keys.take()).key).toHaveLength(32);
      await keys.close();
    } finally {
      await reached.close();
      await network.close();
    }
  });
});
