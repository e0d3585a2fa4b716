import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config.js';
import { Database } from '../../database/database.js';
import { BackOff, describeSafely, pause } from '../../projecting/back-off.js';
import { Leadership } from '../../database/leadership.js';
import { isPassing } from '../../projecting/stopping.js';
import { openHead } from './checkpoint.js';
import { MerkleLog, type LogState } from './merkle-log.js';
import { NoteInvalid, VerifierKey } from './signed-note.js';
import { type Witness, WitnessElsewhere, WitnessFailing, witnessOf } from './witness.js';

const LOCK = 'witnesses of the log';
/** How soon a signed head is on its way, and how often a file of heads is looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** Heads pushed before one looks again. */
const AT_ONCE = 100;

export interface WitnessStatus {
  readonly witness: string;
  /** Size of the newest head that it has. */
  readonly size: number;
  /** Whether a head that was signed more than two minutes ago has not reached it. */
  readonly late: boolean;
  readonly failingSince: string | null;
  readonly failure: string | null;
}

/** Gives every signed head to those who keep them elsewhere, from whichever process has the lead; the log waits for none of them. */
@Injectable()
export class Witnesses {
  private readonly logger = new Logger(Witnesses.name);
  private stopping?: AbortController;
  private loops: Promise<void>[] = [];

  constructor(
    private readonly database: Database,
    private readonly log: MerkleLog,
    private readonly leadership: Leadership,
    private readonly config: Config,
  ) {}

  start(): void {
    if (this.stopping) return;
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    this.loops = this.config.logWitnesses.map(name => this.keepPushing(witnessOf(name), signal));
  }

  /** Finishes what is being pushed. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    await Promise.all(this.loops);
    await this.leadership.release(LOCK);
    this.stopping = undefined;
  }

  /** As the database has it, whoever pushes. @throws DatabaseUnavailable */
  async status(): Promise<readonly WitnessStatus[]> {
    if (this.config.logWitnesses.length === 0) return [];
    const { rows } = await this.database.query<WitnessStatus>({
      name: 'log-witnesses',
      text: `SELECT named.witness, coalesce(w.size, 0) AS size, w.failure,
               to_char(w.failing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "failingSince",
               EXISTS (SELECT FROM ledger.log_heads h WHERE h.origin = l.origin AND h.size > coalesce(w.size, 0)
                 AND h.signed_at < now() - interval '2 minutes') AS late
             FROM unnest($1::text[]) AS named(witness) LEFT JOIN ledger.log AS l ON true
             LEFT JOIN ledger.log_witnesses AS w ON w.witness = named.witness AND w.origin = l.origin`,
      values: [this.config.logWitnesses],
    });
    return rows;
  }

  private async keepPushing(witness: Witness, signal: AbortSignal): Promise<void> {
    const backOff = new BackOff();
    for (; !signal.aborted; await pause(LOOK_MS, signal)) {
      try {
        if (await this.leadership.acquire(LOCK)) await this.push(witness);
        backOff.reset();
      } catch (error) {
        if (!isPassing(error)) await this.failed(witness, error);
        await backOff.wait(signal);
      }
    }
  }

  private async push(witness: Witness): Promise<void> {
    const state = await this.log.state();
    if (!state) return;
    const newest = await witness.newest();
    let known = (newest === undefined ? undefined : await this.sizeOf(newest, state)) ?? (await this.known(witness, state));
    const heads = await this.log.heads.after(state, known, witness.keepsEach ? AT_ONCE : 1);
    if (heads.length === 0) await this.reached(witness, state, known);
    for (const { size, note } of heads) {
      const after = known;
      const proof = await this.log.consistency(after, size);
      try {
        const lines = await witness.push(after, { size, note, proof: proof.map(hash => hash.toString('base64')) });
        if (lines !== undefined) await this.log.heads.keepCosignature(state, size, witness.name, lines);
      } catch (error) {
        if (!(error instanceof WitnessElsewhere)) throw error;
        if (error.size > size) throw new WitnessFailing(`${error.message}, which this log never had: an older copy goes on here`);
        await this.reached(witness, state, error.size);
        return;
      }
      known = size;
      await this.reached(witness, state, known);
    }
  }

  /** Of its last head; one that this log does not extend is remembered, so that no other is signed. */
  private async sizeOf(note: string, state: LogState): Promise<number | undefined> {
    try {
      const head = openHead(VerifierKey.of(state.origin, state.publicKey), note);
      if (!(await this.log.extends(state, head))) {
        await this.log.heads.remember(state, head, note);
        throw new WitnessFailing(`it has a head of ${head.size} entries that this log does not extend: an older copy goes on here`);
      }
      return head.size;
    } catch (error) {
      // Signed by the key before, or of a log before.
      if (error instanceof NoteInvalid) return undefined;
      throw error;
    }
  }

  private async known({ name }: Witness, { origin }: LogState): Promise<number> {
    const { rows } = await this.database.query<{ size: number }>(
      'SELECT size FROM ledger.log_witnesses WHERE witness = $1 AND origin = $2',
      [name, origin],
    );
    return rows[0]?.size ?? 0;
  }

  private async reached({ name }: Witness, { origin }: LogState, size: number): Promise<void> {
    await this.database.query(
      `INSERT INTO ledger.log_witnesses AS w (witness, origin, size) VALUES ($1, $2, $3)
       ON CONFLICT (witness) DO UPDATE SET origin = $2, size = $3, failing_since = NULL, failure = NULL
       WHERE (w.origin, w.size) <> ($2, $3) OR w.failure IS NOT NULL`,
      [name, origin, size],
    );
  }

  private async failed({ name }: Witness, error: unknown): Promise<void> {
    const failure = error instanceof WitnessFailing ? error.message : describeSafely(error);
    this.logger.warn(`heads of the log do not reach ${name}: ${failure}`);
    await this.database
      .query(
        `INSERT INTO ledger.log_witnesses AS w (witness, origin, size, failing_since, failure)
         SELECT $1, origin, 0, now(), $2 FROM ledger.log
         ON CONFLICT (witness) DO UPDATE SET failing_since = coalesce(w.failing_since, now()), failure = $2`,
        [name, failure],
      )
      .catch(() => undefined);
  }
}
