import { decoded, NoteInvalid, type SignerKey, type VerifierKey } from './signed-note.js';
import { HASH_BYTES, LARGEST_TREE } from './merkle-tree.js';

/** The head of a log: how many leaves it has, and the hash over all of them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

/** A head as C2SP writes it (c2sp.org/tlog-checkpoint): origin, size, root, a line each, signed by the key that is named as the origin. */
export const signedHead = (key: SignerKey, { size, root }: TreeHead): string =>
  key.sign(`${key.verifier.name}\n${size}\n${root.toString('base64')}\n`);

/** @throws NoteInvalid where it is not signed by the key, or is no head */
export function openHead(key: VerifierKey, note: string): TreeHead {
  const [origin, size = '', root = ''] = key.open(note).split('\n');
  const bytes = decoded(root);
  if (origin !== key.name) throw new NoteInvalid('it is the head of another log');
  if (!isCount(size) || bytes?.length !== HASH_BYTES) throw new NoteInvalid('it is no head of a log');
  return { size: Number(size), root: bytes };
}

/** The root in a head whose signature need not be looked at: it lies where it was signed. */
export const rootIn = (note: string): Buffer => Buffer.from(note.split('\n')[2] ?? '', 'base64');

/** Until where a stream went when the tree had this size: that nothing after it was left out, a proof of inclusion alone cannot tell. */
export interface StreamEnd {
  readonly stream: string;
  /** Of its last event in the tree. */
  readonly lastRevision: number;
  readonly size: number;
}

/** The first line is no origin, so that this can never be taken for a head. */
const STREAM_END = 'end of stream';

export const signedStreamEnd = (key: SignerKey, { stream, lastRevision, size }: StreamEnd): string =>
  key.sign(`${STREAM_END}\n${key.verifier.name}\n${stream}\n${lastRevision}\n${size}\n`);

/** @throws NoteInvalid where it is not signed by the key, or says something else */
export function openStreamEnd(key: VerifierKey, note: string): StreamEnd {
  const [kind, origin, stream = '', lastRevision = '', size = '', ...rest] = key.open(note).split('\n');
  if (kind !== STREAM_END || rest.length !== 1 || !isCount(lastRevision) || !isCount(size))
    throw new NoteInvalid('it does not say where a stream ends');
  if (origin !== key.name) throw new NoteInvalid('it is of another log');
  return { stream, lastRevision: Number(lastRevision), size: Number(size) };
}

export const isCount = (text: string): boolean => /^(?:0|[1-9]\d{0,15})$/.test(text) && Number(text) <= LARGEST_TREE;
