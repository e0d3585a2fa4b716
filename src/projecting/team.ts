import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import type { EventStore } from '../event-store/event-store.js';
import { BackOff, describeSafely } from './back-off.js';
import type { BatchWriter } from './batch-writer.js';
import { loadMember, type Member } from './checkpoints.js';
import type { Folding } from './folding.js';
import { schemaOf, type Generation } from './generations.js';
import type { Projection } from './projection.js';
import { Projector, type Progress } from './projector.js';
import { cannotGetBetter, reasonOf } from './stopping.js';

export interface TeamTools {
  readonly store: EventStore;
  readonly database: Database;
  readonly folding: Folding;
  readonly writer: BatchWriter;
  /** After each transaction, and when something was stopped. */
  readonly tell: (progress: Progress) => void;
  /** Whatever was noted against these is over. */
  readonly goOn: (members: readonly Pick<Generation, 'name' | 'generation'>[]) => void;
  readonly halted: (members: readonly Pick<Generation, 'name' | 'generation'>[], message: string) => void;
}

/** Generations that this process leads and that go through the store together, come what may of database and store. */
export class Team {
  private readonly logger = new Logger(Team.name);
  private projector?: Projector;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private readonly reported = new Set<string>();
  /** Noted as stopped, maybe by another process: no longer so once this one got on. */
  private readonly noted: Set<string>;

  constructor(
    readonly generations: readonly { readonly projection: Projection; readonly generation: Generation }[],
    private readonly tools: TeamTools,
  ) {
    this.noted = new Set(generations.filter(({ generation }) => generation.stopped !== null).map(({ generation }) => schemaOf(generation)));
    this.running = this.keepRunning();
  }

  get caughtUp(): boolean {
    return this.projector?.caughtUp === true;
  }

  has(schema: string): boolean {
    return this.generations.some(({ generation }) => schemaOf(generation) === schema);
  }

  consistsOf(generations: Team['generations']): boolean {
    return generations.length === this.generations.length && generations.every(({ generation }) => this.has(schemaOf(generation)));
  }

  /** Resolves when the running transaction is over. */
  async stop(): Promise<void> {
    this.abort();
    await this.running;
  }

  abort(): void {
    this.stopping.abort();
  }

  /** The store may not hold any more what was folded. */
  forget(): void {
    this.tools.folding.forget();
  }

  /** Gives what it keeps folded to the team that goes on. */
  handOver(to: Folding): void {
    to.adopt(this.tools.folding);
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    const backOff = new BackOff();
    while (!signal.aborted) {
      try {
        const members = await this.load();
        if (members.length === 0) return;
        const { store, folding, writer } = this.tools;
        this.projector = new Projector(store, folding, writer, members, progress => {
          backOff.reset();
          this.told(progress);
        });
        await this.projector.run(signal);
      } catch (error) {
        if (cannotGetBetter(error)) {
          this.tools.halted(
            this.generations.map(({ generation }) => generation),
            reasonOf(error),
          );
          return;
        }
        this.logger.warn(
          `${this.generations.map(({ generation }) => generation.name).join(', ')}: trying again after ${describeSafely(error)}`,
        );
        await backOff.wait(signal);
      }
    }
  }

  private async load(): Promise<Member[]> {
    const members = await Promise.all(
      this.generations
        .filter(({ generation }) => !this.reported.has(schemaOf(generation)))
        .map(({ projection, generation }) => loadMember(this.tools.database, projection, generation)),
    );
    return members.filter(member => member !== undefined);
  }

  private told(progress: Progress): void {
    for (const member of progress.members) {
      if (member.stopped === undefined || this.reported.has(schemaOf(member))) continue;
      this.reported.add(schemaOf(member));
      this.tools.halted([member], member.stopped);
    }
    const goOn = progress.members.filter(member => member.stopped === undefined && this.noted.delete(schemaOf(member)));
    if (goOn.length > 0) this.tools.goOn(goOn);
    this.tools.tell(progress);
    if (this.reported.size === this.generations.length) this.abort();
  }
}
