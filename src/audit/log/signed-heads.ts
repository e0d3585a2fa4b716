import type { Database } from '../../database/database.js';
import { rootIn, type TreeHead } from './checkpoint.js';
import { LogBehind } from './log-behind.js';
import { emptyHash } from './merkle-tree.js';
import type { SignerKey } from './signed-note.js';

export interface SignedHead {
  /** As it is published. */
  readonly note: string;
  readonly size: number;
  readonly key: SignerKey;
}

/** As it is kept. */
export interface KeptHead {
  readonly size: number;
  readonly note: string;
}

/** Under which name a head was signed. */
interface Named {
  readonly origin: string;
}

/** The heads of the log that were signed, and the signatures of witnesses beside. All methods throw DatabaseUnavailable. */
export class SignedHeads {
  constructor(private readonly database: Database) {}

  /**
   * Keeps a head that is signed now, unless the log goes on under another name.
   * @returns its note as it is kept @throws LogBehind where it is not kept
   */
  async add({ origin }: Named, size: number, note: string): Promise<string> {
    // What it is over reached the disk with it or before it. Ed25519 gives whoever signs the same head the same note.
    // Under a name that was given up meanwhile nothing more is signed.
    const { rowCount } = await this.database.query(
      `INSERT INTO ledger.log_heads (origin, size, note) SELECT $1, $2, $3 FROM ledger.log WHERE origin = $1 AND renewal IS NULL FOR SHARE
       ON CONFLICT DO NOTHING`,
      [origin, size, note],
    );
    if (rowCount > 0) return note;
    const { rows } = await this.database.query<{ note: string }>('SELECT note FROM ledger.log_heads WHERE origin = $1 AND size = $2', [
      origin,
      size,
    ]);
    if (rows[0]?.note !== note) throw new LogBehind();
    return note;
  }

  /** The last one under this name, as far as it is known here. */
  async last(log: Named): Promise<TreeHead> {
    const [signed] = await this.after(log, -1, 1);
    return signed ? { size: signed.size, root: rootIn(signed.note) } : { size: 0, root: emptyHash() };
  }

  /** Keeps a head that was signed, and that this database does not have any more. */
  async remember({ origin }: Named, { size }: TreeHead, note: string): Promise<void> {
    await this.database.query('INSERT INTO ledger.log_heads (origin, size, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      origin,
      size,
      note,
    ]);
  }

  /** What was signed beyond this size: the first ones, or the newest one alone. */
  async after({ origin }: Named, size: number, atMost: number): Promise<readonly KeptHead[]> {
    const { rows } = await this.database.query<KeptHead>(
      `SELECT size, note FROM ledger.log_heads WHERE origin = $1 AND size > $2 ORDER BY size ${atMost === 1 ? 'DESC' : ''} LIMIT $3`,
      [origin, size, atMost],
    );
    return rows;
  }

  /** With which lines a witness signed a head, too. */
  async keepCosignature({ origin }: Named, size: number, witness: string, lines: string): Promise<void> {
    await this.database.query(
      'INSERT INTO ledger.log_cosignatures (origin, size, witness, lines) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [origin, size, witness, lines],
    );
  }

  /** The head's note with the lines of all witnesses that have signed it by now. */
  async cosigned({ note, key, size }: SignedHead): Promise<string> {
    const { rows } = await this.database.query<{ lines: string }>(
      'SELECT lines FROM ledger.log_cosignatures WHERE origin = $1 AND size = $2 ORDER BY witness',
      [key.verifier.name, size],
    );
    return note + rows.map(({ lines }) => lines).join('');
  }
}
