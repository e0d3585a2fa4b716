import { Global, Injectable, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Generations } from './generations.js';
import { Leadership } from './leadership.js';
import { ProcessInbox } from './process-inbox.js';
import { ProcessRunner } from './process-runner.js';
import { Processes } from './process.js';
import { Projecting } from './projecting.js';
import { ProjectingHealth } from './projecting-health.js';
import { ProjectionStatus } from './projection-status.js';
import { Projections } from './projection.js';
import { Reactions } from './reactions.js';
import { ReadModels } from './read-models.js';
import { Repair } from './repair.js';
import { StreamKinds } from './stream-kinds.js';

/** Starts and stops all that follows the event store; the application calls it, not the framework. */
@Injectable()
export class Followers {
  constructor(
    private readonly projecting: Projecting,
    private readonly runner: ProcessRunner,
    private readonly leadership: Leadership,
  ) {}

  /** Once every feature has registered its kinds, read models and processes. */
  async start(): Promise<void> {
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
  ProcessInbox, Reactions, ProcessRunner, ProjectingHealth, Followers,
];

/** Needs, from global modules, the event store, its ledger, personal data, the database and the clock. */
@Global()
@Module({ imports: [CqrsModule], providers, exports: providers })
export class ProjectingModule {}
