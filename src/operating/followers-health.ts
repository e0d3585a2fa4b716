import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { AppendFailures } from '../event-store/counted-appends.js';
import { EventStore } from '../event-store/event-store.js';
import { Config } from '../config.js';
import type { ProcessHealth, ReadModelHealth } from '../http/health.answers.js';
import { HealthRegistry } from '../http/health.js';
import { Metrics } from '../http/metrics.js';
import { Followers } from './followers.js';
import { FollowersPresence } from './followers-presence.js';
import { ProgressWatch } from './progress-watch.js';
import { Writable } from './writable.js';

/** What the service tells operators of its stores and of all that follows them. */
@Injectable()
export class FollowersHealth {
  constructor(
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly writable: Writable,
    private readonly store: EventStore,
    private readonly watch: ProgressWatch,
    private readonly presence: FollowersPresence,
    private readonly config: Config,
    private readonly appendFailures: AppendFailures,
    private readonly followers: Followers,
  ) {}

  /** Once, while the application starts. */
  register(): void {
    this.health.add('database', async () => {
      await this.writable.assert();
      return { up: true };
    });
    this.health.add('event-store', async () => {
      await this.store.assertWritable();
      return { up: true, newest: await this.store.newest() };
    });
    this.health.add('read-models', async () => {
      const models: readonly ReadModelHealth[] = await this.watch.readModels();
      return { up: models.every(model => model.isServed && isWell(model)), models };
    });
    // What a process could not do is shown, and is no reason to send nobody here any more.
    this.health.add('processes', async () => {
      const processes: readonly ProcessHealth[] = await this.watch.processes();
      return { up: processes.every(isWell), processes };
    });
    if (this.config.role === 'api') this.health.add('followers', async () => ({ up: await this.presence.seen() }));
    this.measure();
    this.followers.watch(() => Promise.all([this.watch.readModels(), this.watch.processes(), this.presence.seen()]));
  }

  private measure(): void {
    const { metrics, watch } = this;
    metrics.watch({ name: 'dependency_up', help: '1 while /health/ready calls it up', labels: ['dependency'] }, async () =>
      [...(await this.health.up())].map(([dependency, up]) => ({ labels: { dependency }, value: up ? 1 : 0 })),
    );
    metrics.watch(
      { name: 'followers_running', help: '1 while a process, this or another, keeps the read models and processes' },
      async () => [{ value: (await this.presence.seen()) ? 1 : 0 }],
    );
    const followers = async (): Promise<readonly Following[]> => (await Promise.all([watch.readModels(), watch.processes()])).flat();
    const tell = (name: string, help: string, of: (following: Following) => number): void =>
      metrics.watch({ name, help, labels: ['follower'] }, async () =>
        (await followers()).map(following => ({ labels: { follower: following.name }, value: of(following) })),
      );
    tell('follower_lag_events', 'Events that a read model or process has not seen yet, 1,000 at most', ({ lagEvents }) => lagEvents);
    tell(
      'follower_lag_seconds',
      'Since when a read model or process has not seen, or not answered, what was newest then',
      ({ lagSeconds }) => lagSeconds,
    );
    tell('follower_halted', '1 while a read model or process was stopped, or does not get on', ({ stopped, isStuck }) =>
      stopped !== undefined || isStuck ? 1 : 0,
    );
    metrics.watch(
      { name: 'read_model_parked_streams', help: 'Streams that the read model holds back for repair', labels: ['read_model'] },
      async () => (await watch.readModels()).map(({ name, parked }) => ({ labels: { read_model: name }, value: parked })),
    );
    metrics.watch(
      { name: 'process_triggers', help: 'Triggers of processes by what became of them', labels: ['process', 'state'] },
      async () =>
        (await watch.processes()).flatMap(({ name, pending, failed, refused }) =>
          Object.entries({ pending, failed, refused }).map(([state, value]) => ({ labels: { process: name, state }, value })),
        ),
    );
    const { appendFailures } = this;
    metrics.registerMetric(
      new Counter({
        name: 'append_failures_total',
        help: 'Appends that the event store did not take or confirm: it was away, too slow, or full',
        registers: [],
        collect() {
          this.reset();
          this.inc(appendFailures.total);
        },
      }),
    );
  }
}

interface Following {
  readonly name: string;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly caughtUp: boolean;
  readonly stopped?: string;
  readonly isStuck: boolean;
}

const isWell = ({ caughtUp, stopped, isStuck }: Following): boolean => !isStuck && (caughtUp || stopped === undefined);
