import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Position } from '../../event-store/event-store.js';
import { ReadModels } from '../../projecting/read-models.js';
import { feedEnd } from './case-facts.query.js';

/** How many may wait at a time; whoever comes then is answered at once. */
const WAITING_AT_MOST = 100;
const LOOK_EVERY_MS = 250;

interface Waiter {
  readonly after: Position;
  readonly done: () => void;
}

/** Lets readers of the feed wait for what comes next: one look at the database for all of them. */
@Injectable()
export class FeedNews implements OnModuleInit {
  private readonly waiting = new Set<Waiter>();
  private looking: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly readModels: ReadModels,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    // Before the server waits for requests that run: those here wait for nothing any more.
    this.adapterHost.httpAdapter.getInstance<FastifyInstance>().addHook('preClose', done => {
      this.stopped = true;
      this.release();
      done();
    });
  }

  /**
   * Resolves once there may be facts after the position, the time is over, the reader is gone, or the service stops.
   * False at once where too many wait already.
   */
  async waitedFor(after: Position, milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (this.stopped || this.waiting.size >= WAITING_AT_MOST || signal.aborted) return false;
    await new Promise<void>(resolve => {
      const waiter: Waiter = {
        after,
        done: () => {
          clearTimeout(timeout);
          signal.removeEventListener('abort', waiter.done);
          this.waiting.delete(waiter);
          resolve();
        },
      };
      const timeout = setTimeout(waiter.done, milliseconds);
      signal.addEventListener('abort', waiter.done);
      this.waiting.add(waiter);
      this.lookSoon();
    });
    return true;
  }

  private lookSoon(): void {
    if (this.looking !== undefined || this.waiting.size === 0) return;
    this.looking = setTimeout(() => {
      void this.look().finally(() => {
        this.looking = undefined;
        this.lookSoon();
      });
    }, LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    try {
      const { end } = await this.readModels.snapshot('case-facts', (tx, _, generation) => feedEnd(tx, generation));
      for (const { after, done } of this.waiting) if (end > after) done();
    } catch {
      // Each asks for itself then, and is told.
      this.release();
    }
  }

  private release(): void {
    for (const { done } of this.waiting) done();
  }
}
