import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { v7 as uuidV7 } from 'uuid';
import { Database, type Queryable } from '../database/database.js';
import { Gathering } from '../database/gathering.js';
import { KeyWrapping } from './key-wrapping.js';
import { MasterKeys, type MasterKey } from './master-key.js';
import { KEY_BYTES } from './sealing.js';

export interface DataKey {
  readonly keyId: string;
  /** 32 bytes, for `seal`, `open` and `commandHash`. Not to be written to: it is shared. */
  readonly key: Buffer;
}

export interface DataKeysOptions {
  /** How many unused keys are kept ready; refilled in the background from half of it. Default 256. */
  readonly pool?: number;
  /** How long a key is remembered at most, in milliseconds. Default 60,000. */
  readonly rememberMs?: number;
  /** How many keys are remembered at most. Default 20,000. */
  readonly remembered?: number;
  /** The master key that may still wrap what is stored, 32 bytes. */
  readonly previous?: Buffer;
}

/** An event names a data key that does not exist, not even as destroyed: whoever reads it must stop. */
export class KeyMissing extends Error {
  constructor(readonly keyIds: readonly string[]) {
    super(`No such data key: ${keyIds.slice(0, 5).join(', ')}${keyIds.length > 5 ? ` and ${keyIds.length - 5} more` : ''}`);
    this.name = 'KeyMissing';
  }
}

/** Those of the keys that the database does not hold, not even as destroyed. */
export async function missingKeys(database: Queryable, keyIds: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ keyId: string }>(
    'SELECT "keyId" FROM unnest($1::uuid[]) AS "keyId" WHERE NOT EXISTS (SELECT 1 FROM ledger.data_keys WHERE key_id = "keyId")',
    [keyIds],
  );
  return rows.map(({ keyId }) => keyId);
}

interface Found {
  readonly rows: ReadonlyMap<string, { readonly wrapped: Buffer | null; readonly wrapped_by: string }>;
  /** What `forgotten` was when they were asked for. */
  readonly forgotten: number;
}

/**
 * The keys that seal personal data. They lie wrapped in PostgreSQL, whichever store holds the events.
 * All methods but `take` with a filled pool may throw the database's own error when it cannot be reached.
 */
export class DataKeys {
  private readonly pool: DataKey[] = [];
  private readonly poolSize: number;
  private readonly remembered: LRUCache<string, Buffer | 'destroyed'>;
  private readonly masters: MasterKeys;
  /** By which master keys they are wrapped, and how that is exchanged. */
  readonly wrapping: KeyWrapping;
  /** The one that wraps new keys, as the database said last. */
  private wrapsNew: MasterKey;
  private refilling: Promise<void> | undefined;
  /** Counts `destroy` and `forget`, so that what was asked before and is answered after them is not remembered. */
  private forgotten = 0;
  private readonly lookUps = new Gathering<readonly string[], Found>(
    async asked => {
      const found = await this.lookUp(asked.flat());
      return () => found;
    },
    { together: 200, atOnce: 2 },
  );

  /** @param masterKey 32 bytes @throws RangeError that names MASTER_KEY */
  constructor(
    private readonly database: Database,
    masterKey: Buffer,
    options: DataKeysOptions = {},
  ) {
    this.masters = new MasterKeys(masterKey, options.previous);
    this.wrapping = new KeyWrapping(database, this.masters);
    this.wrapsNew = this.masters.own;
    this.poolSize = options.pool ?? 256;
    this.remembered = new LRUCache({ max: options.remembered ?? 20_000, ttl: options.rememberMs ?? 60_000 });
    database.continuity.onBreak(() => this.forget());
  }

  /**
   * Checks that every stored key is wrapped by a master key that is known here, and fills the pool.
   * @throws MasterKeyMismatch, DataKeyDamaged
   */
  async start(): Promise<void> {
    this.wrapsNew = await this.wrapping.current();
    await this.wrapping.assertKnown();
    await this.refill();
  }

  /** Wrapped by the master key that the database names, also where another was named a moment ago. @throws MasterKeyMismatch */
  private async commit(fresh: readonly DataKey[]): Promise<void> {
    for (;;) {
      const { wrapsNew } = this;
      const { rowCount } = await this.database.query({
        name: 'data-keys-commit',
        text: `with named as (select id from ledger.master_key where id = $3 for share), made as (
             insert into ledger.data_keys (key_id, wrapped, wrapped_by)
             select n.key_id, n.wrapped, named.id from named, unnest($1::uuid[], $2::bytea[]) as n (key_id, wrapped)
             on conflict (key_id) do nothing)
           select from named`,
        values: [fresh.map(({ keyId }) => keyId), fresh.map(({ keyId, key }) => wrapsNew.wrap(keyId, key)), wrapsNew.id],
      });
      if (rowCount > 0) return;
      this.wrapsNew = await this.wrapping.current();
    }
  }

  /** Lets a refill end that is under way, so that the database can be closed. */
  async close(): Promise<void> {
    await this.refilling?.catch(() => {});
  }

  /** A key that no one else has or will get, committed before it is handed out. Waits only when the pool is empty. */
  async take(): Promise<DataKey> {
    for (;;) {
      const taken = this.pool.pop();
      // A refill that fails here is tried again by the next who takes; it is an error for those who find nothing.
      if (this.pool.length <= this.poolSize / 2) void this.refill().catch(() => {});
      if (taken) {
        this.remembered.set(taken.keyId, taken.key);
        return taken;
      }
      await this.refill();
    }
  }

  /**
   * Each key asked for, or that it was destroyed; one statement for all that are not remembered.
   * A key that another process destroyed may still be returned for a minute.
   * @throws KeyMissing, MasterKeyMismatch, DataKeyDamaged
   */
  async get(keyIds: readonly string[]): Promise<Map<string, Buffer | 'destroyed'>> {
    const found = new Map<string, Buffer | 'destroyed'>();
    const asked = new Set<string>();
    for (const keyId of keyIds) {
      const key = this.remembered.get(keyId);
      if (key === undefined) asked.add(keyId);
      else found.set(keyId, key);
    }
    if (asked.size > 0) await this.read([...asked], found);
    return found;
  }

  /** The key of that id, which is made where there is none; whoever asks first, all get the same. @throws as `get` */
  async kept(keyId: string): Promise<Buffer> {
    const known = this.remembered.get(keyId);
    if (known !== undefined && known !== 'destroyed') return known;
    await this.commit([{ keyId, key: randomBytes(KEY_BYTES) }]);
    const key = (await this.get([keyId])).get(keyId);
    if (key === undefined || key === 'destroyed') throw new KeyMissing([keyId]);
    return key;
  }

  /** What is wrong with one key is the fault of those alone who asked for it. */
  private async read(keyIds: readonly string[], found: Map<string, Buffer | 'destroyed'>): Promise<void> {
    const { rows, forgotten } = await this.lookUps.ask(keyIds);
    for (const keyId of keyIds) {
      const row = rows.get(keyId);
      if (!row) continue;
      const key = row.wrapped ? this.masters.unwrap(keyId, row.wrapped, row.wrapped_by) : 'destroyed';
      found.set(keyId, key);
      if (forgotten === this.forgotten) this.remembered.set(keyId, key);
    }
    const missing = keyIds.filter(keyId => !found.has(keyId));
    if (missing.length > 0) throw new KeyMissing(missing);
  }

  private async lookUp(keyIds: readonly string[]): Promise<Found> {
    const { forgotten } = this;
    const { rows } = await this.database.query<{ key_id: string; wrapped: Buffer | null; wrapped_by: string }>({
      name: 'data-keys-get',
      text: 'select key_id, wrapped, wrapped_by from ledger.data_keys where key_id = any($1::uuid[])',
      values: [keyIds],
    });
    return { forgotten, rows: new Map(rows.map(row => [row.key_id, row])) };
  }

  /** Lets go of every key that it holds: the database may not have them any more. */
  forget(): void {
    this.forgotten++;
    this.pool.length = 0;
    this.remembered.clear();
  }

  /** Those of the keys with which nothing more may be sealed, because the database does not hold them or they are destroyed. */
  async unusable(keyIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ keyId: string }>({
      name: 'data-keys-unusable',
      text: `select "keyId" from unnest($1::uuid[]) as "keyId"
             where (select true from ledger.data_keys where key_id = "keyId" and destroyed_at is null) is not true`,
      values: [keyIds],
    });
    return new Set(rows.map(({ keyId }) => keyId));
  }

  /** Forgets the keys for good: what they sealed can never be read again. May be repeated. */
  async destroy(keyIds: readonly string[]): Promise<void> {
    if (keyIds.length === 0) return;
    await this.database.query(
      `with these as (select key_id from ledger.data_keys where key_id = any($1::uuid[]) and wrapped is not null
         order by key_id for no key update)
       update ledger.data_keys k set wrapped = null, destroyed_at = now() from these where k.key_id = these.key_id`,
      [keyIds],
    );
    this.forgotten++;
    for (const keyId of keyIds) this.remembered.delete(keyId);
  }

  /** One refill at a time; all who wait share it, and its error. */
  private refill(): Promise<void> {
    this.refilling ??= this.commitKeys().finally(() => {
      this.refilling = undefined;
    });
    return this.refilling;
  }

  private async commitKeys(): Promise<void> {
    const { forgotten } = this;
    const count = this.poolSize - this.pool.length;
    if (count <= 0) return;
    // Ids that grow with time keep the index's newest page warm, where random ones would touch a page each.
    // Each has memory of its own: in one block, a key that was destroyed would stay as long as any other of them is kept.
    const fresh = Array.from({ length: count }, (): DataKey => ({ keyId: uuidV7(), key: randomBytes(KEY_BYTES) }));
    await this.commit(fresh);
    if (forgotten === this.forgotten) this.pool.push(...fresh);
  }
}
