import { parentHash } from '../../src/audit/log/merkle-tree.js';

/* The root of a Merkle tree as RFC 6962 defines it, and nothing that the product computes it with but the hash of two nodes. */

/** @param known roots of whole subtrees of leaves that only grow, by where each begins and how many leaves it has */
export function rootWithin(leaves: readonly Buffer[], from: number, count: number, known: Map<string, Buffer>): Buffer {
  if (count === 1) return leaves[from] as Buffer;
  const found = known.get(`${from} ${count}`);
  if (found) return found;
  let half = 1;
  while (half * 2 < count) half *= 2;
  const root = parentHash(rootWithin(leaves, from, half, known), rootWithin(leaves, from + half, count - half, known));
  if (half * 2 === count) known.set(`${from} ${count}`, root);
  return root;
}
