import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962, section 2.1: leaves are numbered from 0, a tree of size n has the leaves before n.
 * What a tree proves depends on hashes of complete subtrees alone, and those never change as it grows.
 */

/** Bytes of a hash. */
export const HASH_BYTES = 32;
/** Beyond any number of events, and within what a double counts exactly together with its sums. */
export const TREE_HEIGHT = 48;
export const LARGEST_TREE = 2 ** TREE_HEIGHT;

/** The hash of a complete subtree: of the 2^level leaves from index · 2^level on. */
export interface Node {
  readonly level: number;
  readonly index: number;
}

/** The leaves from `from` until before `to` of a tree. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const [LEAF, PARENT] = [Uint8Array.of(0), Uint8Array.of(1)];

export const leafHash = (entry: Uint8Array): Buffer => sha256([LEAF, entry]);

export const parentHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256([PARENT, left, right]);

export const emptyHash = (): Buffer => sha256([]);

/** By way of a text: each buffer that the library makes has memory of its own, which takes longer to make and to free than the hash. */
const sha256 = (parts: readonly Uint8Array[]): Buffer => Buffer.from(hash('sha256', Buffer.concat(parts), 'binary'), 'binary');

/** The largest power of two below a size of 2 at least. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The complete subtrees that a subtree of the recursion consists of, the largest first. */
export function nodesOf({ from, to }: Range): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to;) {
    let [level, width] = [0, 1];
    while (at % (width * 2) === 0 && at + width * 2 <= to) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The hash of what consists of these complete subtrees. */
export const combined = (hashes: readonly Buffer[]): Buffer =>
  hashes.length === 0 ? emptyHash() : hashes.reduceRight((right, left) => parentHash(left, right));

/** Whose hashes prove that the leaves at these places are in the tree: what lies between them, from left to right. */
export function inclusionRanges(places: readonly number[], size: number): Range[] {
  const ranges: Range[] = [];
  walk({ from: 0, to: size }, ascending(places), {
    leaf: () => undefined,
    rest: range => void ranges.push(range),
    both: () => undefined,
  });
  return ranges;
}

/**
 * The root of the tree that has these leaves at these places, and the hashes of the proof for the rest of it.
 * @param places ascending, each once @returns undefined where the proof has another number of hashes than such a tree needs
 */
export function rootByInclusion(
  places: readonly number[],
  leaves: readonly Buffer[],
  size: number,
  proof: readonly Buffer[],
): Buffer | undefined {
  if (!isAscending(places) || places.length !== leaves.length || (places.at(-1) ?? 0) >= size) return undefined;
  let [nextLeaf, nextHash] = [0, 0];
  const missing = Buffer.alloc(0);
  const root = walk<Buffer>({ from: 0, to: size }, places, {
    leaf: () => leaves[nextLeaf++] ?? missing,
    rest: () => proof[nextHash++] ?? missing,
    both: parentHash,
  });
  return nextHash === proof.length ? root : undefined;
}

interface Steps<T> {
  leaf(place: number): T;
  rest(range: Range): T;
  both(left: T, right: T): T;
}

/** Goes down to the places that are asked for, and to nothing else: those of the range begin at `first`, and end before `end`. */
function walk<T>(range: Range, places: readonly number[], steps: Steps<T>, first = 0, end = places.length): T {
  const { from, to } = range;
  if (first === end) return steps.rest(range);
  if (to - from === 1) return steps.leaf(from);
  const middle = from + split(to - from);
  const right = firstAt(places, middle, first, end);
  const before = walk({ from, to: middle }, places, steps, first, right);
  return steps.both(before, walk({ from: middle, to }, places, steps, right, end));
}

/** Where the places from this one on begin among those from `first` until before `end`, by halves. */
function firstAt(places: readonly number[], place: number, first: number, end: number): number {
  if (first === end) return end;
  const middle = Math.floor((first + end) / 2);
  return (places[middle] as number) < place ? firstAt(places, place, middle + 1, end) : firstAt(places, place, first, middle);
}

/** Whose hashes prove that a tree extends the smaller one: RFC 6962, section 2.1.2. */
export function consistencyRanges(smaller: number, size: number): Range[] {
  if (smaller === 0 || smaller === size) return [];
  return subproof(smaller, { from: 0, to: size }, true);
}

function subproof(smaller: number, { from, to }: Range, known: boolean): Range[] {
  if (from + smaller === to) return known ? [] : [{ from, to }];
  const half = split(to - from);
  const middle = from + half;
  return smaller <= half
    ? [...subproof(smaller, { from, to: middle }, known), { from: middle, to }]
    : [...subproof(smaller - half, { from: middle, to }, false), { from, to: middle }];
}

/** Whether the proof shows that the tree with `root` has the leaves of the smaller one, unchanged and first: RFC 9162, section 2.1.4.2. */
export function isConsistent(
  smaller: { readonly size: number; readonly root: Buffer },
  tree: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (smaller.size > tree.size || !proof.every(hash => hash.length === HASH_BYTES)) return false;
  if (smaller.size === tree.size) return proof.length === 0 && smaller.root.equals(tree.root);
  if (smaller.size === 0) return proof.length === 0 && smaller.root.equals(emptyHash());
  const needed = consistencyRanges(smaller.size, tree.size);
  if (proof.length !== needed.length) return false;
  const hashes = new Map(needed.map((range, at) => [`${range.from}-${range.to}`, proof[at] as Buffer]));
  // Only where the smaller tree is a complete subtree of the larger is its hash not part of the proof.
  const given = (range: Range): Buffer | undefined =>
    hashes.get(`${range.from}-${range.to}`) ?? (range.from === 0 && range.to === smaller.size ? smaller.root : undefined);
  const rootOf = (range: Range): Buffer | undefined => {
    const known = given(range);
    if (known) return known;
    if (range.to - range.from < 2) return undefined;
    const middle = range.from + split(range.to - range.from);
    const [left, right] = [rootOf({ from: range.from, to: middle }), rootOf({ from: middle, to: range.to })];
    return left && right && parentHash(left, right);
  };
  const before = rootOfSmaller(smaller.size, needed, proof) ?? smaller.root;
  return before.equals(smaller.root) && rootOf({ from: 0, to: tree.size })?.equals(tree.root) === true;
}

/** The smaller tree's root from those hashes that lie in it; undefined where it is itself a complete subtree, and none does. */
function rootOfSmaller(size: number, ranges: readonly Range[], proof: readonly Buffer[]): Buffer | undefined {
  const inside = ranges.flatMap((range, at) => (range.to <= size ? [{ from: range.from, hash: proof[at] as Buffer }] : []));
  if (inside.length === 0) return undefined;
  return combined(inside.toSorted((a, b) => a.from - b.from).map(({ hash }) => hash));
}

const isAscending = (places: readonly number[]): boolean =>
  places.every((place, at) => Number.isSafeInteger(place) && place > (at === 0 ? -1 : (places[at - 1] as number)));

const ascending = (places: readonly number[]): number[] => [...new Set(places)].toSorted((a, b) => a - b);
