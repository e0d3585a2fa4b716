import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '../event-store/refused.js';

const MINUTE_MS = 60_000;
const CALLERS = 100_000;

/** @throws Refused `too-many-requests`, with the seconds to wait */
export type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * At most so many requests a minute and caller, over all routes; the minute starts with the caller's first request. Who has
 * shown no token that holds is counted by address, an IPv6 one by its /64. Probes of one address count apart from the rest of
 * it: no stranger behind the same proxy takes their share.
 */
export async function rateLimiter(fastify: FastifyInstance, limit: number | undefined): Promise<Limit> {
  if (limit === undefined) return async () => {};
  await fastify.register(rateLimit, {
    global: false,
    max: limit,
    timeWindow: MINUTE_MS,
    cache: CALLERS,
    enableDraftSpec: true,
    keyGenerator: callerOf,
    errorResponseBuilder: (_request, { ttl }) => new Refused('too-many-requests', 'Too many requests in a minute.', Math.ceil(ttl / 1000)),
  });
  const count = fastify.rateLimit();
  return async (request, reply) => void (await count.call(fastify, request, reply));
}

function callerOf({ caller, ip, routeOptions }: FastifyRequest): string {
  if (caller.actor) return `sub ${caller.actor.id}`;
  const address = normalizeIP(ip);
  return routeOptions.url?.startsWith('/health/') ? `probe ${address}` : `address ${address}`;
}
