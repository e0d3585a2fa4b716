import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
/** Of a data key. */
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const TAGGED = { authTagLength: TAG_BYTES };

/** What a ciphertext is bound to: moved to another event, it no longer opens. */
export interface Place {
  readonly stream: string;
  readonly eventId: string;
  readonly type: string;
  readonly keyId: string;
}

/** Sealed personal data does not open where it stands: altered, moved, or sealed with another key. */
export class SealBroken extends Error {
  constructor(
    readonly stream: string,
    readonly revision: number,
    eventId: string,
    why: string,
  ) {
    super(`The sealed personal data of ${stream} at revision ${revision} (event ${eventId}) ${why}`);
    this.name = 'SealBroken';
  }
}

/**
 * AES-256-GCM under a 32-byte data key with a fresh 96-bit IV, bound to its place.
 * @returns base64url of IV, tag and ciphertext
 */
export function seal(key: Buffer, place: Place, personal: object): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, TAGGED);
  cipher.setAAD(boundTo(place));
  const text = cipher.update(JSON.stringify(personal), 'utf8');
  const rest = cipher.final();
  return Buffer.concat([iv, cipher.getAuthTag(), text, rest]).toString('base64url');
}

/**
 * What `seal` was given.
 * @param revision only named in the error: it is not known yet when an event is sealed
 * @throws SealBroken
 */
export function open(key: Buffer, place: Place, sealed: string, revision: number): object {
  const bytes = Buffer.from(sealed, 'base64url');
  // The decoder passes over stray characters and spare bits, so only the one spelling is accepted.
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) {
    throw new SealBroken(place.stream, revision, place.eventId, 'is not in the form in which it was sealed');
  }
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), TAGGED);
  decipher.setAAD(boundTo(place));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new SealBroken(place.stream, revision, place.eventId, 'was altered or moved, or was sealed with another key');
  }
  return JSON.parse(text.toString('utf8')) as object;
}

/** A JSON array: no two places have the same encoding, whatever their parts contain. */
const boundTo = ({ stream, eventId, type, keyId }: Place): Buffer => Buffer.from(JSON.stringify([stream, eventId, type, keyId]));
