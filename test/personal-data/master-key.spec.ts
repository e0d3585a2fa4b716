import { randomBytes } from 'node:crypto';
import { DataKeys, type DataKey } from '../../src/personal-data/data-keys.js';
import { DataKeyDamaged, MasterKey, MasterKeyMismatch } from '../../src/personal-data/master-key.js';
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

  describe('is exchanged', () => {
    const next = randomBytes(32);
    /** What wraps with the new one, and reads with either. */
    const withBoth = { previous: masterKey };
    const wrappers = async (): Promise<unknown> =>
      (await store.owner.query('select wrapped_by, count(*) from ledger.data_keys where wrapped is not null group by 1')).rows;
    const only = (count: number) => [{ wrapped_by: new MasterKey(next).id, count }];

    it('by wrapping every key anew; destroyed keys stay destroyed', async () => {
      const before = await started(store.database, { pool: 1500 });
      const [gone, ...taken] = (await takeMany(before, 50)) as [DataKey, ...DataKey[]];
      await before.destroy([gone.keyId]);
      await before.close();
      const rotating = await started(store.database, { ...withBoth, pool: 0 }, next);
      const passed: number[] = [];
      expect(await rotating.wrapping.rotate(count => passed.push(count))).toBe(1499);
      expect(passed).toEqual([1000, 499]);
      expect(await rotating.wrapping.rotate()).toBe(0);
      expect(await wrappers()).toEqual(only(1499));

      await expect(started(store.database)).rejects.toThrow(MasterKeyMismatch);
      const after = await started(store.database, { pool: 0 }, next);
      const known = await after.get([gone.keyId, ...taken.map(({ keyId }) => keyId)]);
      expect(known.get(gone.keyId)).toBe('destroyed');
      expect(taken.every(({ keyId, key }) => key.equals(known.get(keyId) as Buffer))).toBe(true);
    });

    it('only once somebody says so: until then whoever has both wraps with the one that the others know', async () => {
      const before = await started(store.database, { pool: 4 });
      const early = await started(store.database, { ...withBoth, pool: 4 }, next);
      const { keyId, key } = await early.take();
      expect((await before.get([keyId])).get(keyId)).toEqual(key);
      await expect(started(store.database, {}, next)).rejects.toThrow(/MASTER_KEY_PREVIOUS/);
    });

    it('half exchanged it is refused at the start by whoever has one of the two, and exchanged to the end', async () => {
      const before = await started(store.database, { pool: 1200 });
      const { keyId, key } = await before.take();
      await before.close();
      let transactions = 0;
      const cutOff = through(store.database, (send, text) => {
        if (text === 'transaction' && transactions++ === 1) throw new Error('cut off');
        return send();
      });
      await expect((await started(cutOff, { ...withBoth, pool: 0 }, next)).wrapping.rotate()).rejects.toThrow('cut off');
      await expect(started(store.database)).rejects.toThrow(MasterKeyMismatch);
      await expect(started(store.database, {}, next)).rejects.toThrow(MasterKeyMismatch);
      const both = await started(store.database, { ...withBoth, pool: 0 }, next);
      expect((await both.get([keyId])).get(keyId)).toEqual(key);
      expect(await both.wrapping.rotate()).toBe(200);
      expect((await (await started(store.database, { pool: 0 }, next)).get([keyId])).get(keyId)).toEqual(key);
    });

    it('by two at once, while services take keys: none is left, whoever made it', async () => {
      await (await started(store.database, { pool: 2500 })).close();
      const services = [
        await started(store.database, { ...withBoth, pool: 8 }, next),
        await started(store.database, { ...withBoth, pool: 8 }, next),
      ];
      const rotating = [1, 2].map(() => new DataKeys(store.database, next, { ...withBoth, pool: 0 }));
      const over = new AbortController();
      const taken: DataKey[] = [];
      const taking = services.map(async service => {
        while (!over.signal.aborted) taken.push(await service.take());
      });
      const rewrapped = await Promise.all(rotating.map(one => one.wrapping.rotate()));
      over.abort();
      await Promise.all(taking);
      await Promise.all(services.map(service => service.close()));
      expect(rewrapped.every(count => count >= 0)).toBe(true);
      expect(await wrappers()).toEqual(only(await stored(store)));
      const known = await (await started(store.database, { pool: 0 }, next)).get(taken.map(({ keyId }) => keyId));
      expect(taken.every(({ keyId, key }) => key.equals(known.get(keyId) as Buffer))).toBe(true);
    });

    it('under the hands of one that knows the old one alone: it makes no key that nobody could read, and says why', async () => {
      const late = await started(store.database, { pool: 2 });
      await (await started(store.database, { ...withBoth, pool: 0 }, next)).wrapping.rotate();
      const [taken] = await takeMany(late, 1);
      expect(taken).toBeDefined();
      await expect(takeMany(late, 4)).rejects.toThrow(MasterKeyMismatch);
      await expect(late.kept('c0a5e1ed-9e1b-4a9c-8f0d-6e1f7a2b3c4e')).rejects.toThrow(MasterKeyMismatch);
      expect(await wrappers()).toEqual(only(2));
    });

    it('is not what happens with a key that is neither, of the two or of a third', async () => {
      await (await started(store.database, { pool: 2 })).close();
      await expect(started(store.database, { previous: randomBytes(32) }, next)).rejects.toThrow(MasterKeyMismatch);
      await store.owner.query(
        `update ledger.data_keys set wrapped_by = 'ffffffffffffffff' where key_id = (select max(key_id::text)::uuid from ledger.data_keys)`,
      );
      await expect(started(store.database, { ...withBoth }, next)).rejects.toThrow(/ffffffffffffffff/);
      await store.owner.query(`update ledger.data_keys set wrapped_by = '0000000000000000' where wrapped_by = 'ffffffffffffffff'`);
      await expect(started(store.database, { ...withBoth }, next)).rejects.toThrow(/0000000000000000/);
    });
  });
});
