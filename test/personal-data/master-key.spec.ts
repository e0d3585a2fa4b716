import { randomBytes } from 'node:crypto';
import { DataKeys, type DataKey } from '../../src/personal-data/data-keys.js';
import { DataKeyDamaged, MasterKeyMismatch } from '../../src/personal-data/master-key.js';
import { keyStore, masterKey, started, stored, takeMany, through } from './key-store.js';

const store = keyStore();

describe('the master key', () => {
  it('must be the one that wraps what is stored', async () => {
    await (await started(store.database, { pool: 4 })).close();
    const wrong = new DataKeys(store.database, randomBytes(32));
    await expect(wrong.start()).rejects.toThrow(MasterKeyMismatch);
    await expect(wrong.start()).rejects.toThrow(/MASTER_KEY/);
    expect(await stored(store)).toBe(4);
  });

  it('must have 32 bytes', () => {
    for (const length of [0, 16, 31, 33])
      expect(() => new DataKeys(store.database, randomBytes(length))).toThrow(/MASTER_KEY must have 32 bytes/);
  });

  it('notices a key whose bytes were altered or taken from another row, and says nothing of it', async () => {
    const keys = await started(store.database, { pool: 4 });
    const [one, other] = (await takeMany(keys, 2)) as [DataKey, DataKey];
    await keys.close();
    const fresh = new DataKeys(store.database, masterKey);
    await store.owner.query(
      'update ledger.data_keys set wrapped = (select wrapped from ledger.data_keys where key_id = $2) where key_id = $1',
      [one.keyId, other.keyId],
    );
    const error = (await fresh.get([one.keyId]).catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(DataKeyDamaged);
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(masterKey.toString('hex'));
    expect(error.cause).toBeUndefined();
    await store.owner.query(`update ledger.data_keys set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1) where key_id = $1`, [
      other.keyId,
    ]);
    await expect(fresh.get([other.keyId])).rejects.toThrow(DataKeyDamaged);
    await store.owner.query(`update ledger.data_keys set wrapped = '\\x00'`);
    await expect(fresh.start()).rejects.toThrow(DataKeyDamaged);
  });

  it('is exchanged by wrapping every key anew; destroyed keys stay destroyed', async () => {
    const before = await started(store.database, { pool: 1500 });
    const [gone, ...taken] = (await takeMany(before, 50)) as [DataKey, ...DataKey[]];
    await before.destroy([gone.keyId]);
    const newMaster = randomBytes(32);
    expect(await before.rewrap(newMaster)).toBe(1499);
    expect(await before.rewrap(newMaster)).toBe(0);
    expect(await takeMany(before, 1)).toHaveLength(1);
    await before.close();

    await expect(started(store.database)).rejects.toThrow(MasterKeyMismatch);
    const after = await started(store.database, {}, newMaster);
    const known = await after.get([gone.keyId, ...taken.map(({ keyId }) => keyId)]);
    expect(known.get(gone.keyId)).toBe('destroyed');
    expect(taken.every(({ keyId, key }) => key.equals(known.get(keyId) as Buffer))).toBe(true);
  });

  it('half exchanged is refused at the start, and can be exchanged to the end', async () => {
    const before = await started(store.database, { pool: 1200 });
    const { keyId, key } = await before.take();
    await before.close();
    const newMaster = randomBytes(32);
    let transactions = 0;
    const failing = new DataKeys(
      through(store.database, (send, text) => {
        if (text === 'transaction' && transactions++ === 1) throw new Error('cut off');
        return send();
      }),
      masterKey,
    );
    await expect(failing.rewrap(newMaster)).rejects.toThrow('cut off');
    await expect(started(store.database)).rejects.toThrow(MasterKeyMismatch);
    await expect(started(store.database, {}, newMaster)).rejects.toThrow(MasterKeyMismatch);
    expect(await new DataKeys(store.database, masterKey).rewrap(newMaster)).toBe(200);
    expect((await (await started(store.database, {}, newMaster)).get([keyId])).get(keyId)).toEqual(key);
  });
});
