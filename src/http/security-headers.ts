import type { OutgoingHttpHeaders } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

const YEAR_S = 365 * 24 * 3600;

/** Answers are data: a browser that is made to show one loads nothing with it and runs nothing of it. */
const DATA = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };
/** Swagger UI, from its own files alone; it sets styles in the page itself, and has pictures in them. */
const DOCUMENTATION = {
  ...DATA,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

/** What browsers are told to forbid. Only where a proxy speaks TLS are they told to come by TLS alone. */
export async function protectBrowsers(fastify: FastifyInstance, { tlsProxy }: Pick<Config, 'tlsProxy'>): Promise<void> {
  await fastify.register(helmet, {
    global: false,
    contentSecurityPolicy: { useDefaults: false, directives: DATA },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: tlsProxy === undefined ? false : { maxAge: YEAR_S, includeSubDomains: false },
  });
  // Worked out once for either: they are the same for every answer.
  const headers = new Map<object, OutgoingHttpHeaders>();
  fastify.addHook('onRequest', async (request, reply) => {
    const directives = request.routeOptions.url?.startsWith('/docs') ? DOCUMENTATION : DATA;
    const known = headers.get(directives);
    if (known) return void reply.headers(known);
    reply.helmet({ contentSecurityPolicy: { useDefaults: false, directives } });
    headers.set(directives, { ...reply.raw.getHeaders() });
  });
}
