import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiProduces } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { negotiated } from './accept.js';
import { parsedJson } from './json.js';
import { Refused } from '../event-store/refused.js';

export const BODY_LIMIT_BYTES = 1024 * 1024;
/** How long the whole of a request may take to come. */
export const BODY_WITHIN_MS = 30_000;
const JSON_ONLY = ['application/json'];

/** The media types that a route can give; without it `application/json` alone. The first is preferred. */
export const Produces = (...types: readonly string[]): MethodDecorator =>
  applyDecorators(RouteConfig({ produces: types }), ApiProduces(...types));

/** The type among those that the route produces which the sender likes best. */
export const preferredType = (request: FastifyRequest): string =>
  negotiated(request.headers.accept, request.routeOptions.config.produces ?? JSON_ONLY) ?? 'application/json';

/** Refuses what is wrong with a message itself in the order of the error table: 413, 415, 406, 400. */
export function judgeMessages(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    // Fastify asks for the media type first; size comes before it.
    if (Number(request.headers['content-length']) > BODY_LIMIT_BYTES) done(new Refused('body-too-large', 'The body is larger than 1 MiB.'));
    else if (isEncoded(request)) done(new Refused('unsupported-media-type', 'A body must come without Content-Encoding.'));
    else done(null, payload);
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (request, body, done) => {
    try {
      refuseUnacceptable(request);
      done(null, parsed(body));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    try {
      refuseUnacceptable(request);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'];
  return (
    encoding !== undefined &&
    encoding.trim().toLowerCase() !== 'identity' &&
    (headers['content-length'] ?? headers['transfer-encoding']) !== undefined
  );
}

function refuseUnacceptable(request: FastifyRequest): void {
  if (request.is404 || !request.routeOptions.url?.startsWith('/v1')) return;
  if (negotiated(request.headers.accept, request.routeOptions.config.produces ?? JSON_ONLY) === undefined) {
    throw new Refused('not-acceptable', 'This cannot be given in a form that Accept allows.');
  }
}

/** An empty body is a missing one. @throws Refused `malformed` */
function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return parsedJson(body);
  } catch {
    // Without the parser's words: they repeat the body.
    throw new Refused('malformed', 'The body is not JSON in UTF-8, or has a key twice.');
  }
}
