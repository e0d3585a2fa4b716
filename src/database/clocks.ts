import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from './clock.js';
import type { Database, Queryable } from './database.js';
import { DatabaseUnavailable } from './database-unavailable.js';

/** Moves the time forwards, for every process. False: it is later already. @throws DatabaseUnavailable, and nothing was moved, once another may move it */
export type MoveTo = (instant: string) => Promise<boolean>;

const MOVER_LOCK = 'mover of the clock';
const LOOK_MS = 50;
const HEARTBEAT_MS = 2_000;
/** Whoever moves the time and falls silent for so long is cut off. */
const SILENCE_MS = 10_000;

export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString().replace('.000Z', 'Z');
  }

  async refresh(): Promise<void> {}
}

/** The time of a training copy: it stands still until an admin moves it, is shared by all processes and survives them. */
export class SimulatedClock extends Clock {
  private turn: Promise<void> = Promise.resolve();

  private constructor(private readonly database: Database, private time: string) {
    super();
  }

  /** @param from where the time starts in a copy that has none yet, RFC 3339 UTC */
  static async start(database: Database, from: string): Promise<SimulatedClock> {
    await database.query('INSERT INTO ledger.clock (now) VALUES ($1) ON CONFLICT DO NOTHING', [from]);
    const clock = new SimulatedClock(database, from);
    await clock.refresh();
    return clock;
  }

  now(): string {
    return this.time;
  }

  async refresh(): Promise<void> {
    try {
      const { rows: [row] } = await this.database.query<{ now: string }>({ name: 'clock', text: 'SELECT now FROM ledger.clock' });
      if (row) this.time = row.now;
    } catch (error) {
      // Whoever needs the database will find out; what does not, such as a health check, goes on.
      if (!(error instanceof DatabaseUnavailable)) throw error;
    }
  }

  /**
   * Lets one at a time move the time, over all processes; who had to wait finds it where the one before left it.
   * The time is moved on the very session that holds the lock: whoever lost the one cannot do the other.
   */
  async move<Result>(work: (moveTo: MoveTo) => Promise<Result>): Promise<Result> {
    const before = this.turn;
    let done = (): void => undefined;
    this.turn = new Promise(resolve => { done = resolve; });
    await before;
    try {
      return await this.asOnlyMover(work);
    } finally {
      done();
    }
  }

  private async asOnlyMover<Result>(work: (moveTo: MoveTo) => Promise<Result>): Promise<Result> {
    const session = await this.database.session(() => undefined);
    const heartbeat = setInterval(() => void session.query('SELECT 1').catch(() => undefined), HEARTBEAT_MS);
    try {
      await session.query(`SET idle_session_timeout = ${SILENCE_MS}`);
      while (!await locked(session)) await sleep(LOOK_MS);
      await this.refresh();
      return await work(instant => this.moveTo(session, instant));
    } finally {
      clearInterval(heartbeat);
      await session.close();
    }
  }

  private async moveTo(session: Queryable, instant: string): Promise<boolean> {
    const { rowCount } = await session.query('UPDATE ledger.clock SET now = $1::text WHERE now::timestamptz <= $1::text::timestamptz', [instant]);
    await this.refresh();
    return rowCount > 0;
  }
}

async function locked(session: Queryable): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked', [MOVER_LOCK]);
  return rows[0]?.locked === true;
}
