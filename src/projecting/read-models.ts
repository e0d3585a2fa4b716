import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../database/database.js';
import type { Position } from '../event-store/event-store.js';
import { Refused } from '../event-store/refused.js';
import { pause } from './back-off.js';
import { Generations, readerLock, schemaOf, served, writerLock, type Generation } from './generations.js';
import { Leadership } from '../database/leadership.js';
import { Projections } from './projection.js';
import { Slots } from './slots.js';

/** How long a query waits for its read model, in milliseconds. */
const PATIENCE_MS = 5_000;
const POLL_MS = 25;
/** Whoever writes the read model in this process tells of each step at once. */
const TOLD_MS = 100;
const RETRY_AFTER_S = 1;
/** How long a generation is still kept from being dropped after this process turned to another. */
const GRACE_MS = 40_000;
/** Of the pool's connections: reports and feeds keep one each while they count, which all else must not have to wait for. */
const SNAPSHOTS = 4;
const SNAPSHOTS_WAITING = 200;

/** The read model has not come as far as the caller's own write, or holds back what was asked for. Asking again may work. */
export class ReadModelBehind extends Refused {
  constructor(message: string) {
    super('read-model-behind', message, RETRY_AFTER_S);
    this.name = 'ReadModelBehind';
  }
}

export interface ReadOptions {
  /** What the read model must have seen before. */
  readonly token?: Position;
  /** A name of its own for a statement that is sent all the time, with one plan for whatever it asks: it is prepared. */
  readonly hot?: string;
}

/** What it would show is not the truth. */
export const heldBack = (name: string): ReadModelBehind =>
  new ReadModelBehind(`The read model ${name} could not take an event of this record; it waits for a repair.`);

interface Waiter {
  readonly name: string;
  readonly token: Position;
  readonly done: () => void;
}

// Undefined schema, table and column: the generation was dropped meanwhile, or other code made it.
const NOT_THERE = new Set(['3F000', '42P01', '42703']);

/** What queries know of read models: their tables, and how far they are. */
@Injectable()
export class ReadModels {
  private current = new Map<string, Generation>();
  private readonly waiters = new Set<Waiter>();
  private readonly leaving = new Map<string, NodeJS.Timeout>();
  private readonly snapshots = new Slots(SNAPSHOTS, SNAPSHOTS_WAITING);
  private polling = false;

  constructor(
    private readonly database: Database,
    private readonly generations: Generations,
    private readonly projections: Projections,
    private readonly leadership: Leadership,
  ) {
    // The session may have gone with the database, and a crash may take back what read models had committed.
    leadership.onLoss(() => {
      this.current = new Map();
    });
  }

  /**
   * Runs SQL that names tables as `{caseload}.cases`.
   * @throws ReadModelBehind, DatabaseUnavailable
   */
  async query<Row = Record<string, unknown>>(
    name: string,
    sql: string,
    params: readonly unknown[] = [],
    { token, hot }: ReadOptions = {},
  ): Promise<Row[]> {
    if (token !== undefined) await this.waitFor(name, token);
    return this.inGeneration(name, generation => this.run<Row>(generation, this.located(sql), params, hot));
  }

  /** As `query`, with how many streams the read model holds back, in one round trip; counted is that stream alone where one is named. */
  async queryBesideParked<Row extends object>(
    name: string,
    sql: string,
    params: readonly unknown[] = [],
    { token, hot, stream }: ReadOptions & { readonly stream?: string } = {},
  ): Promise<{ readonly rows: Row[]; readonly parked: number }> {
    if (token !== undefined) await this.waitFor(name, token);
    return this.inGeneration(name, async generation => {
      const only = stream === undefined ? '' : `AND stream = $${params.length + 1}`;
      // A row where nothing is found, too; and the rows in the order in which they are found, since one row is joined with them.
      const text = `SELECT held.parked, found.* FROM (
          SELECT count(DISTINCT stream) AS parked FROM ledger.parked_events
          WHERE read_model = '${generation.name}' AND generation = ${generation.generation} ${only}) held
        LEFT JOIN (SELECT true AS "isRow", asked.* FROM (${this.located(sql)}) asked) found ON true`;
      const values = stream === undefined ? params : [...params, stream];
      const found = await this.run<Row & { readonly parked: number; readonly isRow: true | null }>(generation, text, values, hot);
      const rows = found.flatMap(one => {
        const { parked: _, isRow, ...row } = one;
        return isRow === null ? [] : [row as unknown as Row];
      });
      return { rows, parked: found[0]?.parked ?? 0 };
    });
  }

  private async run<Row>({ generation }: Generation, text: string, values: readonly unknown[], hot: string | undefined): Promise<Row[]> {
    const query = hot === undefined ? { text, values } : { name: `${hot}-${generation}`, text, values };
    return (await this.database.query<Row>(query)).rows;
  }

  /**
   * Runs several statements on one state of the read model, together with the position that it stands for; in turn, where many ask.
   * @throws Refused `too-many-requests` where too many ask; ReadModelBehind, DatabaseUnavailable
   */
  snapshot<T>(name: string, work: (tx: Queryable, position: Position, generation: number) => Promise<T>): Promise<T> {
    const counted = async ({ generation }: Generation): Promise<T> =>
      this.database.transaction(
        async tx => {
          const { rows } = await tx.query<{ position: Position }>(
            'SELECT position FROM ledger.read_models WHERE name = $1 AND generation = $2',
            [name, generation],
          );
          const located: Queryable = {
            query: (query, values) =>
              typeof query === 'string' ? tx.query(this.located(query), values) : tx.query({ ...query, text: this.located(query.text) }),
          };
          return work(located, rows[0]?.position ?? '', generation);
        },
        { isolation: 'repeatable read', readOnly: true },
      );
    return this.snapshots.take(() => this.inGeneration(name, counted));
  }

  /**
   * Resolves once the read model has seen everything up to the token.
   * @throws ReadModelBehind after 5 s
   */
  async waitFor(name: string, token: Position): Promise<void> {
    this.projections.required(name);
    if (this.reached(name, token)) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        name,
        token,
        done: () => {
          clearTimeout(timeout);
          this.waiters.delete(waiter);
          resolve();
        },
      };
      const timeout = setTimeout(() => {
        this.waiters.delete(waiter);
        reject(new ReadModelBehind(`The read model ${name} has not come that far yet.`));
      }, PATIENCE_MS);
      this.waiters.add(waiter);
      if (!this.polling) void this.poll();
    });
  }

  /** How many streams the read model holds back because an event of theirs could not be applied. */
  async parked(name: string): Promise<number> {
    const { generation } = await this.generationOf(name);
    const { rows } = await this.database.query<{ streams: number }>(
      'SELECT count(DISTINCT stream) AS streams FROM ledger.parked_events WHERE read_model = $1 AND generation = $2',
      [name, generation],
    );
    return rows[0]?.streams ?? 0;
  }

  /** @throws ReadModelBehind when the read model holds the stream back: what it would show is not the truth */
  async assertNotParked(name: string, stream: string): Promise<void> {
    const { generation } = await this.generationOf(name);
    const { rows } = await this.database.query({
      name: 'assert-not-parked',
      text: 'SELECT 1 FROM ledger.parked_events WHERE read_model = $1 AND generation = $2 AND stream = $3 LIMIT 1',
      values: [name, generation, stream],
    });
    if (rows.length > 0) throw heldBack(name);
  }

  /** The generation that this process reads. @throws ReadModelBehind while there is none */
  async generationOf(name: string): Promise<Generation> {
    this.projections.required(name);
    if (!this.current.has(name)) await this.refresh();
    const generation = this.current.get(name);
    if (!generation) throw new ReadModelBehind(`The read model ${name} is still being built.`);
    return generation;
  }

  /** Tells of a checkpoint that moved in this process. */
  advanced(name: string, generation: number, position: Position): void {
    const current = this.current.get(name);
    if (current?.generation !== generation || current.position >= position) return;
    this.current.set(name, { ...current, position });
    this.wake();
  }

  /** Looks at the database again; `rows` where the caller just did. */
  async refresh(rows?: readonly Generation[]): Promise<void> {
    // What was looked up before a loss must not be known after it.
    const { current } = this;
    const generations = rows ?? (await this.generations.list());
    for (const projection of this.projections.all()) {
      const next = served(generations, projection);
      const before = current.get(projection.name);
      if (!next) {
        current.delete(projection.name);
        continue;
      }
      const lock = readerLock(next);
      if (!this.leadership.holds(lock) && !(await this.leadership.acquire(lock, 'shared'))) continue;
      clearTimeout(this.leaving.get(lock));
      this.leaving.delete(lock);
      const same = before?.generation === next.generation;
      current.set(projection.name, same && before.position > next.position ? before : next);
      if (before && !same) this.leave(readerLock(before));
    }
    this.wake();
  }

  /** Lets go of timers; waiters run into their timeouts. */
  close(): void {
    for (const timer of this.leaving.values()) clearTimeout(timer);
    this.leaving.clear();
  }

  private async inGeneration<T>(name: string, work: (generation: Generation) => Promise<T>): Promise<T> {
    const generation = await this.generationOf(name);
    try {
      return await work(generation);
    } catch (error) {
      if (!NOT_THERE.has((error as { code?: string }).code ?? '')) throw error;
      await this.refresh();
      const now = await this.generationOf(name);
      if (now.generation !== generation.generation) return work(now);
      // Tables that other code made: this build's own are on their way.
      if (now.codeVersion !== this.projections.required(name).version)
        throw new ReadModelBehind(`The read model ${name} is still being built.`);
      throw error;
    }
  }

  private located(sql: string): string {
    return sql.replace(/\{([a-z][a-z0-9-]*)\}\./g, (_, name: string) => {
      const generation = this.current.get(name);
      if (!generation) throw new ReadModelBehind(`The read model ${name} is still being built.`);
      return `"${schemaOf(generation)}".`;
    });
  }

  private reached(name: string, token: Position): boolean {
    const current = this.current.get(name);
    return current !== undefined && current.position >= token;
  }

  private wake(): void {
    for (const waiter of this.waiters) if (this.reached(waiter.name, waiter.token)) waiter.done();
  }

  /** One for all who wait; it ends when nobody does. */
  private async poll(): Promise<void> {
    this.polling = true;
    const never = new AbortController().signal;
    if (this.areTold()) await pause(TOLD_MS, never);
    while (this.waiters.size > 0) {
      await this.refresh().catch(() => undefined);
      if (this.waiters.size > 0) await pause(this.areTold() ? TOLD_MS : POLL_MS, never);
    }
    this.polling = false;
  }

  /** Whether what all who wait are waiting for is written by this process. */
  private areTold(): boolean {
    return [...this.waiters].every(({ name }) => {
      const current = this.current.get(name);
      return current !== undefined && this.leadership.holds(writerLock(current));
    });
  }

  private leave(lock: string): void {
    this.leaving.set(
      lock,
      setTimeout(() => {
        this.leaving.delete(lock);
        void this.leadership.release(lock, 'shared');
      }, GRACE_MS).unref(),
    );
  }
}
