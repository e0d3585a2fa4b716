import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Database, type Queryable } from '../../database/database.js';
import { CheckpointMoved } from '../../projecting/checkpoints.js';
import type { Position, StoredEvent } from '../../event-store/event-store.js';
import { rootIn, signedHead, type TreeHead } from './checkpoint.js';
import { leafOf } from './leaf.js';
import { LogForked, LogKeyMismatch } from './log-unsigned.js';
import { LOG_KEYS } from './log-keys.stream.js';
import { consistencyRanges, inclusionRanges } from './merkle-tree.js';
import { type KeptHead, type SignedHead, SignedHeads } from './signed-heads.js';
import { SignerKey, VerifierKey } from './signed-note.js';
import { type BreakReason, followingIn } from './succession.js';
import { addLeaves, hashesOf, leavesAt, TileDamaged } from './tiles.js';

/** Of a proof, looked up together. */
const HASHES = 1_000;

/** As far as the log has taken events in. */
export interface LogState {
  readonly origin: string;
  readonly publicKey: Buffer;
  readonly storeId: string;
  readonly position: Position;
  readonly size: number;
  /** Why the log will go on under another name, which is not known yet: under this one nothing is signed any more. */
  readonly renewal: BreakReason | null;
}

export interface Entry {
  readonly place: number;
  readonly leaf: Buffer;
}

/** What was signed under which name. */
interface Signed extends KeptHead {
  readonly origin: string;
}

interface Seen {
  readonly state: LogState;
  /** The newest head that was signed under this name. */
  readonly signed?: Signed;
  readonly published?: Signed;
}

const STATE = `origin, public_key AS "publicKey", store_id AS "storeId", position, l.size, renewal`;

/** All events of the store as the leaves of one tree, in their order, and its signed heads. All methods throw DatabaseUnavailable. */
@Injectable()
export class MerkleLog {
  /** What this process gave away last, it remembers beyond whatever happens to the database. */
  private published?: Signed;

  /** Each look at a service's health asks for it, and to make one takes long. */
  private signer?: SignerKey;

  readonly heads: SignedHeads;

  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {
    this.heads = new SignedHeads(database);
  }

  /** Where the log stands; begins it where there is none. */
  async begin(storeId: string): Promise<LogState> {
    const known = await this.state();
    if (known) return known;
    const origin = `caseledger/${randomUUID()}`;
    const { verifier } = new SignerKey(origin, this.config.logKey);
    await this.database.query(
      `INSERT INTO ledger.log (origin, public_key, store_id, position, size) VALUES ($1, $2, $3, '', 0) ON CONFLICT DO NOTHING`,
      [origin, verifier.bytes, storeId],
    );
    return this.begin(storeId);
  }

  state(): Promise<LogState | undefined> {
    return stateOf(this.database);
  }

  /**
   * Takes in what comes after the position, up to another one.
   * @returns where the log stands then @throws CheckpointMoved where it does not stand there any more: somebody else goes on with it
   */
  async add(at: LogState, events: readonly StoredEvent[], position: Position): Promise<LogState> {
    const leaves = events.map(leafOf);
    const size = at.size + events.length;
    const { key, anew } = signerAfter(at, events);
    const last = events.at(-1);
    return this.database.transaction(
      async tx => {
        const {
          rows: [moved],
        } = await tx.query<LogState>({
          name: 'log-move',
          text: `UPDATE ledger.log AS l SET position = $1, size = $2, origin = $3, public_key = $4,
              renewal = CASE WHEN NOT $5 THEN renewal END, last_stream = coalesce($9, l.last_stream),
              last_revision = coalesce($10, l.last_revision), last_event_id = coalesce($11, l.last_event_id)
                 WHERE origin = $6 AND position = $7 AND l.size = $8 RETURNING ${STATE}`,
          values: [position, size, key.name, key.bytes, anew, at.origin, at.position, at.size, last?.stream, last?.revision, last?.id],
        });
        if (!moved) throw new CheckpointMoved();
        if (events.length === 0) return moved;
        await addLeaves(tx, at.size, leaves);
        await tx.query({
          name: 'log-add-entries',
          text: `INSERT INTO ledger.log_entries (stream, revision, place)
                 SELECT stream, revision, $3::bigint + ordinality - 1
                 FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS e(stream, revision)`,
          values: [events.map(({ stream }) => stream), events.map(({ revision }) => revision), at.size],
        });
        // Lost together or not at all, and made again from the same events; a head is only ever signed over what is durable.
        return moved;
      },
      { mayBeLost: true },
    );
  }

  /**
   * The newest head, signed; undefined while there is no log, or none that may be signed yet.
   * @throws LogKeyMismatch, TileDamaged; LogForked where another head was signed before
   */
  async head(): Promise<SignedHead | undefined> {
    const seen = await this.seen();
    if (!seen || seen.state.renewal) return undefined;
    const { state, signed } = seen;
    const key = this.keyOf(state);
    await this.assertExtends(seen);
    const note =
      signed?.size === state.size
        ? signed.note
        : await this.heads.add(state, state.size, signedHead(key, await headAt(this.database, state.size)));
    this.published = { origin: state.origin, size: state.size, note };
    return { note, key, size: state.size };
  }

  /** @throws LogForked where the log is not what was signed, as this database has it or as this process gave it away */
  private async assertExtends({ state, signed, published }: Seen): Promise<void> {
    const { origin } = state;
    for (const head of [signed, published]) {
      if (head?.origin !== origin) continue;
      if (!(await this.extends(state, { size: head.size, root: rootIn(head.note) }))) throw new LogForked(origin, head.size);
    }
  }

  /** At one moment: a head that is signed while one looks is not beyond the log. */
  private async seen(): Promise<Seen | undefined> {
    const { published } = this;
    const {
      rows: [row],
    } = await this.database.query<LogState & { readonly signedSize: number | null; readonly note: string | null }>({
      name: 'log-seen',
      text: `SELECT ${STATE}, h.size AS "signedSize", h.note FROM ledger.log AS l
             LEFT JOIN LATERAL (SELECT size, note FROM ledger.log_heads WHERE origin = l.origin ORDER BY size DESC LIMIT 1) AS h ON true`,
    });
    if (!row) return undefined;
    const { signedSize, note, ...state } = row;
    const signed = signedSize !== null && note !== null ? { origin: state.origin, size: signedSize, note } : undefined;
    return { state, signed, published };
  }

  /** Whether the tree here has the entries of this head, unchanged and first. */
  async extends({ size }: LogState, head: TreeHead): Promise<boolean> {
    return head.size <= size && (await headAt(this.database, head.size)).root.equals(head.root);
  }

  /** From now on nothing is signed under this name: the log goes on under another one. */
  async breakOff({ origin }: LogState, reason: BreakReason): Promise<void> {
    await this.database.query('UPDATE ledger.log SET renewal = $2 WHERE origin = $1', [origin, reason]);
  }

  /** What the log has of each event: its place and its leaf; undefined where it has not numbered it. */
  async entriesOf(events: readonly Pick<StoredEvent, 'stream' | 'revision'>[]): Promise<(Entry | undefined)[]> {
    const { rows } = await this.database.query<{ place: number | null }>({
      name: 'log-entries',
      text: `SELECT e.place FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS asked(stream, revision, number)
             LEFT JOIN ledger.log_entries e USING (stream, revision) ORDER BY number`,
      values: [events.map(({ stream }) => stream), events.map(({ revision }) => revision)],
    });
    const leaves = await leavesAt(
      this.database,
      rows.map(({ place }) => place ?? 0),
    );
    return rows.map(({ place }, at) => (place === null ? undefined : { place, leaf: leaves[at] as Buffer }));
  }

  /** That the tree of `size` extends that of `smaller`; hashes in the order of RFC 6962. */
  consistency(smaller: number, size: number): Promise<Buffer[]> {
    return hashesOf(this.database, consistencyRanges(smaller, size));
  }

  /** That the leaves at these places are in the tree of `size`; see `inclusionRanges`. Some hashes at a time, as they may be many. */
  async *inclusion(places: readonly number[], size: number): AsyncGenerator<readonly Buffer[]> {
    const ranges = inclusionRanges(places, size);
    for (let at = 0; at < ranges.length; at += HASHES) yield await hashesOf(this.database, ranges.slice(at, at + HASHES));
  }

  /** Where a stream's events are, as of a size of the tree. */
  async placesOf(stream: string, size: number): Promise<number[]> {
    const { rows } = await this.database.query<{ place: number }>({
      name: 'log-places',
      text: 'SELECT place FROM ledger.log_entries WHERE stream = $1 AND place < $2 ORDER BY revision',
      values: [stream, size],
    });
    return rows.map(({ place }) => place);
  }

  /** Why no head can be signed, if so. */
  async fault(): Promise<string | undefined> {
    try {
      const seen = await this.seen();
      if (!seen || seen.state.renewal) return undefined;
      this.keyOf(seen.state);
      await this.assertExtends(seen);
      return undefined;
    } catch (error) {
      if (!(error instanceof LogKeyMismatch || error instanceof LogForked || error instanceof TileDamaged)) throw error;
      return error.message;
    }
  }

  /** During an exchange a service has both keys, and signs with whichever the log has come to. */
  private keyOf({ origin, publicKey }: LogState): SignerKey {
    const isIts = ({ verifier: { name, bytes } }: SignerKey): boolean => name === origin && bytes.equals(publicKey);
    if (this.signer && isIts(this.signer)) return this.signer;
    const { logKey, logKeyPrevious = logKey } = this.config;
    const key = [logKey, logKeyPrevious].map(seed => new SignerKey(origin, seed)).find(isIts);
    if (!key) throw new LogKeyMismatch(origin);
    this.signer = key;
    return key;
  }
}

/** Who signs heads that cover these events, and whether under another name. */
function signerAfter(at: LogState, events: readonly StoredEvent[]): { readonly key: VerifierKey; readonly anew: boolean } {
  let [key, anew] = [VerifierKey.of(at.origin, at.publicKey), false];
  for (const { stream, data } of events) {
    const next = stream === LOG_KEYS ? followingIn([String(data['note'])], key) : undefined;
    if (next) [key, anew] = [next.to, anew || next.broken !== undefined];
  }
  return { key, anew };
}

const headAt = async (database: Queryable, size: number): Promise<TreeHead> => {
  const [root] = await hashesOf(database, [{ from: 0, to: size }]);
  return { size, root: root as Buffer };
};

async function stateOf(database: Queryable): Promise<LogState | undefined> {
  const {
    rows: [row],
  } = await database.query<LogState>({
    name: 'log-state',
    text: `SELECT ${STATE} FROM ledger.log AS l`,
  });
  return row;
}
