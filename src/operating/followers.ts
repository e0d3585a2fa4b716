import { Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { ConfigError } from '../config-error.js';
import { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { followerElsewhere } from '../event-store/followed-store.js';
import { Leadership } from '../database/leadership.js';
import { Projecting } from '../projecting/projecting.js';
import { ProcessRunner } from '../reacting/process-runner.js';

/** What follows the event store beside read models and processes. */
export interface Follower {
  start(): void;
  /** Finishes what runs. */
  stop(): Promise<void>;
}

/** How often it is looked whether all that follows gets on, whether or not anybody asks. */
const LOOK_MS = 2_000;

/** Starts and stops all that follows the event store; the application calls it, not the framework. */
@Injectable()
export class Followers {
  private readonly others: Follower[] = [];
  private readonly looks: (() => Promise<unknown>)[] = [];
  private looking?: NodeJS.Timeout;

  constructor(
    private readonly projecting: Projecting,
    private readonly runner: ProcessRunner,
    private readonly leadership: Leadership,
    private readonly database: Database,
    private readonly store: EventStore,
  ) {}

  /** Once, while the application is put together. */
  register(follower: Follower): void {
    this.others.push(follower);
  }

  /** Once, while the application is put together: looks again and again from the start on, in whichever role; a command never does. */
  watch(look: () => Promise<unknown>): void {
    this.looks.push(look);
  }

  /**
   * Nothing that was made from another store may go on from this one.
   * @throws ConfigError where those who follow what is stored follow another one; DatabaseUnavailable, StoreUnavailable
   */
  async assertHere(): Promise<void> {
    const storeId = await this.store.storeId();
    const elsewhere = await followerElsewhere(this.database, [storeId]);
    if (!elsewhere) return;
    throw new ConfigError([
      `EVENT_STORE_URL: the event store here is ${storeId}, but ${elsewhere.name} follows ${elsewhere.storeId}: ` +
        'name that one, or move everything here with copy-events',
    ]);
  }

  /**
   * Once every feature has registered its kinds, read models and processes. One that only answers requests reads what others follow.
   * @throws ConfigError where they follow another store: what was stored in this one would be lost to them
   */
  async start({ role }: Pick<Config, 'role'> = { role: 'all' }): Promise<void> {
    await this.assertHere();
    this.looking = setInterval(() => void Promise.allSettled(this.looks.map(look => look())), LOOK_MS).unref();
    await this.projecting.start(role === 'api' ? 'nothing' : 'all');
    if (role === 'api') return;
    this.runner.start();
    for (const follower of this.others) follower.start();
  }

  /** Finishes what runs, then lets other processes take over. */
  async stop(): Promise<void> {
    clearInterval(this.looking);
    await Promise.all([this.projecting.stop(), this.runner.stop(), ...this.others.map(follower => follower.stop())]);
    await this.leadership.close();
  }
}
