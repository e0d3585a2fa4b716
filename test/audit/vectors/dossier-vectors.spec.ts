import { createDecipheriv, createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { VerifierKey } from '../../../src/audit/log/signed-note.js';
import { verifyDossier } from '../../../src/audit/dossier/verify.js';

/*
 * A dossier that was handed out once, and what is to be said of it for ever, whatever becomes of the service. Whoever writes another
 * verifier can check it with the same file; the second half is one that knows nothing but what README says of the format.
 */

/** Longer than a line, the pieces of it. */
type Text = string | readonly string[];

interface Vectors {
  readonly format: string;
  readonly publicKeys: { readonly first: string; readonly second: string };
  readonly dossier: Text;
  /** Over which bytes the leaf of each event is, and its hash (hex). */
  readonly leaves: readonly { readonly revision: number; readonly place: number; readonly bytes: Text; readonly hash: string }[];
  readonly opened: readonly { readonly revision: number; readonly personal: object }[];
  /** Every leaf of the log (hex), and the root of the tree at some sizes. */
  readonly tree: { readonly leafHashes: readonly string[]; readonly roots: Readonly<Record<string, string>> };
  readonly erased: { readonly dossier: Text; readonly opened: number; readonly erased: number };
  readonly heads: readonly { readonly what: string; readonly head: Text; readonly verdict: string }[];
  /** From byte `at` of the dossier on, `cut` bytes are replaced. */
  readonly tampered: readonly {
    readonly what: string;
    readonly key: 'first' | 'second';
    readonly at: number;
    readonly cut: number;
    readonly insert: Text;
    readonly verdict: string;
  }[];
}

const vectors = JSON.parse(readFileSync(new URL('caseledger-dossier-1.json', import.meta.url), 'utf8')) as Vectors;
const { publicKeys, tree } = vectors;
const whole = (text: Text): string => [text].flat().join('');
const dossier = whole(vectors.dossier);

const verdictOf = async (text: string | Buffer, key: string, head?: string): Promise<string> => {
  try {
    await verifyDossier(Readable.from([Buffer.from(text)]), { key: VerifierKey.parse(key), ...(head !== undefined && { head }) });
    return 'sound';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('our verifier', () => {
  it.each(['first', 'second'] as const)('proves it by the %s key, and opens what is personal', async by => {
    const opened: object[] = [];
    const found = await verifyDossier(Readable.from([Buffer.from(dossier)]), {
      key: VerifierKey.parse(publicKeys[by]),
      see: ({ revision }, personal) => void opened.push({ revision, personal }),
    });
    expect(found).toMatchObject({ events: vectors.leaves.length, erased: 0, exchanges: 1, breaks: [] });
    expect(opened).toEqual(vectors.opened);
  });

  it('proves one whose data key was destroyed', async () => {
    const { dossier: text, ...counts } = vectors.erased;
    await expect(
      verifyDossier(Readable.from([Buffer.from(whole(text))]), { key: VerifierKey.parse(publicKeys.second) }),
    ).resolves.toMatchObject(counts);
  });

  it.each(vectors.heads)('compares it with $what', async ({ head, verdict }) => {
    expect(await verdictOf(dossier, publicKeys.second, whole(head))).toBe(verdict);
  });

  it.each(vectors.tampered)('names $what', async ({ key, at, cut, insert, verdict }) => {
    const bytes = Buffer.from(dossier);
    const tampered = Buffer.concat([bytes.subarray(0, at), Buffer.from(whole(insert)), bytes.subarray(at + cut)]);
    expect(tampered).not.toEqual(bytes);
    expect(verdict).not.toBe('sound');
    expect(await verdictOf(tampered, publicKeys[key])).toBe(verdict);
  });
});

interface Event {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly revision: number;
  readonly personal: string | null;
  readonly metadata: { readonly keyId: string };
  readonly place: number;
  readonly leaf: string;
}
interface Dossier {
  readonly caseId: string;
  readonly chain: readonly string[];
  readonly checkpoint: string;
  readonly consistency: readonly string[];
  readonly dataKeys: Readonly<Record<string, string | null>>;
  readonly end: string;
  readonly events: readonly Event[];
  readonly proof: readonly string[];
}

describe('a verifier by the description alone', () => {
  const sha = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  const parent = (left: Buffer, right: Buffer): Buffer => sha(Buffer.of(1), left, right);
  const base64 = (text: string): Buffer => Buffer.from(text, 'base64');
  const half = (size: number): number => 2 ** Math.ceil(Math.log2(size) - 1);
  const rootOf = (leaves: readonly Buffer[]): Buffer =>
    leaves.length === 1 ? leaves[0]! : parent(rootOf(leaves.slice(0, half(leaves.length))), rootOf(leaves.slice(half(leaves.length))));
  /** RFC 8785, of what has no numbers but whole ones. */
  const canonical = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
  };
  /** The lines of a note, once one of its signatures was found to be the key's. */
  const opened = (note: string, key: string): string[] => {
    const [name = '', id = ''] = key.split('+');
    const end = note.indexOf('\n\n') + 1;
    const publicKey = createPublicKey({
      key: {
        kty: 'OKP',
        crv: 'Ed25519',
        x: base64(key.slice(name.length + id.length + 2))
          .subarray(1)
          .toString('base64url'),
      },
      format: 'jwk',
    });
    const signatures = note
      .slice(end + 1)
      .split('\n')
      .filter(line => line.startsWith(`— ${name} `))
      .map(line => base64(line.slice(name.length + 3)));
    const own = signatures.find(bytes => bytes.subarray(0, 4).toString('hex') === id);
    expect(own && verifySignature(null, Buffer.from(note.slice(0, end)), publicKey, own.subarray(4))).toBe(true);
    return note.slice(0, end - 1).split('\n');
  };
  const read = JSON.parse(dossier) as Dossier;
  const [origin = ''] = publicKeys.second.split('+');

  it('finds the canonical form, and every leaf', () => {
    expect(canonical(read)).toBe(dossier);
    for (const [at, { place, leaf, ...proved }] of read.events.entries()) {
      const expected = vectors.leaves[at];
      expect({ revision: at, place, bytes: canonical(proved) }).toEqual({
        revision: expected?.revision,
        place: expected?.place,
        bytes: expected && whole(expected.bytes),
      });
      const hash = sha(Buffer.of(0), Buffer.from(canonical(proved)));
      expect([hash.toString('hex'), hash.toString('base64'), tree.leafHashes[place]]).toEqual([expected?.hash, leaf, expected?.hash]);
    }
  });

  it('is led from the first key to the second, and by that to head and end', () => {
    const says = ['log key exchanged', publicKeys.first, publicKeys.second];
    for (const key of says.slice(1)) expect(opened(read.chain[0]!, key)).toEqual(says);
    const [name, size, root] = opened(read.checkpoint, publicKeys.second);
    expect([name, base64(root!).toString('hex')]).toEqual([origin, tree.roots[size!]]);
    expect(opened(read.end, publicKeys.second)).toEqual([
      'end of stream',
      origin,
      `case-${read.caseId}`,
      `${read.events.length - 1}`,
      size,
    ]);
  });

  it('comes to the roots from the leaves, and from the events with the proof', () => {
    const leaves = tree.leafHashes.map(hash => Buffer.from(hash, 'hex'));
    expect(Object.keys(tree.roots)).toHaveLength(3);
    for (const [size, root] of Object.entries(tree.roots)) expect(rootOf(leaves.slice(0, Number(size))).toString('hex')).toBe(root);
    const size = Number(read.checkpoint.split('\n')[1]);
    const proof = read.proof.map(base64);
    const known = new Map(read.events.map(({ place, leaf }) => [place, base64(leaf)]));
    const from = (begin: number, end: number): Buffer => {
      if (![...known.keys()].some(place => place >= begin && place < end)) return proof.shift()!;
      if (end - begin === 1) return known.get(begin)!;
      const left = from(begin, begin + half(end - begin));
      return parent(left, from(begin + half(end - begin), end));
    };
    expect(from(0, size).toString('hex')).toBe(tree.roots[size]);
    expect(proof).toEqual([]);
  });

  it('opens what is personal with the key beside it', () => {
    for (const { id, stream, type, revision, personal, metadata } of read.events) {
      const bytes = Buffer.from(personal!, 'base64url');
      const cipher = createDecipheriv('aes-256-gcm', base64(read.dataKeys[metadata.keyId]!), bytes.subarray(0, 12));
      cipher.setAAD(Buffer.from(JSON.stringify([stream, id, type, metadata.keyId]))).setAuthTag(bytes.subarray(12, 28));
      const text = Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8');
      expect({ revision, personal: JSON.parse(text) as object }).toEqual(vectors.opened[revision]);
    }
  });
});
