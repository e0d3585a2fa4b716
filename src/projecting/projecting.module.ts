import { Global, Injectable, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ConfigError } from '../config.js';
import { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { followerElsewhere } from './checkpoints.js';
import { Generations } from './generations.js';
import { Leadership } from './leadership.js';
import { ProcessInbox } from './process-inbox.js';
import { ProcessRunner } from './process-runner.js';
import { Processes } from './process.js';
import { Projecting } from './projecting.js';
import { ProgressWatch } from './progress-watch.js';
import { ProjectingHealth } from './projecting-health.js';
import { ProjectionStatus } from './projection-status.js';
import { Projections } from './projection.js';
import { Reactions } from './reactions.js';
import { ReadModels } from './read-models.js';
import { Repair } from './repair.js';
import { Safeguards } from './safeguards.js';
import { StreamKinds } from './stream-kinds.js';
import { Writable } from './writable.js';

/** Starts and stops all that follows the event store; the application calls it, not the framework. */
@Injectable()
export class Followers {
  constructor(
    private readonly projecting: Projecting,
    private readonly runner: ProcessRunner,
    private readonly leadership: Leadership,
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /**
   * Once every feature has registered its kinds, read models and processes.
   * @throws ConfigError where they follow another store: what was stored in this one would be lost to them
   */
  async start(): Promise<void> {
    const storeId = await this.store.storeId();
    const elsewhere = await followerElsewhere(this.database, [storeId]);
    if (elsewhere) {
      throw new ConfigError([`EVENT_STORE_URL: the event store here is ${storeId}, but ${elsewhere.name} follows ${elsewhere.storeId}: name that one, or move everything here with copy-events`]);
    }
    await this.projecting.start();
    this.runner.start();
  }

  /** Finishes what runs, then lets other processes take over. */
  async stop(): Promise<void> {
    await Promise.all([this.projecting.stop(), this.runner.stop()]);
    await this.leadership.close();
  }
}

const providers = [
  StreamKinds, Projections, Processes, Generations, Leadership, ReadModels, Projecting, ProjectionStatus, Repair,
  ProcessInbox, Reactions, ProcessRunner, Safeguards, Writable, ProgressWatch, ProjectingHealth, Followers,
];

/** Needs, from global modules, the event store, its ledger, personal data, the database and the clock. */
@Global()
@Module({ imports: [CqrsModule], providers, exports: providers })
export class ProjectingModule {}
