import { Inject, Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventStore, START } from '../event-store/event-store.js';
import { Ledger } from '../event-store/ledger.js';
import { PersonalData } from '../personal-data/personal-data.js';
import { BackOff, describeSafely, pause } from './back-off.js';
import { BatchWriter } from './batch-writer.js';
import { Folding } from './folding.js';
import { Generations, schemaOf, served, writerLock, type Generation } from './generations.js';
import { Leadership } from '../database/leadership.js';
import { Projections } from './projection.js';
import type { Progress } from './projector.js';
import { ReadModels } from './read-models.js';
import { isPassing, isPoison, REST_MS } from './stopping.js';
import { StreamKinds } from './stream-kinds.js';
import { Team, type TeamTools } from './team.js';

/** How often generations and locks are looked at when nothing happens here. */
const LOOK_MS = 1_000;
/** Streams that a build keeps folded: one read from the store again for each of its events made a build ten times slower. */
const BUILD_STREAMS = 10_000;
const BUILD_WEIGHT = 250_000;

/** The team of all read models that are in step. */
const FRONT = 'front';

type Assigned = Team['generations'][number];

type Only = 'all' | 'builds' | 'nothing';

/**
 * Keeps this build's read models in step: takes the lead where no other process has it, builds new generations
 * beside the old, makes them live when they are not behind, and drops what nobody uses.
 */
@Injectable()
export class Projecting {
  private readonly logger = new Logger(Projecting.name);
  /** Of the live read models; it survives a change of teams. */
  private readonly folding: Folding;
  private readonly writer: BatchWriter;
  private readonly teams = new Map<string, Team>();
  /** The locks were lost: every team has to go before another comes. */
  private lost = false;
  /** Generations that have once been in step since this process leads them. */
  private readonly inStep = new Set<string>();
  /** Those that were stopped, until when they rest, by schema. */
  private readonly halted = new Map<string, number>();
  /** Finished generations of this build that another build's have replaced meanwhile. */
  private readonly toRestore = new Set<string>();
  /** Builds that are being completed. */
  private readonly completing = new Map<string, Promise<void>>();
  private stopping?: AbortController;
  private loop?: Promise<void>;
  private ensured = false;
  private wakeUp: () => void = () => undefined;
  private readonly progress = new Set<(events: number) => void>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
    private readonly kinds: StreamKinds,
    private readonly projections: Projections,
    private readonly generations: Generations,
    private readonly leadership: Leadership,
    private readonly readModels: ReadModels,
    @Inject(Ledger) ledger: Pick<Ledger, 'stoodBefore'>,
  ) {
    // Whoever decided a moment ago has folded the stream already.
    this.folding = new Folding(store, personalData, kinds, undefined, undefined, event => ledger.stoodBefore(event));
    this.writer = new BatchWriter(database);
    leadership.onLoss(() => this.dismiss());
    database.continuity.onBreak(() => {
      this.folding.forget();
      for (const team of this.teams.values()) team.forget();
    });
  }

  /**
   * Begins; resolves once the first look at the database is over, whether or not it could be reached.
   * @param only `builds`: leaves the live read models to whoever serves them; `nothing`: leaves all to others, and
   *   knows what they have live
   * @throws Error where a projection follows streams of a kind that nobody registered
   */
  async start(only: Only = 'all'): Promise<void> {
    if (this.stopping) return;
    for (const { categories } of this.projections.all()) for (const category of categories) this.kinds.required(category);
    const stopping = (this.stopping = new AbortController());
    await new Promise<void>(looked => {
      this.loop = this.keepLooking(only, stopping.signal, looked);
    });
  }

  /** Finishes what is being written and lets other processes take over. */
  async stop(): Promise<void> {
    this.stopping?.abort();
    this.wakeUp();
    await this.loop;
    await Promise.all(this.completing.values());
    await this.regroup([]);
    this.readModels.close();
    this.stopping = undefined;
    this.ensured = false;
  }

  /** Looks at once instead of soon. */
  nudge(): void {
    this.wakeUp();
  }

  /** Calls `listener` with how many events each transaction of a build passed. Returns a function that ends it. */
  onProgress(listener: (events: number) => void): () => void {
    this.progress.add(listener);
    return () => this.progress.delete(listener);
  }

  get started(): boolean {
    return this.stopping !== undefined;
  }

  private async keepLooking(only: Only, signal: AbortSignal, looked: () => void): Promise<void> {
    const backOff = new BackOff();
    while (!signal.aborted) {
      const woken = new Promise<void>(resolve => {
        this.wakeUp = resolve;
      });
      try {
        await this.look(only);
        backOff.reset();
        looked();
        const waiting = new AbortController();
        await Promise.race([woken, pause(LOOK_MS, AbortSignal.any([signal, waiting.signal]))]);
        waiting.abort();
      } catch (error) {
        if (!isPassing(error)) this.logger.error(`read models could not be looked after: ${describeSafely(error)}`);
        looked();
        await backOff.wait(signal);
      }
    }
  }

  private async look(only: Only): Promise<void> {
    if (!this.ensured && only === 'all') await this.ensure();
    await this.swapWhatIsReady();
    for (const [schema, until] of this.halted) if (until <= performance.now()) this.halted.delete(schema);
    const rows = await this.generations.list();
    await this.readModels.refresh(rows);
    const led: Assigned[] = [];
    for (const assigned of this.mine(rows, only)) {
      if (!this.halted.has(schemaOf(assigned.generation)) && (await this.leadership.acquire(writerLock(assigned.generation))))
        led.push(assigned);
    }
    await this.regroup(led);
    if (only === 'all') await this.tidy(rows);
  }

  /** A new build's read models, and those that an older build finds replaced. */
  private async ensure(): Promise<void> {
    const store = { id: await this.store.storeId(), empty: (await this.store.newest()) === START, head: await this.store.head() };
    for (const projection of this.projections.all()) {
      await this.generations.ensure(projection, store);
      if (store.head !== START && (await this.generations.beginAgain(projection, store)))
        this.logger.warn(`${projection.name} stood where no event can stand: it is built from the beginning`);
    }
    const rows = await this.generations.list();
    for (const projection of this.projections.all()) {
      const mine = served(rows, projection);
      if (mine?.state === 'retired') this.toRestore.add(schemaOf(mine));
    }
    this.ensured = true;
  }

  private mine(rows: readonly Generation[], only: Only): Assigned[] {
    if (only === 'nothing') return [];
    return this.projections.all().flatMap(projection => {
      const current = only === 'all' ? served(rows, projection) : undefined;
      return rows
        .filter(
          row => row.name === projection.name && row.codeVersion === projection.version && (row.state === 'building' || row === current),
        )
        .map(generation => ({ projection, generation }));
    });
  }

  private async swapWhatIsReady(): Promise<void> {
    for (const team of this.teams.values()) {
      if (!team.caughtUp) continue;
      for (const assigned of team.generations) {
        const { generation } = assigned;
        const schema = schemaOf(generation);
        this.inStep.add(schema);
        if (generation.state !== 'building' && !this.toRestore.has(schema)) continue;
        if (this.halted.has(schema) || this.completing.has(schema)) continue;
        if (!(await this.generations.swap(generation))) {
          if (generation.unfinished) this.completing.set(schema, this.complete(assigned));
          continue;
        }
        this.toRestore.delete(schema);
        this.logger.log(`${generation.name}: generation ${generation.generation} is live`);
        // Readers need not wait for it, and autovacuum sees to what fails here.
        void this.generations.analyze(generation).catch(() => undefined);
      }
    }
  }

  /** Beside the looks: over many rows it takes a while. */
  private async complete({ projection, generation }: Assigned): Promise<void> {
    const schema = schemaOf(generation);
    try {
      if (await this.generations.complete(projection, generation)) this.wakeUp();
    } catch (error) {
      if (isPoison(error)) this.halt([generation], `it cannot be completed: ${describeSafely(error)}`);
      else this.logger.warn(`${generation.name}: trying again after ${describeSafely(error)}`);
    } finally {
      this.completing.delete(schema);
    }
  }

  /** Puts those that stand together into one team; whoever has to catch up does so in a team of its own. */
  private async regroup(led: readonly Assigned[]): Promise<void> {
    const groups = this.grouped(led);
    for (const [group, team] of this.teams) {
      if (!this.lost && team.consistsOf(groups.get(group) ?? [])) continue;
      this.teams.delete(group);
      await team.stop();
      team.handOver(this.folding);
      for (const { generation } of team.generations) {
        if (!led.some(still => schemaOf(still.generation) === schemaOf(generation))) await this.leadership.release(writerLock(generation));
      }
    }
    this.lost = false;
    for (const [group, members] of groups) {
      if (this.teams.has(group)) continue;
      this.teams.set(group, new Team(members, this.tools(group === FRONT)));
    }
  }

  private grouped(led: readonly Assigned[]): Map<string, Assigned[]> {
    const finished = led.filter(({ generation }) => generation.state !== 'building');
    const furthest = finished.map(({ generation }) => generation.position).reduce((a, b) => (a > b ? a : b), START);
    const groups = new Map<string, Assigned[]>();
    for (const assigned of led) {
      const { generation } = assigned;
      const already = [...this.teams].find(([, team]) => team.has(schemaOf(generation)))?.[0];
      const front =
        generation.state !== 'building' &&
        (this.inStep.has(schemaOf(generation)) || (!this.teams.has(FRONT) && generation.position === furthest));
      const group = front ? FRONT : (already ?? `${generation.state} from ${generation.position}`);
      groups.set(group, [...(groups.get(group) ?? []), assigned]);
    }
    return groups;
  }

  private tools(front: boolean): TeamTools {
    return {
      store: this.store,
      database: this.database,
      writer: this.writer,
      folding: front ? this.folding : new Folding(this.store, this.personalData, this.kinds, BUILD_STREAMS, BUILD_WEIGHT),
      tell: progress => {
        this.told(progress);
        if (!front) for (const listener of this.progress) listener(progress.events);
      },
      goOn: generations => void this.generations.noteStopped(generations, null).catch(() => undefined),
      halted: (generations, message) => this.halt(generations, message),
    };
  }

  private halt(generations: readonly Pick<Generation, 'name' | 'generation'>[], message: string): void {
    for (const generation of generations) {
      this.halted.set(schemaOf(generation), performance.now() + REST_MS);
      this.inStep.delete(schemaOf(generation));
    }
    this.logger.error(`${generations.map(({ name }) => name).join(', ')} stopped: ${message}`);
    this.generations.noteStopped(generations, message).catch(() => undefined);
    this.wakeUp();
  }

  private told({ members }: Progress): void {
    for (const member of members)
      if (member.stopped === undefined) this.readModels.advanced(member.name, member.generation, member.position);
    const unfinished = [...this.teams.values()].some(
      team =>
        team.caughtUp &&
        team.generations.some(
          ({ generation }) =>
            generation.state === 'building' || this.toRestore.has(schemaOf(generation)) || !this.inStep.has(schemaOf(generation)),
        ),
    );
    if (unfinished) this.wakeUp();
  }

  /** Drops what no process reads or writes any more. */
  private async tidy(rows: readonly Generation[]): Promise<void> {
    const used = new Set(this.projections.all().map(projection => served(rows, projection)));
    for (const row of rows) {
      const abandoned = row.state === 'building' && row.idle && row.codeVersion !== this.projections.get(row.name)?.version;
      if ((row.state === 'retired' && !used.has(row)) || abandoned) await this.generations.drop(row);
    }
  }

  /** The locks are gone: nothing more is written, and the next look asks for them again. */
  private dismiss(): void {
    this.lost = true;
    for (const team of this.teams.values()) team.abort();
    this.inStep.clear();
    this.wakeUp();
  }
}
