import type { Database, Queryable } from '../../database/database.js';
import { openHead } from './checkpoint.js';
import type { LogState } from './merkle-log.js';
import { HASH_BYTES } from './merkle-tree.js';
import { NoteInvalid, type VerifierKey } from './signed-note.js';
import { hashesOf, nameOf, rootOf, type Tile, WIDTH } from './tiles.js';

/** Heads looked at together. */
const HEADS = 100;

interface KeptHead {
  readonly origin: string;
  readonly size: number;
  /** As it is published, with the lines of its witnesses. */
  readonly note: string;
}

/** What else is kept of the log: whether its tiles fit each other, and its signed heads the tree. All methods throw DatabaseUnavailable. */
export class LogEvidence {
  constructor(private readonly database: Database) {}

  /** Of which events these entries are, `stream at revision n`; an entry that nobody knows the event of has none. */
  async eventsAt(places: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const { rows } = await this.database.query<{ place: number; event: string }>(
      `SELECT place, stream || ' at revision ' || revision AS event FROM ledger.log_entries WHERE place = ANY ($1)`,
      [places],
    );
    return new Map(rows.map(({ place, event }) => [place, event]));
  }

  /**
   * What tiles of a tree that has this size at least are missing, cut short, or not what the tile above has of them. The lowest
   * are vouched for by events, and each hash above by the tile below.
   */
  async *wrongTiles(size: number): AsyncGenerator<string> {
    for (let [level, count] = [0, size]; count > 0; [level, count] = [level + 1, Math.floor(count / WIDTH)]) {
      const end = Math.ceil(count / WIDTH);
      for (let index = 0; index < end; index += WIDTH) yield* this.wrongUnder(level, index, count);
    }
  }

  /** Of the tiles that one tile above has the hashes of, from the first of them on. */
  private async *wrongUnder(level: number, first: number, count: number): AsyncGenerator<string> {
    const above = { level: level + 1, index: first / WIDTH };
    const [has] = await this.tiles(above.level, above.index, 1);
    const below = new Map((await this.tiles(level, first, WIDTH)).map(tile => [tile.index, tile.hashes]));
    const grown = await this.countAt(level);
    const unlike: string[] = [];
    const end = Math.min(first + WIDTH, Math.ceil(count / WIDTH));
    for (let index = first; index < end; index++) {
      const name = nameOf({ level, index });
      const hashes = below.get(index);
      const [due, atMost] = [count, grown].map(of => Math.min(of - index * WIDTH, WIDTH) * HASH_BYTES) as [number, number];
      if (!hashes) yield `tile ${name} is missing`;
      else if (hashes.length < due || hashes.length > atMost || hashes.length % HASH_BYTES > 0)
        yield `tile ${name} does not hold as many hashes as it should`;
      else if (due === WIDTH * HASH_BYTES && isUnlike(rootOf(hashes), has, index % WIDTH)) unlike.push(name);
    }
    const [one] = unlike;
    const more = unlike.length > 1 ? `, nor those of ${unlike.length - 1} more` : '';
    if (one !== undefined) yield `tile ${nameOf(above)} does not have the hash of tile ${one}${more}: one of them was altered`;
  }

  private async tiles(level: number, from: number, atMost: number): Promise<Tile[]> {
    const { rows } = await this.database.query<Tile>({
      name: 'log-tiles-from',
      text: 'SELECT level, index, hashes FROM ledger.log_tiles WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index',
      values: [level, from, from + atMost],
    });
    return rows;
  }

  /** How many hashes there are by now on this level. */
  private async countAt(level: number): Promise<number> {
    const { rows } = await this.database.query<{ size: number }>('SELECT size FROM ledger.log');
    return Math.floor((rows[0]?.size ?? 0) / WIDTH ** level);
  }

  /**
   * Signed heads over no more than `size` entries, whose tiles are right, that are not what was signed: by none of the keys of their
   * log, or over another tree. Under a name that was given up, the last ones may be of a tree that was lost.
   */
  async *wrongHeads({ origin: current, renewal }: LogState, size: number, keys: readonly VerifierKey[]): AsyncGenerator<string> {
    let unlike: { readonly origin: string; readonly lines: string[] } = { origin: '', lines: [] };
    for await (const { heads, roots } of this.heads(size)) {
      for (const [at, head] of heads.entries()) {
        const { origin } = head;
        if (unlike.origin !== origin) unlike = { origin, lines: [] };
        const fault = faultOf(head, roots[at] as Buffer, keys);
        const line = `the head of ${origin} over ${head.size} entries ${fault}`;
        const mayBeLost = fault === ANOTHER_TREE && (origin !== current || renewal !== null);
        if (mayBeLost && unlike.lines.length < HEADS) unlike.lines.push(line);
        if (fault !== undefined && !mayBeLost) yield line;
        // What comes before a head of this tree was of it, too.
        if (fault === undefined) yield* unlike.lines.splice(0);
      }
    }
  }

  private async *heads(size: number): AsyncGenerator<{ readonly heads: readonly KeptHead[]; readonly roots: readonly Buffer[] }> {
    let last: readonly [string, number] = ['', -1];
    for (;;) {
      const heads = await headsAfter(this.database, last, size);
      const end = heads.at(-1);
      if (!end) return;
      last = [end.origin, end.size];
      yield {
        heads,
        roots: await hashesOf(
          this.database,
          heads.map(head => ({ from: 0, to: head.size })),
        ),
      };
    }
  }
}

const ANOTHER_TREE = 'is of another tree: the one or the other was altered';

async function headsAfter(database: Queryable, [origin, after]: readonly [string, number], size: number): Promise<readonly KeptHead[]> {
  const { rows } = await database.query<KeptHead>({
    name: 'log-heads-after',
    text: `SELECT origin, size, note || coalesce((SELECT string_agg(lines, '' ORDER BY witness) FROM ledger.log_cosignatures c
             WHERE c.origin = h.origin AND c.size = h.size), '') AS note
           FROM ledger.log_heads h WHERE (origin, size) > ($1, $2) AND size <= $3 ORDER BY origin, size LIMIT ${HEADS}`,
    values: [origin, after, size],
  });
  return rows;
}

function faultOf({ origin, size, note }: KeptHead, root: Buffer, keys: readonly VerifierKey[]): string | undefined {
  let why = 'none of the keys that are known is of that log';
  for (const key of keys.filter(({ name }) => name === origin)) {
    try {
      const head = openHead(key, note);
      if (head.size !== size) return `is one over ${head.size} entries`;
      return head.root.equals(root) ? undefined : ANOTHER_TREE;
    } catch (error) {
      if (!(error instanceof NoteInvalid)) throw error;
      why = error.message;
    }
  }
  return `counts for nothing: ${why}`;
}

/** Whether the tile has another hash there; of one that is missing or cut short is told elsewhere. */
function isUnlike(hash: Buffer, tile: Tile | undefined, at: number): boolean {
  const has = tile?.hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  return has?.length === HASH_BYTES && !has.equals(hash);
}
