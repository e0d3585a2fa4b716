import type { Database } from '../database/database.js';
import type { MasterKey, MasterKeys } from './master-key.js';

const REWRAP_BATCH = 1000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
/** Any fixed number. */
const ROTATION_LOCK = '1667330917, 3';

interface StoredKey {
  key_id: string;
  wrapped: Buffer;
  wrapped_by: string;
}

/** How many stored keys one master key wraps. */
export interface Wrapped {
  readonly masterKeyId: string;
  readonly keys: number;
  /** Whether it is MASTER_KEY. */
  readonly own: boolean;
  /** One of them. */
  readonly keyId: string;
}

/**
 * By which master key the stored data keys are wrapped, and how it is exchanged.
 * All methods may throw the database's own error when it cannot be reached.
 */
export class KeyWrapping {
  constructor(
    private readonly database: Database,
    private readonly masters: MasterKeys,
  ) {}

  /** The one that wraps new keys, as the database says. @throws MasterKeyMismatch */
  async current(): Promise<MasterKey> {
    await this.database.query(
      `insert into ledger.master_key (id)
       select coalesce((select wrapped_by from ledger.data_keys where wrapped is not null limit 1), $1) on conflict (one) do nothing`,
      [this.masters.own.id],
    );
    const { rows } = await this.database.query<{ id: string }>('select id from ledger.master_key');
    return this.masters.get(rows[0]?.id ?? '');
  }

  /** That a master key that is known here wraps every stored key. @throws MasterKeyMismatch, DataKeyDamaged */
  async assertKnown(): Promise<void> {
    // One of each that is known, and of each stretch of the index in which others would stand: if these are ours, all are.
    const known = this.masters.ids.toSorted();
    const { rows } = await this.database.query<StoredKey>(
      `select k.* from unnest($1::text[] || $2::text[], $1::text[] || $3::text[]) as stretch (first, last),
         lateral (select key_id, wrapped, wrapped_by from ledger.data_keys where wrapped is not null and (
           (first = last and wrapped_by = first) or (first <> last and wrapped_by > first and wrapped_by < last)) limit 1) k`,
      [known, ['', ...known], [...known, '~']],
    );
    for (const row of rows) this.masters.unwrap(row.key_id, row.wrapped, row.wrapped_by);
  }

  /**
   * Wraps every stored key that another master key wraps with that of the settings; no event is touched, and services that know both may
   * go on. Interrupted, or beside another, it is called again and does what is left.
   * @param progress called with how many keys more were wrapped
   * @returns how many keys were wrapped anew
   * @throws MasterKeyMismatch, DataKeyDamaged
   */
  async rotate(progress: (keys: number) => void = () => undefined): Promise<number> {
    const { own, ids } = this.masters;
    await this.current();
    await this.database.query('update ledger.master_key set id = $1 where id = any($2) and id <> $1', [own.id, ids]);
    let rewrapped = 0;
    for (const old of ids.filter(id => id !== own.id)) {
      for (let batch = await this.rewrapSome(old, BEFORE_ALL); batch.length > 0; batch = await this.rewrapSome(old, batch.at(-1))) {
        rewrapped += batch.length;
        progress(batch.length);
      }
    }
    return rewrapped;
  }

  /** The ids of those that it wrapped anew, of the keys after one; empty where there are no more. */
  private rewrapSome(old: string, after = BEFORE_ALL): Promise<readonly string[]> {
    const { masters } = this;
    return this.database.transaction(async client => {
      // Of two that rotate at once each sees what the other has done. A key that is being destroyed is waited for: it may remain after all.
      await client.query(`select pg_advisory_xact_lock(${ROTATION_LOCK})`);
      const { rows } = await client.query<StoredKey>(
        `select key_id, wrapped, wrapped_by from ledger.data_keys where wrapped is not null and wrapped_by = $1 and key_id > $3
         order by key_id limit $2 for update`,
        [old, REWRAP_BATCH, after],
      );
      const keyIds = rows.map(row => row.key_id);
      const wrapped = rows.map(row => masters.own.wrap(row.key_id, masters.unwrap(row.key_id, row.wrapped, row.wrapped_by)));
      await client.query(
        `update ledger.data_keys k set wrapped = n.wrapped, wrapped_by = $3
         from unnest($1::uuid[], $2::bytea[]) as n (key_id, wrapped) where k.key_id = n.key_id`,
        [keyIds, wrapped, masters.own.id],
      );
      return keyIds;
    });
  }

  /** By which master key the stored keys are wrapped, those of the settings first; and one of the keys. */
  async wrapped(): Promise<readonly Wrapped[]> {
    const { rows } = await this.database.query<Wrapped>(
      `select wrapped_by as "masterKeyId", count(*) as keys, wrapped_by = $1 as own, min(key_id::text) as "keyId"
       from ledger.data_keys where wrapped is not null group by wrapped_by order by own desc, wrapped_by`,
      [this.masters.own.id],
    );
    return rows;
  }
}
