import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { parse, stringify } from 'uuid';
import type { DataKey } from './data-keys.js';

const CIPHER = 'aes-256-gcm';
const ID_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = ID_BYTES + IV_BYTES + TAG_BYTES;

/** The table, and the row and field in it: sealed for one place, nothing opens at another. */
export type RestingPlace = readonly [table: string, ...within: (string | number)[]];

/** What a read model keeps sealed does not open where it stands: altered, or moved there. */
export class RowSealBroken extends Error {
  constructor([table, ...within]: RestingPlace) {
    super(`What is sealed in ${table} for ${within.join(', ')} was altered or moved: rebuild the read model`);
    this.name = 'RowSealBroken';
  }
}

/**
 * Sealed for a row of a read model: AES-256-GCM whose IV follows from place and text, so that a row made anew is the same,
 * and tells no more than that. The keys for it are derived from the data key, which seals events.
 * @returns the data key's id, IV, tag and ciphertext
 */
export function sealAtRest({ keyId, key }: DataKey, place: RestingPlace, text: string): Buffer {
  const { naming, sealing } = derived(key);
  const at = boundTo(place, keyId);
  const iv = createHmac('sha256', naming).update(at).update('\n').update(text).digest().subarray(0, IV_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(at);
  const ciphertext = cipher.update(text, 'utf8');
  cipher.final();
  return Buffer.concat([parse(keyId), iv, cipher.getAuthTag(), ciphertext]);
}

/** Of the data key with which it was sealed. @throws RowSealBroken */
export function keyIdAtRest(place: RestingPlace, sealed: Buffer): string {
  if (sealed.length < HEAD_BYTES) throw new RowSealBroken(place);
  try {
    return stringify(sealed.subarray(0, ID_BYTES));
  } catch {
    throw new RowSealBroken(place);
  }
}

/** What `sealAtRest` was given. @throws RowSealBroken */
export function openAtRest({ keyId, key }: DataKey, place: RestingPlace, sealed: Buffer): string {
  const decipher = createDecipheriv(CIPHER, derived(key).sealing, sealed.subarray(ID_BYTES, ID_BYTES + IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(place, keyId));
  decipher.setAuthTag(sealed.subarray(ID_BYTES + IV_BYTES, HEAD_BYTES));
  const text = decipher.update(sealed.subarray(HEAD_BYTES));
  try {
    decipher.final();
  } catch {
    throw new RowSealBroken(place);
  }
  return text.toString('utf8');
}

/** A JSON array: no two places have the same encoding, whatever their parts contain. */
const boundTo = (place: RestingPlace, keyId: string): Buffer => Buffer.from(JSON.stringify([...place, keyId]));

interface Derived {
  readonly naming: Buffer;
  readonly sealing: Buffer;
}
/** Gone with the data key that they follow from. */
const derivedFrom = new WeakMap<Buffer, Derived>();

function derived(key: Buffer): Derived {
  const known = derivedFrom.get(key);
  if (known) return known;
  const bytes = createHmac('sha512', key).update('caseledger: keys of read models').digest();
  const both = { naming: bytes.subarray(0, 32), sealing: bytes.subarray(32) };
  derivedFrom.set(key, both);
  return both;
}
