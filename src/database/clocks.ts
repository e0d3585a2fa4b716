import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.js';
import { Clock } from './clock.js';
import type { Database, Queryable } from './database.js';
import { DatabaseUnavailable } from './database-unavailable.js';

/**
 * Moves the time forwards, for every process, to the instant that `find` gives: it is asked when no work is done at the time
 * before, and none is begun. False: it is later already. @throws DatabaseUnavailable, and nothing was moved, once another may move it or
 * while work takes too long
 */
export type MoveTo = (find: () => Promise<string>) => Promise<boolean>;

const MOVER_LOCK = 'mover of the clock';
/** Shared by all who work at a time, and taken whole by whoever moves it. */
const TIME_LOCK = 'time of the clock';
/** Work that begins within so many milliseconds shares one hold on the time; whoever waits to move it comes before the next. */
const TERM_MS = 50;
const TERMS_AT_MOST = 10;
const LOOK_MS = 50;
const HEARTBEAT_MS = 2_000;
/** Whoever moves the time and falls silent for so long is cut off. */
const SILENCE_MS = 10_000;

export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString().replace('.000Z', 'Z');
  }

  async refresh(): Promise<void> {}

  during<Result>(work: () => Promise<Result>): Promise<Result> {
    return work();
  }
}

/** The time of a training copy: it stands still until an admin moves it, is shared by all processes and survives them. */
export class SimulatedClock extends Clock {
  private turn: Promise<void> = Promise.resolve();
  private term?: Term;
  /** Apart from those that the work itself needs. */
  private readonly holds: Database;

  private constructor(
    private readonly database: Database,
    private time: string,
  ) {
    super();
    this.holds = database.sibling({ max: TERMS_AT_MOST });
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
      const {
        rows: [row],
      } = await this.database.query<{ now: string }>({ name: 'clock', text: 'SELECT now FROM ledger.clock' });
      if (row) this.time = row.now;
    } catch (error) {
      // Whoever needs the database will find out; what does not, such as a health check, goes on.
      if (!(error instanceof DatabaseUnavailable)) throw error;
    }
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const term = (this.term ??= this.beginTerm());
    const working = term.begun.then(work);
    term.works.push(working.catch(() => undefined));
    return working;
  }

  onApplicationShutdown(): Promise<void> {
    return this.holds.close();
  }

  private beginTerm(): Term {
    const works: Promise<unknown>[] = [];
    const begun = new Promise<void>((resolve, reject) => {
      const holding = this.holds.transaction(async tx => {
        await tx.query('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [TIME_LOCK]);
        const {
          rows: [row],
        } = await tx.query<{ now: string }>('SELECT now FROM ledger.clock');
        if (row) this.time = row.now;
        resolve();
        await sleep(TERM_MS);
        this.endTerm(works);
        for (const work of works) await work;
      });
      // Once it has begun, a hold that is lost with its connection does not undo the work.
      void holding.catch(reject).finally(() => this.endTerm(works));
    });
    return { begun, works };
  }

  private endTerm(works: Term['works']): void {
    if (this.term?.works === works) this.term = undefined;
  }

  /**
   * Lets one at a time move the time, over all processes; who had to wait finds it where the one before left it.
   * The time is moved on the very session that holds the lock: whoever lost the one cannot do the other.
   */
  async move<Result>(work: (moveTo: MoveTo) => Promise<Result>): Promise<Result> {
    const before = this.turn;
    let done = (): void => undefined;
    this.turn = new Promise(resolve => {
      done = resolve;
    });
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
      while (!(await locked(session))) await sleep(LOOK_MS);
      await this.refresh();
      return await work(find => this.moveTo(session, find));
    } finally {
      clearInterval(heartbeat);
      await session.close();
    }
  }

  private async moveTo(session: Queryable, find: () => Promise<string>): Promise<boolean> {
    await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [TIME_LOCK]);
    try {
      const { rowCount } = await session.query('UPDATE ledger.clock SET now = $1::text WHERE now::timestamptz <= $1::text::timestamptz', [
        await find(),
      ]);
      await this.refresh();
      return rowCount > 0;
    } finally {
      await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [TIME_LOCK]);
    }
  }
}

/**
 * A training copy has its own time for whoever is not told of it, too, such as a command beside the service: else what is due there would
 * be judged by the time here.
 */
export async function clockOf(
  database: Database,
  { simulatedFrom, production }: Pick<Config, 'simulatedFrom' | 'production'>,
): Promise<Clock> {
  const from = simulatedFrom ?? (production ? undefined : await timeIn(database));
  return from === undefined ? new SystemClock() : SimulatedClock.start(database, from);
}

async function timeIn(database: Database): Promise<string | undefined> {
  const { rows } = await database.query<{ now: string }>('SELECT now FROM ledger.clock');
  return rows[0]?.now;
}

/** One hold on the time, and all that is done meanwhile. */
interface Term {
  readonly begun: Promise<void>;
  readonly works: Promise<unknown>[];
}

async function locked(session: Queryable): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked', [MOVER_LOCK]);
  return rows[0]?.locked === true;
}
