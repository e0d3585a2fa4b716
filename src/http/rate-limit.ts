import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Refused } from './problem-details.js';

const MINUTE_MS = 60_000;
const CALLERS = 100_000;

/** At most `limit` requests a minute and caller, over all routes; the minute starts with the caller's first request. */
export class RateLimitGuard implements CanActivate {
  private readonly minutes = new LRUCache<string, { taken: number; readonly endsAt: number }>({ max: CALLERS });

  constructor(private readonly limit: number) {}

  /** @throws Refused `too-many-requests`, with the seconds to wait */
  canActivate(context: ExecutionContext): boolean {
    const { actor } = context.switchToHttp().getRequest<FastifyRequest>().caller;
    if (!actor) return true;
    const now = performance.now();
    const minute = this.minuteOf(actor.id, now);
    minute.taken += 1;
    if (minute.taken > this.limit) throw new Refused('too-many-requests', 'Too many requests in a minute.', Math.ceil((minute.endsAt - now) / 1000));
    return true;
  }

  private minuteOf(caller: string, now: number): { taken: number; readonly endsAt: number } {
    const known = this.minutes.get(caller);
    if (known && known.endsAt > now) return known;
    const fresh = { taken: 0, endsAt: now + MINUTE_MS };
    this.minutes.set(caller, fresh);
    return fresh;
  }
}
