import type { OutgoingHttpHeaders } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config, IssuerConfig } from '../config.js';
import { isOfConsole } from './console.js';

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

/** The console, from its own files alone; it speaks to the issuer of tokens too, where that is another. */
const consoleOf = (issuer: IssuerConfig) => ({
  ...DATA,
  defaultSrc: ["'self'"],
  connectSrc: ["'self'", ...(issuer.kind === 'oidc' ? [new URL(issuer.issuer).origin] : [])],
});

/** What browsers are told to forbid. Only where a proxy speaks TLS are they told to come by TLS alone. */
export async function protectBrowsers(fastify: FastifyInstance, { tlsProxy, issuer }: Pick<Config, 'tlsProxy' | 'issuer'>): Promise<void> {
  await fastify.register(helmet, {
    global: false,
    contentSecurityPolicy: { useDefaults: false, directives: DATA },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: tlsProxy === undefined ? false : { maxAge: YEAR_S, includeSubDomains: false },
  });
  const console = consoleOf(issuer);
  // Worked out once for either: they are the same for every answer.
  const headers = new Map<object, OutgoingHttpHeaders>();
  fastify.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    const directives = url.startsWith('/docs') ? DOCUMENTATION : isOfConsole(request) ? console : DATA;
    const known = headers.get(directives);
    if (known) return void reply.headers(known);
    reply.helmet({ contentSecurityPolicy: { useDefaults: false, directives } });
    headers.set(directives, { ...reply.raw.getHeaders() });
  });
}
