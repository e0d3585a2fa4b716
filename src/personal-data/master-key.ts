import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The stored data keys were wrapped with another master key than the one configured. */
export class MasterKeyMismatch extends Error {
  constructor(configured: string, stored: string) {
    super(
      `MASTER_KEY is not the key that wraps the stored data keys: configured is master key ${configured}, stored data keys need ${stored}`,
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
  /** Tells master keys apart without telling anything about them: 16 hex digits. */
  readonly id: string;

  /** @param bytes 32 bytes @throws RangeError that names MASTER_KEY */
  constructor(private readonly bytes: Buffer) {
    if (bytes.length !== 32) throw new RangeError(`MASTER_KEY must have 32 bytes, not ${bytes.length}`);
    this.id = createHmac('sha256', bytes).update('caseledger: id of the master key').digest('hex').slice(0, 16);
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

  /** @param wrappedBy the id of the master key that wrapped it @throws MasterKeyMismatch, DataKeyDamaged */
  unwrap(keyId: string, wrapped: Buffer, wrappedBy: string): Buffer {
    if (wrappedBy !== this.id) throw new MasterKeyMismatch(this.id, wrappedBy);
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
