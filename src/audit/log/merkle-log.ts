import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config.js';
import { Database, type Queryable } from '../../database/database.js';
import { CheckpointMoved } from '../../projecting/checkpoints.js';
import { Refused } from '../../event-store/refused.js';
import type { Position, StoredEvent } from '../../event-store/event-store.js';
import { signedHead, type TreeHead } from './checkpoint.js';
import { leafOf } from './leaf.js';
import { consistencyRanges, inclusionRanges } from './merkle-tree.js';
import { SignerKey } from './signed-note.js';
import { addLeaves, hashesOf, leavesAt } from './tiles.js';

const RETRY_AFTER_S = 60;

/** LOG_KEY is not the key that has signed this log: two keys under one name could show two different pasts. */
export class LogKeyMismatch extends Refused {
  constructor(origin: string) {
    super(
      'read-model-behind',
      `LOG_KEY is not the key that signs the log ${origin}: no head is signed until the service has that one.`,
      RETRY_AFTER_S,
    );
    this.name = 'LogKeyMismatch';
  }
}

/** As far as the log has taken events in. */
export interface LogState {
  readonly origin: string;
  readonly publicKey: Buffer;
  readonly storeId: string;
  readonly position: Position;
  readonly size: number;
}

export interface Entry {
  readonly place: number;
  readonly leaf: Buffer;
}

export interface SignedHead {
  /** As it is published. */
  readonly note: string;
  readonly size: number;
  readonly key: SignerKey;
}

/** All events of the store as the leaves of one tree, in their order, and its signed heads. All methods throw DatabaseUnavailable. */
@Injectable()
export class MerkleLog {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

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
    await this.database.transaction(
      async tx => {
        const { rowCount } = await tx.query({
          name: 'log-move',
          text: 'UPDATE ledger.log SET position = $1, size = $2 WHERE origin = $3 AND position = $4 AND size = $5',
          values: [position, size, at.origin, at.position, at.size],
        });
        if (rowCount === 0) throw new CheckpointMoved();
        if (events.length === 0) return;
        await addLeaves(tx, at.size, leaves);
        await tx.query({
          name: 'log-add-entries',
          text: `INSERT INTO ledger.log_entries (stream, revision, place)
                 SELECT stream, revision, $3::bigint + ordinality - 1
                 FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS e(stream, revision)`,
          values: [events.map(({ stream }) => stream), events.map(({ revision }) => revision), at.size],
        });
        // Lost together or not at all, and made again from the same events; a head is only ever signed over what is durable.
      },
      { mayBeLost: true },
    );
    return { ...at, position, size };
  }

  /** The newest head, signed; undefined while there is no log. @throws LogKeyMismatch */
  async head(): Promise<SignedHead | undefined> {
    const state = await this.state();
    if (!state) return undefined;
    const key = this.keyOf(state);
    const {
      rows: [signed],
    } = await this.database.query<{ note: string }>({
      name: 'log-head',
      text: 'SELECT note FROM ledger.log_heads WHERE origin = $1 AND size = $2',
      values: [state.origin, state.size],
    });
    return { note: signed?.note ?? (await this.sign(key, state)), key, size: state.size };
  }

  private async sign(key: SignerKey, { origin, size }: LogState): Promise<string> {
    const note = signedHead(key, await headAt(this.database, size));
    // What it is over reached the disk with it or before it. Ed25519 gives whoever signs the same head the same note.
    await this.database.query('INSERT INTO ledger.log_heads (origin, size, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      origin,
      size,
      note,
    ]);
    return note;
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

  /** That the leaves at these places are in the tree of `size`; see `inclusionRanges`. */
  inclusion(places: readonly number[], size: number): Promise<Buffer[]> {
    return hashesOf(this.database, inclusionRanges(places, size));
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
  keyFault(state: LogState): string | undefined {
    try {
      this.keyOf(state);
      return undefined;
    } catch (error) {
      if (!(error instanceof LogKeyMismatch)) throw error;
      return error.message;
    }
  }

  private keyOf({ origin, publicKey }: LogState): SignerKey {
    const key = new SignerKey(origin, this.config.logKey);
    if (!key.verifier.bytes.equals(publicKey)) throw new LogKeyMismatch(origin);
    return key;
  }
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
    text: `SELECT origin, public_key AS "publicKey", store_id AS "storeId", position, size FROM ledger.log`,
  });
  return row;
}
