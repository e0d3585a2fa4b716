import type { Database, Session } from '../database/database.js';
import type { EventStore, Position, StoredEvent } from '../event-store/event-store.js';
import type { Processes } from '../reacting/process.js';
import { Findings } from './findings.js';

/** Rows fetched with one statement. */
const PAGE = 1_000;

interface Tools {
  readonly database: Database;
  readonly store: EventStore;
  readonly processes: Processes;
}

/** What a process has still to answer, or has noted of what it answered. */
interface Row {
  readonly n: number;
  readonly process: string;
  readonly position: Position;
  /** Of what was noted, on which of its lists; no more is known of the event then. */
  readonly list: string | null;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly timer: string;
}

// As they are at one moment, in the order of the store. What an earlier version noted may not say since when.
const SNAPSHOT = `CREATE TEMPORARY TABLE examined_triggers AS
  SELECT row_number() OVER (ORDER BY position, process) AS n, * FROM (
    SELECT process, position, NULL AS list, trigger_id AS id, stream, revision, type, timer FROM ledger.process_inbox WHERE state <> 'done'
    UNION ALL SELECT process, since, list, NULL, NULL, NULL, NULL, NULL FROM ledger.process_lists WHERE since <> ''
  ) AS r`;

/**
 * Whether what waits for processes, and what they have noted, comes of an event that is stored. All methods throw DatabaseUnavailable.
 */
export class TriggerExaminer {
  private readonly noticed = new Findings();
  private session?: Session;
  private waiting: Row[] = [];
  private last = 0;
  private rows = 0;

  constructor(private readonly tools: Tools) {}

  /** Before any event is read: whatever is there then comes of what will be read. */
  async begin(): Promise<void> {
    this.session = await this.tools.database.session(() => undefined);
    await this.session.query(SNAPSHOT);
    await this.session.query('ALTER TABLE examined_triggers ADD PRIMARY KEY (n)');
  }

  /** Looks at events in their order. */
  async see(batch: readonly StoredEvent[]): Promise<void> {
    const events = new Map(batch.map(event => [event.position, event]));
    const end = batch.at(-1)?.position;
    for (let row = await this.next(end); row; row = await this.next(end)) this.look(row, events.get(row.position));
  }

  /** Once all events were seen. */
  async findings(): Promise<{ readonly lines: readonly string[]; readonly rows: number }> {
    for (let row = await this.next(); row; row = await this.next()) this.look(row, undefined);
    return { lines: this.noticed.lines, rows: this.rows };
  }

  async close(): Promise<void> {
    await this.session?.close();
  }

  /** The next row that stands no further than that. */
  private async next(upTo?: Position): Promise<Row | undefined> {
    if (this.waiting.length === 0 && this.session) {
      const { rows } = await this.session.query<Row>({
        name: 'examined-triggers',
        text: `SELECT * FROM examined_triggers WHERE n > $1 ORDER BY n LIMIT ${PAGE}`,
        values: [this.last],
      });
      this.waiting = rows.reverse();
    }
    const row = this.waiting.at(-1);
    if (!row || (upTo !== undefined && row.position > upTo)) return undefined;
    this.waiting.pop();
    this.last = row.n;
    this.rows += 1;
    return row;
  }

  private look(row: Row, event: StoredEvent | undefined): void {
    const reason = this.faultOf(row, event);
    if (reason === undefined) return;
    if (row.list === null) this.noticed.add(row, `${row.process} has it to answer, but ${reason}`);
    else this.noticed.say(`${row.process} has noted something in ${row.list} on the event at ${row.position}, but ${reason}`);
  }

  private faultOf(row: Row, event: StoredEvent | undefined): string | undefined {
    const process = this.tools.processes.get(row.process);
    if (!event) return 'none stands there';
    // What an earlier version has left of a process that is no more does nothing.
    if (!process) return row.list === null ? 'this version of the service has no such process' : undefined;
    if (!process.on.includes(event.type)) return `${event.type} is none that it answers`;
    if (row.list !== null) return undefined;
    const { stream, revision, id, type } = event;
    if (stream !== row.stream || revision !== row.revision || id !== row.id || type !== row.type)
      return `at ${row.position} stands ${type}, ${stream} at revision ${revision}`;
    return row.timer !== '' && !process.timers ? 'it waits for no time' : undefined;
  }
}
