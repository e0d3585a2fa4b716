import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { EventStore } from '../event-store/event-store.js';
import { HealthRegistry } from '../http/health.js';
import { Metrics } from '../http/metrics.js';
import { ProcessRunner } from './process-runner.js';
import { ProjectionStatus } from './projection-status.js';
import { Writable } from './writable.js';

/** What the service tells operators of its stores and of all that follows them. */
@Injectable()
export class ProjectingHealth {
  constructor(
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly writable: Writable,
    private readonly store: EventStore,
    private readonly projections: ProjectionStatus,
    private readonly processes: ProcessRunner,
  ) {}

  /** Once, while the application starts. */
  register(): void {
    this.health.add('database', async () => {
      await this.writable.assert();
      return { up: true };
    });
    this.health.add('event-store', async () => ({ up: true, newest: await this.store.newest() }));
    this.health.add('read-models', async () => {
      const models = await this.projections.status();
      return { up: models.every(model => model.stopped === undefined), models };
    });
    // What a process could not do is shown, and is no reason to send nobody here any more.
    this.health.add('processes', async () => {
      const processes = await this.processes.status();
      return { up: processes.every(process => process.stopped === undefined), processes };
    });
    this.measure();
  }

  private measure(): void {
    const { projections, processes } = this;
    this.metrics.registerMetric(new Gauge({
      name: 'read_model_lag_events', help: 'Events that the read model has not seen yet, 1,000 at most', labelNames: ['read_model'], registers: [],
      async collect() {
        for (const { name, lagEvents } of await projections.status().catch(() => [])) this.set({ read_model: name }, lagEvents);
      },
    }));
    this.metrics.registerMetric(new Gauge({
      name: 'process_triggers', help: 'Triggers of processes by what became of them', labelNames: ['process', 'state'], registers: [],
      async collect() {
        for (const { name, pending, failed, refused } of await processes.status().catch(() => [])) {
          for (const [state, count] of Object.entries({ pending, failed, refused })) this.set({ process: name, state }, count);
        }
      },
    }));
  }
}
