import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { DataKeys, KeyMissing, type DataKey } from '../../src/personal-data/data-keys.js';
import { keyStore, masterKey, started, stored, takeMany, through } from './key-store.js';

const store = keyStore();

describe('the pool', () => {
  it('hands out committed keys without waiting for the database', async () => {
    const keys = await started(store.database);
    expect(await stored(store)).toBe(256);
    store.statements = [];
    const taken = await takeMany(keys, 100);
    expect(store.statements).toEqual([]);
    const known = await new DataKeys(store.database, masterKey).get(taken.map(({ keyId }) => keyId));
    expect(taken.every(({ keyId, key }) => key.length === 32 && key.equals(known.get(keyId) as Buffer))).toBe(true);
  });

  it('is refilled in the background at half', async () => {
    const keys = await started(store.database);
    await takeMany(keys, 127);
    expect(await stored(store)).toBe(256);
    // Those who take while the refill is under way start no second one.
    await takeMany(keys, 40);
    await keys.close();
    expect(await stored(store)).toBe(256 + 128);
  });

  it('gives no key twice, however many take at once', async () => {
    const keys = await started(store.database, { pool: 16 });
    const taken = await takeMany(keys, 2000);
    expect(new Set(taken.map(({ keyId }) => keyId)).size).toBe(2000);
    expect(new Set(taken.map(({ key }) => key.toString('hex'))).size).toBe(2000);
    await keys.close();
    expect((await new DataKeys(store.database, masterKey).get(taken.map(({ keyId }) => keyId))).size).toBe(2000);
  });

  it('is its own in each process, and each opens what the other took', async () => {
    const second = Database.open({ url: store.url, applicationName: 'second' });
    try {
      const processes = [await started(store.database, { pool: 32 }), await started(second, { pool: 32 })] as const;
      const [ours, theirs] = await Promise.all([takeMany(processes[0], 500), takeMany(processes[1], 500)]);
      expect(new Set([...ours, ...theirs].map(({ keyId }) => keyId)).size).toBe(1000);
      const known = await processes[0].get(theirs.map(({ keyId }) => keyId));
      expect(theirs.every(({ keyId, key }) => key.equals(known.get(keyId) as Buffer))).toBe(true);
      await Promise.all(processes.map(keys => keys.close()));
    } finally {
      await second.close();
    }
  });
});

describe('keys', () => {
  it('lie wrapped: their bytes are nowhere in the database', async () => {
    const keys = await started(store.database, { pool: 8 });
    const { keyId, key } = await keys.take();
    const { rows } = await store.owner.query<{ wrapped: Buffer }>('select wrapped from ledger.data_keys');
    expect(rows.length).toBeGreaterThanOrEqual(8);
    expect(rows.some(({ wrapped }) => wrapped.includes(key))).toBe(false);
    expect((await keys.get([keyId])).get(keyId)).toEqual(key);
    await keys.close();
  });

  it('have memory of their own: none stays behind in that of another once it is forgotten', async () => {
    const taken = await takeMany(await started(store.database, { pool: 8 }), 8);
    const known = await new DataKeys(store.database, masterKey).get(taken.map(({ keyId }) => keyId));
    for (const { keyId, key } of taken)
      for (const kept of [key, known.get(keyId) as Buffer]) expect(kept.buffer.byteLength).toBe(kept.length);
  });

  it('are read in one statement, and only what is not remembered', async () => {
    const taken = await takeMany(await started(store.database), 200);
    const reader = new DataKeys(store.database, masterKey);
    const ids = taken.map(({ keyId }) => keyId);
    store.statements = [];
    await reader.get(ids.slice(0, 150));
    expect(store.statements).toHaveLength(1);
    await reader.get(ids.slice(0, 150));
    expect(store.statements).toHaveLength(1);
    expect((await reader.get([...ids, ...ids])).size).toBe(200);
    expect(store.statements).toHaveLength(2);
    expect((await reader.get([])).size).toBe(0);
  });

  it('are read in few statements, however many ask at once, and what one asks in vain is no fault of the others', async () => {
    const taken = await takeMany(await started(store.database), 100);
    const reader = new DataKeys(store.database, masterKey);
    store.statements = [];
    const [spoilt, ...sound] = taken as [DataKey, ...DataKey[]];
    await store.owner.query("update ledger.data_keys set wrapped = wrapped || 'x'::bytea where key_id = $1", [spoilt.keyId]);
    const answers = await Promise.allSettled([
      reader.get([randomUUID()]),
      reader.get([spoilt.keyId]),
      ...sound.map(({ keyId }) => reader.get([keyId])),
    ]);
    expect(store.statements.length).toBeLessThanOrEqual(2);
    expect(answers.slice(0, 2)).toMatchObject([
      { status: 'rejected', reason: { name: 'KeyMissing' } },
      { status: 'rejected', reason: { name: 'DataKeyDamaged' } },
    ]);
    for (const [index, { keyId, key }] of sound.entries())
      expect(answers[index + 2]).toEqual({ status: 'fulfilled', value: new Map([[keyId, key]]) });
  });

  it('are remembered up to a bound, and no longer than set', async () => {
    const taken = await takeMany(await started(store.database), 100);
    const ids = taken.map(({ keyId }) => keyId);
    const small = new DataKeys(store.database, masterKey, { remembered: 10 });
    expect((await small.get(ids)).size).toBe(100);
    await small.get(ids.slice(90));
    store.statements = [];
    await small.get(ids.slice(90));
    expect(store.statements).toHaveLength(0);
    await small.get(ids.slice(80, 90));
    await small.get(ids.slice(90));
    expect(store.statements).toHaveLength(2);

    const brief = new DataKeys(store.database, masterKey, { rememberMs: 200 });
    store.statements = [];
    await brief.get(ids);
    // Asking does not prolong it.
    for (let n = 0; n < 6; n++) {
      await pause(50);
      await brief.get(ids);
    }
    expect(store.statements.length).toBeGreaterThanOrEqual(2);
  });

  it('once destroyed are known as destroyed, at once here and after a while elsewhere', async () => {
    const here = await started(store.database, { pool: 8 });
    const elsewhere = new DataKeys(store.database, masterKey, { rememberMs: 200 });
    const [gone, kept] = (await takeMany(here, 2)) as [DataKey, DataKey];
    expect((await elsewhere.get([gone.keyId])).get(gone.keyId)).toEqual(gone.key);
    await here.destroy([gone.keyId]);
    await here.destroy([gone.keyId]);
    expect(await here.get([gone.keyId, kept.keyId])).toEqual(
      new Map<string, Buffer | 'destroyed'>([
        [gone.keyId, 'destroyed'],
        [kept.keyId, kept.key],
      ]),
    );
    await pause(250);
    expect((await elsewhere.get([gone.keyId])).get(gone.keyId)).toBe('destroyed');
    const { rows } = await store.owner.query('select wrapped, destroyed_at is not null as dated from ledger.data_keys where key_id = $1', [
      gone.keyId,
    ]);
    expect(rows).toEqual([{ wrapped: null, dated: true }]);
    await here.close();
  });

  it('are not remembered from a read that a destruction overtook', async () => {
    const keys = await started(store.database, { pool: 8 });
    const { keyId, key } = await keys.take();
    const answer = new EventEmitter();
    const held = once(answer, 'may come');
    const slow = new DataKeys(
      through(store.database, async (send, text) => {
        const result: unknown = await send();
        if (text.startsWith('select')) await held;
        return result;
      }),
      masterKey,
    );
    const reading = slow.get([keyId]);
    // The read has its rows; the answer is on its way while the key is destroyed.
    await pause(100);
    await slow.destroy([keyId]);
    answer.emit('may come');
    expect((await reading).get(keyId)).toEqual(key);
    expect((await slow.get([keyId])).get(keyId)).toBe('destroyed');
    await keys.close();
  });

  it('that are missing stop the reader', async () => {
    const keys = await started(store.database, { pool: 8 });
    const { keyId } = await keys.take();
    const missing = randomUUID();
    await expect(keys.get([keyId, missing])).rejects.toThrow(KeyMissing);
    await expect(keys.get([keyId, missing])).rejects.toMatchObject({ keyIds: [missing] });
    await keys.close();
  });

  it('cannot be deleted or exchanged by the service', async () => {
    const { keyId } = await (await started(store.database, { pool: 1 })).take();
    await expect(store.database.query('delete from ledger.data_keys where key_id = $1', [keyId])).rejects.toMatchObject({ code: '42501' });
    await expect(store.database.query('truncate ledger.data_keys')).rejects.toMatchObject({ code: '42501' });
    await expect(
      store.database.query('update ledger.data_keys set key_id = $2 where key_id = $1', [keyId, randomUUID()]),
    ).rejects.toMatchObject({ code: '42501' });
  });
});
