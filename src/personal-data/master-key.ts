import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { masterKeyId } from '../master-key-id.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The stored data keys were wrapped with another master key than those configured. */
export class MasterKeyMismatch extends Error {
  constructor(configured: readonly string[], stored: string) {
    super(
      `MASTER_KEY is not the key that wraps the stored data keys: configured is master key ${configured.join(' and ')}, stored data keys ` +
        `need ${stored}; where MASTER_KEY was exchanged, MASTER_KEY_PREVIOUS names the one before until rotate-master-key has ended`,
    );
    this.name = 'MasterKeyMismatch';
  }
}

/** The right master key does not unwrap a stored data key: its bytes were altered, or moved to another key's row. */
export class DataKeyDamaged extends Error {
  constructor(keyId: string) {
    super(`Data key ${keyId} does not unwrap: what is stored of it was altered`);
    this.name = 'DataKeyDamaged';
  }
}

/** Wraps data keys: AES-256-GCM with a random 96-bit IV, bound to the data key's id. */
export class MasterKey {
  readonly id: string;

  /** @param bytes 32 bytes @throws RangeError that names MASTER_KEY */
  constructor(private readonly bytes: Buffer) {
    if (bytes.length !== 32) throw new RangeError(`MASTER_KEY must have 32 bytes, not ${bytes.length}`);
    this.id = masterKeyId(bytes);
  }

  /** IV, tag and ciphertext: 60 bytes. */
  wrap(keyId: string, key: Buffer): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.bytes, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(keyId));
    const text = cipher.update(key);
    cipher.final();
    return Buffer.concat([iv, cipher.getAuthTag(), text]);
  }

  /** @throws DataKeyDamaged */
  unwrap(keyId: string, wrapped: Buffer): Buffer {
    try {
      const decipher = createDecipheriv(CIPHER, this.bytes, wrapped.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(keyId));
      decipher.setAuthTag(wrapped.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const key = decipher.update(wrapped.subarray(IV_BYTES + TAG_BYTES));
      decipher.final();
      return key;
    } catch {
      throw new DataKeyDamaged(keyId);
    }
  }
}

/** The master key of the settings, and beside it the one before, while it is exchanged. */
export class MasterKeys {
  readonly own: MasterKey;
  private readonly byId: ReadonlyMap<string, MasterKey>;

  /** @param own 32 bytes, as `previous` @throws RangeError that names MASTER_KEY */
  constructor(own: Buffer, previous?: Buffer) {
    this.own = new MasterKey(own);
    this.byId = new Map([this.own, ...(previous ? [new MasterKey(previous)] : [])].map(key => [key.id, key]));
  }

  get ids(): readonly string[] {
    return [...this.byId.keys()];
  }

  /** @throws MasterKeyMismatch */
  get(id: string): MasterKey {
    const key = this.byId.get(id);
    if (!key) throw new MasterKeyMismatch(this.ids, id);
    return key;
  }

  /** @param wrappedBy the id of the master key that wrapped it @throws MasterKeyMismatch, DataKeyDamaged */
  unwrap(keyId: string, wrapped: Buffer, wrappedBy: string): Buffer {
    return this.get(wrappedBy).unwrap(keyId, wrapped);
  }
}
