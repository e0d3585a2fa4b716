import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/**
 * The signed note of C2SP (c2sp.org/signed-note) with Ed25519: a text that ends with a line feed, an empty line,
 * and a line for each signature. Whoever holds the verifier key can check it with any implementation of the format.
 */

const ALGORITHM = 1;
const KEY_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
// What stands before the 32 bytes in the DER forms of RFC 8410.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE = /^— ([^ +\n]+) ([A-Za-z0-9+/]+={0,2})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** It is no signed note, no verifier key, or not signed by the key. The message repeats nothing of it. */
export class NoteInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoteInvalid';
  }
}

export class VerifierKey {
  /** Made when the first signature is looked at: most keys are only compared. */
  private made?: KeyObject;

  private constructor(
    readonly name: string,
    readonly bytes: Buffer,
  ) {}

  private get key(): KeyObject {
    return (this.made ??= createPublicKey({ key: Buffer.concat([SPKI, this.bytes]), format: 'der', type: 'spki' }));
  }

  /** @param bytes the 32 bytes of the Ed25519 public key @throws NoteInvalid */
  static of(name: string, bytes: Buffer): VerifierKey {
    if (!/^[^\s+]+$/u.test(name)) throw new NoteInvalid('a key name holds neither blanks nor plus signs');
    if (bytes.length !== KEY_BYTES) throw new NoteInvalid(`an Ed25519 public key has ${KEY_BYTES} bytes`);
    return new VerifierKey(name, bytes);
  }

  /** @param text `<name>+<hex of the key id>+<base64 of the algorithm and the key>` @throws NoteInvalid */
  static parse(text: string): VerifierKey {
    const [, name = '', id = '', encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim()) ?? [];
    const bytes = decoded(encoded);
    if (bytes?.[0] !== ALGORITHM || bytes.length !== 1 + KEY_BYTES) throw new NoteInvalid('it is no Ed25519 verifier key');
    const key = VerifierKey.of(name, bytes.subarray(1));
    if (key.id.toString('hex') !== id) throw new NoteInvalid('the id in the verifier key is not that of its name and key');
    return key;
  }

  /** What tells keys of one name apart. */
  get id(): Buffer {
    return createHash('sha256')
      .update(`${this.name}\n`)
      .update(Buffer.concat([Uint8Array.of(ALGORITHM), this.bytes]))
      .digest()
      .subarray(0, ID_BYTES);
  }

  /** As auditors are given it, see `parse`. */
  toString(): string {
    const key = Buffer.concat([Uint8Array.of(ALGORITHM), this.bytes]);
    return `${this.name}+${this.id.toString('hex')}+${key.toString('base64')}`;
  }

  /** The text of a note that this key has signed. @throws NoteInvalid */
  open(note: string): string {
    const end = note.lastIndexOf('\n\n');
    if (end < 0 || !note.endsWith('\n')) throw new NoteInvalid('it is no signed note');
    const text = note.slice(0, end + 1);
    const lines = note.slice(end + 2, -1).split('\n');
    const signatures = lines.map(line => SIGNATURE.exec(line));
    if (signatures.some(found => found === null)) throw new NoteInvalid('a line of its signatures is none');
    const ours = signatures.flatMap(found => {
      const bytes = decoded(found?.[2] ?? '');
      return found?.[1] === this.name && bytes?.subarray(0, ID_BYTES).equals(this.id) ? [bytes.subarray(ID_BYTES)] : [];
    });
    const [signature] = ours;
    if (!signature || ours.length > 1) throw new NoteInvalid('it is not signed by this key');
    if (signature.length !== SIGNATURE_BYTES || !verify(null, Buffer.from(text), this.key, signature))
      throw new NoteInvalid('its signature is not that of its text');
    return text;
  }
}

export class SignerKey {
  readonly verifier: VerifierKey;
  private readonly key: KeyObject;

  /** @param seed 32 bytes @throws NoteInvalid for a name that cannot be one */
  constructor(name: string, seed: Buffer) {
    this.key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.key).export({ format: 'der', type: 'spki' });
    this.verifier = VerifierKey.of(name, spki.subarray(SPKI.length));
  }

  /** @param text ends with a line feed */
  sign(text: string): string {
    return `${text}\n${this.signatureOf(text)}`;
  }

  /** The line with which this key signs the text too. */
  signatureOf(text: string): string {
    const { id, name } = this.verifier;
    return `— ${name} ${Buffer.concat([id, sign(null, Buffer.from(text), this.key)]).toString('base64')}\n`;
  }
}

/** Of the one base64 form of some bytes. */
export function decoded(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
