import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { pause } from '../projecting/back-off.js';
import { attempt } from '../projecting/batch-writer.js';
import { Folding } from '../projecting/folding.js';
import { enter, Generations, type Generation } from '../projecting/generations.js';
import { Projecting } from '../projecting/projecting.js';
import { Projections, type Projection } from '../projecting/projection.js';
import { ReadModels } from '../projecting/read-models.js';
import { isPassing } from '../projecting/stopping.js';
import { StreamKinds } from '../projecting/stream-kinds.js';

export interface Retried {
  readonly applied: number;
  /** Streams of which an event still cannot be applied. */
  readonly stillParked: readonly string[];
  /** Why the read model goes no further, whatever is parked: no retry mends that. */
  readonly stopped?: string;
}

/** What an operator does to read models, whether or not the service runs. */
@Injectable()
export class Repair {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    private readonly kinds: StreamKinds,
    private readonly projections: Projections,
    private readonly generations: Generations,
    private readonly projecting: Projecting,
    private readonly readModels: ReadModels,
  ) {}

  /**
   * Builds the read model, or all of them, anew beside what is there, and resolves once the new ones are live.
   * @param name of a read model, or `all`
   * @param progress called with the number of events passed since it was last called
   * @throws Error for an unknown name, or where a build was stopped; DatabaseUnavailable, StoreUnavailable
   */
  async rebuild(name: string, progress: (events: number) => void = () => undefined): Promise<void> {
    const projections = name === 'all' ? this.projections.all() : [this.projections.required(name)];
    const storeId = await this.store.storeId();
    for (const projection of projections) await this.generations.begin(projection, storeId);
    const builds = (await this.generations.list()).filter(
      row =>
        row.state === 'building' && projections.some(projection => projection.name === row.name && projection.version === row.codeVersion),
    );
    const silence = this.projecting.onProgress(progress);
    const alone = !this.projecting.started;
    try {
      if (alone) await this.projecting.start('builds');
      this.projecting.nudge();
      await this.untilLive(builds);
    } finally {
      silence();
      if (alone) await this.projecting.stop();
    }
    await this.readModels.refresh();
  }

  /**
   * Applies a read model's parked events again, stream by stream, each in order up to the first that fails again.
   * @throws Error for an unknown name; ReadModelBehind while it is being built; DatabaseUnavailable, StoreUnavailable
   */
  async retryParked(name: string): Promise<Retried> {
    const projection = this.projections.required(name);
    const generation = await this.readModels.generationOf(name);
    if (generation.codeVersion !== projection.version)
      throw new Error(`${name} was made by other code (version ${generation.codeVersion}); its events cannot be applied by this one`);
    const { rows } = await this.database.query<{ stream: string }>(
      'SELECT stream FROM ledger.parked_events WHERE read_model = $1 AND generation = $2 GROUP BY stream ORDER BY min(position)',
      [name, generation.generation],
    );
    let applied = 0;
    const stillParked: string[] = [];
    for (const { stream } of rows) {
      const outcome = await this.retryStream(projection, generation, stream);
      applied += outcome.applied;
      if (outcome.left) stillParked.push(stream);
    }
    // What is remembered of a generation may be seconds old.
    const { rows: now } = await this.database.query<{ stopped: string | null }>(
      'SELECT stopped FROM ledger.read_models WHERE name = $1 AND generation = $2',
      [name, generation.generation],
    );
    const stopped = now[0]?.stopped ?? null;
    return { applied, stillParked, ...(stopped !== null && { stopped }) };
  }

  private async retryStream(projection: Projection, generation: Generation, stream: string): Promise<{ applied: number; left: boolean }> {
    const folding = new Folding(this.store, this.personalData, this.kinds, 1);
    for (;;) {
      const changes = await folding.ofStream(stream, Number.MAX_SAFE_INTEGER);
      const outcome = await this.database.transaction(async tx => {
        const parked = await lockParked(tx, generation, stream);
        // More was parked since the stream was read.
        if (parked.some(revision => revision >= changes.length)) return undefined;
        await enter(tx, generation);
        for (const [applied, revision] of parked.entries()) {
          const change = changes[revision];
          const error = change && (change.fault ?? (await attempt(tx, { projection, unfinished: false }, [change])));
          if (!error) continue;
          await release(tx, generation, stream, revision, error);
          return { applied, left: true };
        }
        await release(tx, generation, stream, Number.MAX_SAFE_INTEGER, null);
        return { applied: parked.length, left: false };
      });
      if (outcome) return outcome;
    }
  }

  private async untilLive(builds: readonly Generation[]): Promise<void> {
    const never = new AbortController().signal;
    for (;;) {
      const rows = await this.generations.list().catch((error: unknown) => {
        if (!isPassing(error)) throw error;
        return undefined;
      });
      const waiting = builds.filter(build => {
        if (!rows) return true;
        const row = rows.find(({ name, generation }) => name === build.name && generation === build.generation);
        if (!row) throw new Error(`the new generation of ${build.name} was dropped`);
        if (row.state === 'building' && row.stopped !== null)
          throw new Error(`the new generation of ${build.name} was stopped: ${row.stopped}`);
        return row.state === 'building';
      });
      if (waiting.length === 0) return;
      await pause(100, never);
    }
  }
}

/** The parked revisions; the projector that writes the generation waits until the transaction ends. */
async function lockParked(tx: Queryable, { name, generation }: Generation, stream: string): Promise<number[]> {
  await tx.query('UPDATE ledger.read_models SET parked_version = parked_version + 1 WHERE name = $1 AND generation = $2', [
    name,
    generation,
  ]);
  const { rows } = await tx.query<{ revision: number }>(
    'SELECT revision FROM ledger.parked_events WHERE read_model = $1 AND generation = $2 AND stream = $3 ORDER BY revision',
    [name, generation, stream],
  );
  return rows.map(({ revision }) => revision);
}

/** Removes what was applied; the first that was not keeps its new error. */
async function release(
  tx: Queryable,
  { name, generation }: Generation,
  stream: string,
  before: number,
  error: string | null,
): Promise<void> {
  await tx.query('DELETE FROM ledger.parked_events WHERE read_model = $1 AND generation = $2 AND stream = $3 AND revision < $4', [
    name,
    generation,
    stream,
    before,
  ]);
  if (error === null) return;
  await tx.query('UPDATE ledger.parked_events SET error = $5 WHERE read_model = $1 AND generation = $2 AND stream = $3 AND revision = $4', [
    name,
    generation,
    stream,
    before,
    error,
  ]);
}
