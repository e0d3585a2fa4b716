import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  combined,
  consistencyRanges,
  emptyHash,
  inclusionRanges,
  isConsistent,
  leafHash,
  nodesOf,
  parentHash,
  rootByInclusion,
  type Range,
} from '../../src/audit/log/merkle-tree.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

// The tree of the tests that the authors of RFC 6962 published with their implementation.
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(hex);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
].map(hex);
const LEAVES = ENTRIES.map(leafHash);

/** As RFC 6962 defines it, and no faster. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyHash();
  if (leaves.length === 1) return leaves[0] as Buffer;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return parentHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

const of = (leaves: readonly Buffer[], ranges: readonly Range[]): Buffer[] =>
  ranges.map(range =>
    combined(nodesOf(range).map(({ level, index }) => rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)))),
  );

describe('published vectors', () => {
  it.each(ROOTS.map((root, at) => [at + 1, root] as const))('the root over %i', (size, root) => {
    expect(of(LEAVES, [{ from: 0, to: size }])).toEqual([root]);
  });

  it('the root over none', () => {
    expect(of(LEAVES, [{ from: 0, to: 0 }]).map(String)).toEqual([
      String(hex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')),
    ]);
  });

  it.each([
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  ])('that leaf %i is in the tree of %i', (place, size, path) => {
    const proof = of(LEAVES, inclusionRanges([place], size));
    expect(proof.map(hash => hash.toString('hex')).toSorted()).toEqual(path.toSorted());
    expect(rootByInclusion([place], [LEAVES[place] as Buffer], size, proof)).toEqual(ROOTS[size - 1]);
  });

  it.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('that the tree of %i leads to that of %i', (smaller, size, published) => {
    const proof = of(LEAVES, consistencyRanges(smaller, size));
    expect(proof.map(hash => hash.toString('hex'))).toEqual(published);
    const [before, after] = [ROOTS[smaller - 1] as Buffer, ROOTS[size - 1] as Buffer];
    expect(isConsistent({ size: smaller, root: before }, { size, root: after }, proof)).toBe(true);
  });
});

const tree = fc
  .integer({ min: 1, max: 70 })
  .chain(size =>
    fc.record({ leaves: fc.constant(Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`${at}`)))), seed: fc.nat() }),
  );
const other = leafHash(Buffer.from('another'));

describe('any tree', () => {
  it('has a proof for every set of its leaves, which holds for them alone', () => {
    fc.assert(
      fc.property(tree, fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), ({ leaves, seed }, chosen) => {
        const places = [...new Set(chosen.map(place => place % leaves.length))].toSorted((a, b) => a - b);
        const proof = of(leaves, inclusionRanges(places, leaves.length));
        const found = places.map(place => leaves[place] as Buffer);
        const prove = (at: readonly number[], what: readonly Buffer[], by: readonly Buffer[]) =>
          rootByInclusion(at, what, leaves.length, by)?.equals(rootOf(leaves)) ?? false;
        expect(prove(places, found, proof)).toBe(true);
        const wrong = seed % places.length;
        expect(prove(places, found.with(wrong, other), proof)).toBe(false);
        expect(prove(places, found, [...proof, other])).toBe(false);
        if (proof.length > 0) {
          expect(prove(places, found, proof.slice(1))).toBe(false);
          expect(prove(places, found, proof.with(seed % proof.length, other))).toBe(false);
        }
        if (places.length > 1) expect(prove(places, found.toReversed(), proof)).toBe(false);
        expect(prove(places.slice(1), found.slice(1), proof)).toBe(false);
      }),
    );
  });

  it('shows of every smaller one that it extends it, and of no other', () => {
    fc.assert(
      fc.property(tree, fc.nat(), ({ leaves, seed }, cut) => {
        const size = 1 + (cut % leaves.length);
        const proof = of(leaves, consistencyRanges(size, leaves.length));
        const [before, after] = [
          { size, root: rootOf(leaves.slice(0, size)) },
          { size: leaves.length, root: rootOf(leaves) },
        ];
        expect(isConsistent(before, after, proof)).toBe(true);
        const changed = leaves.with(seed % size, other);
        expect(isConsistent({ size, root: rootOf(changed.slice(0, size)) }, after, proof)).toBe(false);
        expect(isConsistent(before, { ...after, root: rootOf(changed) }, of(changed, consistencyRanges(size, leaves.length)))).toBe(false);
        expect(isConsistent(before, after, [...proof, other])).toBe(false);
        if (proof.length > 0) expect(isConsistent(before, after, proof.with(seed % proof.length, other))).toBe(false);
        if (size > 1) expect(isConsistent({ ...before, size: size - 1 }, after, proof)).toBe(false);
      }),
    );
  });
});
