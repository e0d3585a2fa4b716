import { createHash, timingSafeEqual } from 'node:crypto';
import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { type Authentication, Unauthenticated } from './authentication.js';
import { rateLimiter } from './rate-limit.js';

/** Where there is such a route, it is where tokens come from. */
const SIGN_IN = '/v1/sign-in';

/** Decides who asks, and whether too often. @throws Unauthenticated, StoreUnavailable, Refused `too-many-requests` */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Before the body is read, on every route and on every address that has none. */
export async function admission(
  fastify: FastifyInstance,
  { rateLimit, metricsToken, metricsPort }: Config,
  authentication: Authentication,
): Promise<Admit> {
  const limit = await rateLimiter(fastify, rateLimit);
  const identify = async (request: FastifyRequest): Promise<void> => {
    const header = request.headers.authorization;
    if (needsToken(request)) request.caller.actor = authentication.remembered(header) ?? (await authentication.check(header));
    else if (request.routeOptions.url === '/metrics') {
      if (metricsPort !== undefined) throw new NotFoundException();
      assertBearer(header, metricsToken);
    }
  };
  const admit: Admit = async (request, reply) => {
    const refusal = await identify(request).then(
      () => undefined,
      (error: Error) => error,
    );
    // Also who was refused: guessing tokens is limited by address.
    await limit(request, reply);
    if (refusal) throw refusal;
  };
  fastify.addHook('onRequest', admit);
  return admit;
}

// By the route that was matched, not by the raw path, which can spell `/v1` in many ways.
const needsToken = (request: FastifyRequest): boolean => {
  const address = request.is404 ? request.url : (request.routeOptions.url ?? '');
  return address.startsWith('/v1') && (request.is404 || address !== SIGN_IN);
};

/** @throws Unauthenticated where a token is asked for, and not shown */
export function assertBearer(header: string | undefined, token: string | undefined): void {
  if (token === undefined) return;
  const hashes = [header, `Bearer ${token}`].map(text =>
    createHash('sha256')
      .update(text ?? '')
      .digest(),
  );
  if (!timingSafeEqual(hashes[0]!, hashes[1]!)) throw new Unauthenticated(header !== undefined);
}
