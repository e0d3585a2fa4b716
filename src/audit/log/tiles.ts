import type { Queryable } from '../../database/database.js';
import { Refused } from '../../event-store/refused.js';
import { combined, HASH_BYTES, nodesOf, parentHash, type Node, type Range } from './merkle-tree.js';

/**
 * Hashes of complete subtrees, 256 of one level to a row: a tile of level t holds those of level 8t of the tree, in order.
 * Those of the levels between are made from them when they are asked for.
 */

const RETRY_AFTER_S = 60;
const HEIGHT = 8;
/** Hashes of a tile that is full. */
export const WIDTH = 2 ** HEIGHT;

export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

export const nameOf = ({ level, index }: Node): string => `${level}/${index}`;

/** What is kept of the tree was altered, or is gone: nothing is signed or proved by it. Doctor says more. */
export class TileDamaged extends Refused {
  constructor(tile: Pick<Tile, 'level' | 'index'>) {
    super('read-model-behind', `tile ${nameOf(tile)} of the log does not hold what it should: doctor says more`, RETRY_AFTER_S);
    this.name = 'TileDamaged';
  }
}

/** Where the hashes of a complete subtree stand: in which tile, from which of its hashes on, and how many they are. */
function placeOf({ level, index }: Node): { tile: Pick<Tile, 'level' | 'index'>; from: number; count: number } {
  const count = 2 ** (level % HEIGHT);
  const first = index * count;
  return { tile: { level: Math.floor(level / HEIGHT), index: Math.floor(first / WIDTH) }, from: first % WIDTH, count };
}

/** The hash of each range in a tree that has all of them. @throws TileDamaged, DatabaseUnavailable */
export async function hashesOf(database: Queryable, ranges: readonly Range[]): Promise<Buffer[]> {
  const nodes = ranges.map(nodesOf);
  // Trees of different sizes have most of their subtrees in common.
  const different = new Map(nodes.flat().map(node => [nameOf(node), node]));
  const wanted = new Map([...different.values()].map(placeOf).map(({ tile }) => [nameOf(tile), tile]));
  const tiles = await read(database, [...wanted.values()]);
  const hashes = new Map([...different].map(([name, node]) => [name, subtree(tiles, node)]));
  return nodes.map(of => combined(of.map(node => hashes.get(nameOf(node)) as Buffer)));
}

/** The leaves at these places; empty where a tile does not hold them. @throws DatabaseUnavailable */
export async function leavesAt(database: Queryable, places: readonly number[]): Promise<Buffer[]> {
  const tileOf = (place: number) => ({ level: 0, index: Math.floor(place / WIDTH) });
  const tiles = await read(database, [...new Map(places.map(place => [nameOf(tileOf(place)), tileOf(place)])).values()]);
  return places.map(place => {
    const from = (place % WIDTH) * HASH_BYTES;
    return tiles.get(nameOf(tileOf(place)))?.subarray(from, from + HASH_BYTES) ?? Buffer.alloc(0);
  });
}

function subtree(tiles: ReadonlyMap<string, Buffer>, node: Node): Buffer {
  const { tile, from, count } = placeOf(node);
  const hashes = tiles.get(nameOf(tile))?.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES);
  if (hashes?.length !== count * HASH_BYTES) throw new TileDamaged(tile);
  return rootOf(hashes);
}

/** Of a power of two of hashes, one after the other. */
export function rootOf(hashes: Buffer): Buffer {
  if (hashes.length === HASH_BYTES) return hashes;
  const half = hashes.length / 2;
  return parentHash(rootOf(hashes.subarray(0, half)), rootOf(hashes.subarray(half)));
}

async function read(database: Queryable, tiles: readonly Pick<Tile, 'level' | 'index'>[]): Promise<Map<string, Buffer>> {
  if (tiles.length === 0) return new Map();
  const { rows } = await database.query<Tile>({
    name: 'log-tiles',
    text: `SELECT t.level, t.index, t.hashes FROM unnest($1::smallint[], $2::bigint[]) AS wanted(level, index)
           JOIN ledger.log_tiles t USING (level, index)`,
    values: [tiles.map(({ level }) => level), tiles.map(({ index }) => index)],
  });
  return new Map(rows.map(row => [nameOf(row), row.hashes]));
}

/**
 * Adds leaves to a tree of this size: the last tile of each level grows, and what is full counts on the next.
 * @throws TileDamaged, DatabaseUnavailable
 */
export async function addLeaves(tx: Queryable, size: number, leaves: readonly Buffer[]): Promise<void> {
  const grown: Tile[] = [];
  let [count, added] = [size, leaves];
  for (let level = 0; added.length > 0; level++) {
    const first = Math.floor(count / WIDTH);
    const begun = count % WIDTH === 0 ? undefined : (await read(tx, [{ level, index: first }])).get(nameOf({ level, index: first }));
    const hashes = Buffer.concat([...(begun ? [begun] : []), ...added]);
    if (hashes.length !== ((count % WIDTH) + added.length) * HASH_BYTES) throw new TileDamaged({ level, index: first });
    const full: Buffer[] = [];
    for (let at = 0; at * WIDTH * HASH_BYTES < hashes.length; at++) {
      const tile = hashes.subarray(at * WIDTH * HASH_BYTES, (at + 1) * WIDTH * HASH_BYTES);
      grown.push({ level, index: first + at, hashes: tile });
      if (tile.length === WIDTH * HASH_BYTES) full.push(rootOf(tile));
    }
    [count, added] = [first, full];
  }
  await tx.query({
    name: 'log-add-leaves',
    text: `INSERT INTO ledger.log_tiles (level, index, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
           ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes`,
    values: [grown.map(({ level }) => level), grown.map(({ index }) => index), grown.map(({ hashes }) => hashes)],
  });
}
