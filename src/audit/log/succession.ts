import { decoded, NoteInvalid, type SignerKey, VerifierKey } from './signed-note.js';
import { type TreeHead, isCount } from './checkpoint.js';
import { HASH_BYTES } from './merkle-tree.js';

/** One key follows another: as the one before said, or only as the new one says of itself. */
export interface Succession {
  readonly note: string;
  readonly from: VerifierKey;
  readonly to: VerifierKey;
  /** Where the key before did not sign: nothing that it vouched for vouches for what comes after. */
  readonly broken?: Break;
}

export interface Break {
  /** The last head under the name before, as far as it was known. */
  readonly head: TreeHead;
  readonly reason: BreakReason;
}

/** The key was lost, or what the log goes on from is a copy, beside or after which other heads may have been signed. */
const BREAK_REASONS = ['key-lost', 'restored'] as const;
export type BreakReason = (typeof BREAK_REASONS)[number];

/** The first lines are no origins, so that neither can ever be taken for a head. */
const EXCHANGED = 'log key exchanged';
const BEGUN_ANEW = 'log begun anew';

/** Signed by both: the old key leads to the new one, and the new one back to what the old one has signed. */
export function signedExchange(from: SignerKey, to: SignerKey): string {
  const note = from.sign(`${EXCHANGED}\n${from.verifier}\n${to.verifier}\n`);
  return `${note}${to.signatureOf(noteText(note))}`;
}

/** Signed by the new key alone: who trusted the one before must get the new one elsewhere. */
export const signedBeginning = (from: VerifierKey, to: SignerKey, { head: { size, root }, reason }: Break): string =>
  to.sign(`${BEGUN_ANEW}\n${from}\n${to.verifier}\n${size}\n${root.toString('base64')}\n${reason}\n`);

/** @throws NoteInvalid where it is none, or is not signed by those who have to */
export function openSuccession(note: string): Succession {
  const [kind, before = '', after = '', ...rest] = noteText(note).split('\n');
  const isExchange = kind === EXCHANGED && rest.length === 1;
  if (!isExchange && !(kind === BEGUN_ANEW && rest.length === 4)) throw new NoteInvalid('it does not say which key follows');
  const [from, to] = [VerifierKey.parse(before), VerifierKey.parse(after)];
  to.open(note);
  if (isExchange) {
    if (from.name !== to.name) throw new NoteInvalid('an exchanged key signs the same log');
    from.open(note);
    return { note, from, to };
  }
  const [size = '', root = '', reason] = rest;
  const [bytes, why] = [decoded(root), BREAK_REASONS.find(known => known === reason)];
  if (from.name === to.name || !isCount(size) || bytes?.length !== HASH_BYTES || !why)
    throw new NoteInvalid('it does not say where the log before ended');
  return { note, from, to, broken: { head: { size: Number(size), root: bytes }, reason: why } };
}

/** Of these notes, those by which this key came to sign, the first one first; whatever else is among them counts for nothing. */
export function chainTo(key: VerifierKey, notes: readonly string[]): Succession[] {
  const chain: Succession[] = [];
  const left = notes.flatMap(note => opened(note) ?? []);
  for (let to = key; ;) {
    const at = left.findLastIndex(succession => isSame(succession.to, to));
    if (at < 0) return chain;
    const found = left[at] as Succession;
    chain.unshift(found);
    left.length = at;
    to = found.from;
  }
}

/** What of these notes says which key follows this one, since this one signs. */
export function followingIn(notes: readonly string[], key: VerifierKey): Succession | undefined {
  const all = notes.flatMap(note => opened(note) ?? []);
  return all.slice(all.findLastIndex(({ to }) => isSame(to, key)) + 1).find(({ from }) => isSame(from, key));
}

function opened(note: string): Succession | undefined {
  try {
    return openSuccession(note);
  } catch (error) {
    if (error instanceof NoteInvalid) return undefined;
    throw error;
  }
}

export const isSame = (a: VerifierKey, b: VerifierKey): boolean => a.name === b.name && a.bytes.equals(b.bytes);

const noteText = (note: string): string => note.slice(0, note.lastIndexOf('\n\n') + 1);
