import { Client, type ClientBase, type ClientConfig, escapeIdentifier, Pool, type QueryConfig, types as pgTypes } from 'pg';
import { Continuity } from './continuity.js';
import { copyIn } from './copying.js';
import { asUnavailable, DatabaseUnavailable } from './database-unavailable.js';

export interface Query {
  /** Given, the statement is prepared once per connection under this name. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** What `COPY … FROM STDIN` is given, in its text format; only in a transaction. */
  readonly copied?: string;
}

export interface Rows<Row> {
  readonly rows: Row[];
  readonly rowCount: number;
}

/** What runs SQL: a pool, a transaction or a session. */
export interface Queryable {
  query<Row = Record<string, unknown>>(query: string | Query, values?: readonly unknown[]): Promise<Rows<Row>>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections at most; 10 by default. */
  readonly max?: number;
  /** The server gives a statement up after this; 30,000 ms by default. */
  readonly statementTimeoutMs?: number;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** A crash of the server may undo it, whole, within a second of COMMIT: for what can be made again. */
  readonly mayBeLost?: boolean;
}

const CONNECT_TIMEOUT_MS = 3_000;
const LOCK_TIMEOUT_MS = 10_000;
/** After so many milliseconds the server ends the transaction, and the lead, of a process that is frozen: both stand in the others' way. */
export const SILENCE_MS = 8_000;
// A server that is frozen or cut off cannot time a statement out; then the client does, a little later.
const CLIENT_GRACE_MS = 2_000;

// `date` as written (a Date would be local midnight); counts and positions as numbers, which 2^53 bounds.
const PARSERS = new Map<number, (text: string) => unknown>([
  [pgTypes.builtins.DATE, text => text],
  [pgTypes.builtins.INT8, safeInteger],
]);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint beyond 2^53 - 1 was read');
  return value;
}

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) || pgTypes.getTypeParser(oid, format),
};

// A connection may be lost while it has no query to report it to; unheard, the event would end the process.
const ignore = (): void => undefined;

/** A pool of connections to one PostgreSQL. All methods throw DatabaseUnavailable while it cannot be reached. */
export class Database implements Queryable {
  readonly #pool: Pool;

  private constructor(
    private readonly options: DatabaseOptions,
    readonly continuity = new Continuity(),
  ) {
    // A promise that it gives is waited for, which its type does not say.
    const onConnect = (client: ClientBase): Promise<void> => continuity.verify(client);
    this.#pool = new Pool({ ...clientConfig(options), max: options.max ?? 10, onConnect });
    this.#pool.on('error', () => continuity.lost());
    // For good: whoever takes a connection hears of its end too late where that comes in the same packet as the answer before.
    this.#pool.on('connect', client => client.on('error', ignore));
  }

  /** Opens no connection yet. */
  static open(options: DatabaseOptions): Database {
    return new Database(options);
  }

  /** Another pool to the same PostgreSQL, for work that must not wait behind this one's. */
  sibling(options: Partial<DatabaseOptions>): Database {
    return new Database({ ...this.options, ...options }, this.continuity);
  }

  async query<Row = Record<string, unknown>>(query: string | Query, values?: readonly unknown[]): Promise<Rows<Row>> {
    return run<Row>(this.#pool, query, values);
  }

  /**
   * Runs `work` in one transaction, at READ COMMITTED unless said otherwise; whatever `work` throws rolls it back.
   * After DatabaseUnavailable the outcome may be unknown.
   */
  async transaction<Result>(work: (tx: Queryable) => Promise<Result>, options: TransactionOptions = {}): Promise<Result> {
    const client = await this.#pool.connect().catch((error: unknown) => Promise.reject(asUnavailable(error)));
    const tx: Queryable = { query: (query, values) => run(client, query, values) };
    let broken = false;
    try {
      await tx.query(begin(options));
      const result = await work(tx);
      await tx.query('COMMIT');
      return result;
    } catch (error) {
      // A connection that failed or fell silent would not answer a ROLLBACK; closing it rolls back as well.
      broken = (error instanceof DatabaseUnavailable && !error.wasAnswered) || (await failed(tx.query('ROLLBACK')));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** A connection of one's own, for session locks and LISTEN. `onLoss` is called once if it dies before `close()`. */
  async session(onLoss: (error: Error) => void): Promise<Session> {
    return Session.open(new Client(clientConfig(this.options)), this.continuity, onLoss);
  }

  /** Waits for what runs, then closes every connection. */
  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** One connection: session locks and LISTEN hold until it closes or is lost. */
export class Session implements Queryable {
  #closed = false;
  /** The query before: a client takes one at a time. */
  #before: Promise<unknown> = Promise.resolve();

  private constructor(private readonly client: Client) {}

  static async open(client: Client, continuity: Continuity, onLoss: (error: Error) => void): Promise<Session> {
    const session = new Session(client);
    let open = false;
    const lost = (reason?: Error): void => {
      if (!open || session.#closed) return;
      session.#closed = true;
      void client.end().catch(ignore);
      continuity.lost();
      onLoss(reason ?? new Error('the connection ended'));
    };
    client.on('error', lost);
    client.on('end', () => lost());
    try {
      await client.connect();
      await continuity.verify(client);
    } catch (error) {
      client.end().catch(() => undefined);
      throw asUnavailable(error);
    }
    open = true;
    return session;
  }

  /** The process that the server named when the connection began. */
  get greetedAs(): number | null {
    return (this.client as Client & { readonly processID: number | null }).processID;
  }

  query<Row = Record<string, unknown>>(query: string | Query, values?: readonly unknown[]): Promise<Rows<Row>> {
    const answer = this.#before.then(() => run<Row>(this.client, query, values));
    this.#before = answer.catch(ignore);
    return answer;
  }

  /** Calls `hear` for every NOTIFY on the channel. */
  async listen(channel: string, hear: (payload: string) => void): Promise<void> {
    this.client.on('notification', message => {
      if (message.channel === channel) hear(message.payload ?? '');
    });
    await this.query(`LISTEN ${escapeIdentifier(channel)}`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.client.end().catch(() => undefined);
  }
}

function clientConfig(options: DatabaseOptions): ClientConfig {
  const statementTimeout = options.statementTimeoutMs ?? 30_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeout,
    query_timeout: statementTimeout + CLIENT_GRACE_MS,
    lock_timeout: Math.min(LOCK_TIMEOUT_MS, statementTimeout),
    idle_in_transaction_session_timeout: SILENCE_MS,
    keepAlive: true,
    // Whatever the database or the role prefers: an append must see what was committed before it had the lock.
    options: '-c default_transaction_isolation=read\\ committed',
    types,
  };
}

async function run<Row>(on: Pool | ClientBase, query: string | Query, values?: readonly unknown[]): Promise<Rows<Row>> {
  const config: Query = typeof query === 'string' ? { text: query, ...(values && { values }) } : query;
  try {
    const { rows, rowCount } = await (config.copied === undefined
      ? on.query(config as QueryConfig)
      : copyIn(alone(on), config.text, config.copied));
    return { rows: rows as Row[], rowCount: rowCount ?? 0 };
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** A pool takes no part in what a statement is given on the way. */
function alone(on: Pool | ClientBase): ClientBase {
  if (on instanceof Pool) throw new Error('COPY goes into a transaction');
  return on;
}

const failed = (query: Promise<unknown>): Promise<boolean> =>
  query.then(
    () => false,
    () => true,
  );

function begin({ isolation, readOnly, mayBeLost }: TransactionOptions): string {
  const mode = `${isolation ? ` ISOLATION LEVEL ${isolation.toUpperCase()}` : ''}${readOnly ? ' READ ONLY' : ''}`;
  return `BEGIN${mode}${mayBeLost ? '; SET LOCAL synchronous_commit = off' : ''}`;
}
