import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { EventStore } from '../event-store/event-store.js';
import { Config } from '../config.js';
import { HealthRegistry } from '../http/health.js';
import { Metrics } from '../http/metrics.js';
import { FollowersPresence } from './followers-presence.js';
import { ProgressWatch } from './progress-watch.js';
import { Writable } from './writable.js';

/** How often it is looked whether followers get on, whether or not anybody asks. */
const LOOK_MS = 2_000;

/** What the service tells operators of its stores and of all that follows them. */
@Injectable()
export class FollowersHealth implements OnApplicationShutdown {
  private looking?: NodeJS.Timeout;

  constructor(
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly writable: Writable,
    private readonly store: EventStore,
    private readonly watch: ProgressWatch,
    private readonly presence: FollowersPresence,
    private readonly config: Config,
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
      const models = await this.watch.readModels();
      return { up: models.every(isWell), models };
    });
    // What a process could not do is shown, and is no reason to send nobody here any more.
    this.health.add('processes', async () => {
      const processes = await this.watch.processes();
      return { up: processes.every(isWell), processes };
    });
    if (this.config.role === 'api') this.health.add('followers', async () => ({ up: await this.presence.seen() }));
    this.measure();
    this.looking = setInterval(
      () => void Promise.all([this.watch.readModels(), this.watch.processes(), this.presence.seen()]).catch(() => undefined),
      LOOK_MS,
    ).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.looking);
  }

  private measure(): void {
    const { watch, presence } = this;
    this.metrics.registerMetric(
      new Gauge({
        name: 'followers_running',
        help: '1 while a process, this or another, keeps the read models and processes',
        registers: [],
        async collect() {
          this.reset();
          const seen = await presence.seen().catch(() => undefined);
          if (seen !== undefined) this.set(seen ? 1 : 0);
        },
      }),
    );
    this.metrics.registerMetric(
      new Gauge({
        name: 'read_model_lag_events',
        help: 'Events that the read model has not seen yet, 1,000 at most',
        labelNames: ['read_model'],
        registers: [],
        async collect() {
          // What cannot be seen is not told: yesterday's figures would say that all is well.
          this.reset();
          for (const { name, lagEvents } of await watch.readModels().catch(() => [])) this.set({ read_model: name }, lagEvents);
        },
      }),
    );
    this.metrics.registerMetric(
      new Gauge({
        name: 'follower_lag_seconds',
        help: 'Since when a read model or process has not seen, or not answered, what was newest then',
        labelNames: ['follower'],
        registers: [],
        async collect() {
          this.reset();
          const followers = await Promise.all([watch.readModels(), watch.processes()]).catch(() => []);
          for (const { name, lagSeconds } of followers.flat()) this.set({ follower: name }, lagSeconds);
        },
      }),
    );
    this.metrics.registerMetric(
      new Gauge({
        name: 'process_triggers',
        help: 'Triggers of processes by what became of them',
        labelNames: ['process', 'state'],
        registers: [],
        async collect() {
          this.reset();
          for (const { name, pending, failed, refused } of await watch.processes().catch(() => [])) {
            for (const [state, count] of Object.entries({ pending, failed, refused })) this.set({ process: name, state }, count);
          }
        },
      }),
    );
  }
}

const isWell = ({
  caughtUp,
  stopped,
  isStuck,
}: {
  readonly caughtUp: boolean;
  readonly stopped?: string;
  readonly isStuck: boolean;
}): boolean => !isStuck && (caughtUp || stopped === undefined);
