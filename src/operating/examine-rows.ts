import type { Database, Queryable, Session } from '../database/database.js';
import { EXTENSION_SCHEMAS } from '../database/extensions.js';
import { categoryOf, START, type EventStore, type Position, type StoredEvent } from '../event-store/event-store.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import { ERASURE } from '../projecting/checkpoints.js';
import { Folding } from '../projecting/folding.js';
import { served, wholeTables, type Generation, type Generations } from '../projecting/generations.js';
import type { Change, Projection, Projections } from '../projecting/projection.js';
import { isPassing, reasonOf } from '../projecting/stopping.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';
import { Findings } from './findings.js';
import { Reservoir } from './reservoir.js';
import { oddRows, type OddRow } from './row-comparison.js';

/** Streams of each category that are looked at by sample. */
const SAMPLED = 100;
/** For a comparison of large tables, in milliseconds. */
const STATEMENT_MS = 3_600_000;

interface Tools {
  readonly database: Database;
  readonly store: EventStore;
  readonly personalData: PersonalData;
  readonly kinds: StreamKinds;
  readonly projections: Projections;
  readonly generations: Generations;
}

/** What was found of one read model: what to say where all is well, and what is not. */
export interface RowsExamined {
  readonly name: string;
  readonly findings: readonly string[];
  readonly compared: string;
}

/** One read model that is made anew in temporary tables of a session of its own. */
interface Remade {
  readonly projection: Projection;
  readonly generation: Generation;
  readonly session: Session;
  /** Of the parked events, `stream revision`. */
  readonly parked: ReadonlySet<string>;
  readonly version: number;
}

/**
 * Whether read models hold what their events give: those of sampled streams, or of all. Each is made anew beside what is there, in
 * temporary tables, and compared in one snapshot at the place that it stands for: a service may go on meanwhile.
 */
export class RowsExaminer {
  private readonly database: Database;
  private readonly sampled = new Map<string, Reservoir<string>>();
  private readonly remade: Remade[] = [];
  private readonly failed = new Map<string, string>();
  private readonly folding: Folding;

  constructor(
    private readonly tools: Tools,
    private readonly deep: boolean,
    private readonly streams = SAMPLED,
  ) {
    this.database = tools.database.sibling({ statementTimeoutMs: STATEMENT_MS, max: 1 });
    this.folding = this.newFolding();
  }

  /** Before any event is seen; with as many sessions as there are read models where all rows are compared. @throws DatabaseUnavailable */
  async begin(): Promise<void> {
    if (!this.deep) return;
    for (const projection of this.tools.projections.all()) {
      const generation = await this.generationOf(projection);
      if (generation)
        await this.trying(projection.name, async () => {
          this.remade.push(await this.open(projection, generation));
        });
    }
  }

  /** Looks at events in their order. @throws DatabaseUnavailable, StoreUnavailable */
  async see(batch: readonly StoredEvent[]): Promise<void> {
    if (!this.deep) return this.sample(batch);
    const changes = await this.folded(batch, new Set(this.remade.flatMap(({ projection }) => projection.categories)));
    for (const remade of this.remade) {
      if (this.failed.has(remade.projection.name)) continue;
      await this.trying(remade.projection.name, () => project(remade, remade.session, changes, { to: remade.generation.position }));
    }
  }

  /** Once all events were seen. @throws DatabaseUnavailable, StoreUnavailable */
  async *findings(): AsyncGenerator<RowsExamined> {
    for (const projection of this.tools.projections.all()) yield await this.compared(projection);
  }

  async close(): Promise<void> {
    for (const { session } of this.remade) await session.close();
    await this.database.close();
  }

  private async compared(projection: Projection): Promise<RowsExamined> {
    const { name } = projection;
    const findings = new Findings();
    const generation = await this.generationOf(projection);
    if (!generation) return { name, findings: [], compared: 'is being built: not compared' };
    await this.trying(name, async () => {
      const remade = this.remade.find(one => one.projection === projection) ?? (await this.open(projection, generation));
      try {
        for (const { ids, table, reason } of await this.odd(remade)) {
          await findings.sayLater(async () => `${await this.placeOf(projection, ids)}: a row of ${table} ${reason}`);
        }
      } finally {
        await remade.session.close();
      }
    });
    const failed = this.failed.get(name);
    return {
      name,
      findings: failed === undefined ? findings.lines : [`rows cannot be compared: ${failed}`],
      compared: this.deep ? 'all rows are what the events give' : 'sampled rows are what the events give',
    };
  }

  private async odd(remade: Remade): Promise<readonly OddRow[]> {
    const { projection, generation, session, version } = remade;
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const {
      rows: [now],
    } = await session.query<{ position: Position; version: number }>(
      'SELECT position, parked_version AS version FROM ledger.read_models WHERE name = $1 AND generation = $2',
      [generation.name, generation.generation],
    );
    if (!now || now.version !== version || now.position < generation.position) throw new Meanwhile();
    if (this.deep) await this.catchUp(remade, now.position);
    else for (const stream of this.streamsOf(projection)) await this.projectStream(remade, stream, now.position);
    const found = await oddRows(session, projection, generation, { deep: this.deep });
    await session.query('ROLLBACK');
    return found;
  }

  /** From where all was seen up to where the read model stands now. */
  private async catchUp(remade: Remade, to: Position): Promise<void> {
    const {
      projection,
      generation: { position: after },
      session,
    } = remade;
    const folding = this.newFolding();
    for await (const batch of this.tools.store.readAll({ after })) {
      await project(
        remade,
        session,
        await folding.changes(
          batch.filter(({ position }) => position <= to),
          new Set(projection.categories),
        ),
        { after, to },
      );
      if ((batch.at(-1)?.position ?? to) >= to) return;
    }
  }

  private async projectStream(remade: Remade, stream: string, to: Position): Promise<void> {
    const folding = this.newFolding(1);
    for await (const batch of this.tools.store.readStream(stream)) {
      const changes = await folding
        .changes(
          batch.filter(({ position }) => position <= to),
          new Set([categoryOf(stream)]),
        )
        .catch((error: unknown) => {
          if (isPassing(error)) throw error;
          return undefined;
        });
      // What is wrong with the events is told elsewhere.
      if (!changes) return;
      await project(remade, remade.session, changes, { to });
    }
  }

  /** Where an event of a batch cannot be folded, those of other streams still are. */
  private async folded(batch: readonly StoredEvent[], wanted: ReadonlySet<string>): Promise<Change[]> {
    try {
      return await this.folding.changes(batch, wanted);
    } catch (error) {
      if (isPassing(error)) throw error;
    }
    const changes: Change[] = [];
    for (const event of batch) changes.push(...(await this.folding.changes([event], wanted).catch((): Change[] => [])));
    return changes;
  }

  /** Of each category any so many streams. */
  private sample(batch: readonly StoredEvent[]): void {
    for (const { stream, revision } of batch) {
      if (revision > 0) continue;
      const category = categoryOf(stream);
      const sample = this.sampled.get(category) ?? new Reservoir<string>(this.streams);
      sample.offer(stream);
      this.sampled.set(category, sample);
    }
  }

  private streamsOf({ categories }: Projection): string[] {
    return categories.flatMap(category => this.sampled.get(category)?.kept ?? []);
  }

  private async generationOf(projection: Projection): Promise<Generation | undefined> {
    const generation = served(await this.tools.generations.list(), projection);
    return generation?.codeVersion === projection.version ? generation : undefined;
  }

  private async open(projection: Projection, generation: Generation): Promise<Remade> {
    const {
      rows: [model],
    } = await this.tools.database.query<{ version: number; position: Position; parked: string[] }>(
      `SELECT parked_version AS version, position, ARRAY(SELECT stream || ' ' || revision FROM ledger.parked_events p
      WHERE p.read_model = m.name AND p.generation = m.generation) AS parked
       FROM ledger.read_models m WHERE name = $1 AND generation = $2`,
      [generation.name, generation.generation],
    );
    if (!model) throw new Meanwhile();
    const session = await this.database.session(() => undefined);
    try {
      await session.query(`SELECT set_config('search_path', concat_ws(', ', 'pg_temp', 'public', ${EXTENSION_SCHEMAS}), false)`);
      await session.query(wholeTables(projection));
    } catch (error) {
      await session.close();
      throw error;
    }
    return {
      projection,
      generation: { ...generation, position: model.position },
      session,
      version: model.version,
      parked: new Set(model.parked),
    };
  }

  private newFolding(streams?: number): Folding {
    const { store, personalData, kinds } = this.tools;
    return new Folding(store, personalData, kinds, streams);
  }

  private async placeOf({ categories }: Projection, ids: readonly string[]): Promise<string> {
    for (const stream of ids.flatMap(id => categories.map(category => `${category}-${id}`))) {
      for await (const [last] of this.tools.store.readStream(stream, { direction: 'backwards' })) {
        if (last) return `${stream} at revision ${last.revision}`;
      }
    }
    return 'no stream';
  }

  private async trying(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failed.set(name, error instanceof Meanwhile ? error.message : reasonOf(error));
    }
  }
}

/** The read model was rebuilt or repaired while it was looked at. */
class Meanwhile extends Error {
  constructor() {
    super('it was rebuilt or repaired meanwhile; ask again');
  }
}

/** As a read model takes them: what is parked waits, but for an erasure. */
async function project(
  { projection, parked }: Remade,
  tx: Queryable,
  changes: readonly Change[],
  { after = START, to }: { readonly after?: Position; readonly to: Position },
): Promise<void> {
  const wanted = changes.filter(
    ({ event, position, fault }) =>
      fault === undefined &&
      position > after &&
      position <= to &&
      projection.categories.includes(categoryOf(event.stream)) &&
      (event.type === ERASURE || !parked.has(`${event.stream} ${event.revision}`)),
  );
  if (wanted.length > 0) await projection.project(wanted, tx);
}
