import { isBefore } from '../event-store/time.js';
import { Clock } from './clock.js';
import type { Database } from './database.js';
import { DatabaseUnavailable } from './database-unavailable.js';

export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString().replace('.000Z', 'Z');
  }

  async refresh(): Promise<void> {}
}

/** The time of a training copy: it stands still until an admin moves it, is shared by all processes and survives them. */
export class SimulatedClock extends Clock {
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

  /** Moves the time forwards, for every process. False: it is later already. */
  async moveTo(instant: string): Promise<boolean> {
    await this.refresh();
    if (isBefore(instant, this.time)) return false;
    const { rowCount } = await this.database.query('UPDATE ledger.clock SET now = $1::text WHERE now::timestamptz <= $1::text::timestamptz', [instant]);
    await this.refresh();
    return rowCount > 0;
  }
}
