import { openHead, type TreeHead } from '../log/checkpoint.js';
import { keptHeads } from '../log/kept-heads.js';
import { emptyHash, isConsistent } from '../log/merkle-tree.js';
import { NoteInvalid, type VerifierKey } from '../log/signed-note.js';
import { isSame, type Succession } from '../log/succession.js';
import { DossierWrong } from './dossier-wrong.js';

/** The keys that signed one log in turn, as far as the one that is trusted vouches for the others. */
export class Signers {
  /** @param chain that leads to the key of the dossier @throws DossierWrong where the trusted key does not lead there */
  constructor(
    private readonly trusted: VerifierKey,
    private readonly chain: readonly Succession[],
  ) {
    for (const [at, { from }] of this.chain.entries()) {
      const before = this.chain[at - 1];
      if (before && !isSame(before.to, from)) throw new DossierWrong('the chain of keys counts for nothing: a key of it is missing');
    }
    const at = this.chain.findIndex(({ from }) => isSame(from, trusted));
    const broken = at < 0 ? undefined : this.chain.slice(at).find(succession => succession.broken);
    if (broken?.broken) {
      throw new DossierWrong(
        `the chain of keys is broken: ${broken.from.name} ended at ${broken.broken.head.size} entries (${broken.broken.reason}), ` +
          `and that ${broken.to.name} goes on from there nobody says but itself: get its key where you got this one`,
      );
    }
  }

  /** Who signs the dossier. */
  get current(): VerifierKey {
    const last = this.chain.at(-1);
    return last && this.all.some(key => isSame(key, this.trusted)) ? last.to : this.trusted;
  }

  /** How often a key was exchanged, and where the log went on under another name. */
  get exchanges(): number {
    return this.chain.filter(({ broken }) => !broken).length;
  }

  get breaks(): readonly Succession[] {
    return this.chain.filter(({ broken }) => broken);
  }

  /**
   * Compares with what was kept elsewhere: a head of that very size, or else the newest, which this one must prove to extend.
   * @returns the size of the one that it agrees with @throws DossierWrong
   */
  agreesWith(file: string, head: TreeHead, consistency: readonly Buffer[]): number {
    const kept = noted('what is kept elsewhere', () =>
      keptHeads(file).map(({ checkpoint, proof }) => ({ ...this.open(checkpoint), proof })),
    );
    if (kept.length === 0) throw new DossierWrong('what is kept elsewhere counts for nothing: there is no head in it');
    assertOneTreeOfEachSize(kept);
    for (const [at, { size, root, proof }] of kept.entries()) {
      const before = kept[at - 1];
      if (
        before &&
        proof.length > 0 &&
        !isConsistent(
          before,
          { size, root },
          proof.map(hash => Buffer.from(hash, 'base64')),
        )
      )
        throw new DossierWrong(`what is kept elsewhere is not of one log: the head of ${size} entries does not extend the one before it`);
    }
    const same = kept.find(({ size }) => size === head.size);
    if (same && !same.root.equals(head.root))
      throw new DossierWrong('its head and the one to compare it with are of two different trees of one size: the log was forged');
    if (same) return same.size;
    const newest = kept.reduce((one, other) => (other.size > one.size ? other : one), { size: 0, root: emptyHash() });
    if (head.size < newest.size) throw new DossierWrong(`its head is older than asked: ${head.size} entries, not ${newest.size}`);
    if (consistency.length === 0 && newest.size > 0)
      throw new DossierWrong(
        `that it extends the head of ${newest.size} entries is not shown: ask for the dossier with since=${newest.size}`,
      );
    if (!isConsistent(newest, head, consistency))
      throw new DossierWrong(
        `it does not prove to extend the head of ${newest.size} entries: ask for it with since=${newest.size}, or the log is another one`,
      );
    return newest.size;
  }

  /** @throws NoteInvalid where none of the keys has signed it */
  private open(note: string): KeptTree {
    for (const key of this.all) {
      try {
        return { ...openHead(key, note), origin: key.name };
      } catch (error) {
        if (!(error instanceof NoteInvalid)) throw error;
      }
    }
    return { ...openHead(this.current, note), origin: this.current.name };
  }

  private get all(): readonly VerifierKey[] {
    return this.chain.flatMap(({ from, to }, at) => (at === 0 ? [from, to] : [to]));
  }
}

interface KeptTree extends TreeHead {
  /** The name under which it was signed: where a log went on under another one, a size may come twice. */
  readonly origin: string;
}

/** Somebody who was shown two trees keeps both heads, and may agree with one of them only. @throws DossierWrong */
function assertOneTreeOfEachSize(kept: readonly KeptTree[]): void {
  const roots = new Map<string, Buffer>();
  for (const { origin, size, root } of kept) {
    const place = `${origin} ${size}`;
    if (!(roots.get(place) ?? root).equals(root))
      throw new DossierWrong(`what is kept elsewhere has two different trees of ${size} entries, both signed: the log was forged`);
    roots.set(place, root);
  }
}

/** What `read` finds wrong with a note, told of which. @throws DossierWrong */
export function noted<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw new DossierWrong(`${what} counts for nothing: ${error.message}`, { cause: error });
  }
}
