import { readdirSync, readFileSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROOT } from '../root.js';

const FILES = new URL('dist/console/', ROOT);
/** Addresses of its pages: a reload of each gives the one document that shows them all. */
const PAGES = [
  '/',
  '/signed-in',
  '/sign-in-again',
  '/cases',
  '/cases/*',
  '/flights',
  '/flights/*',
  '/agreements',
  '/audit',
  '/audit/cases/*',
  '/reports',
  '/reports/*',
  '/health',
];
const YEAR_S = 365 * 24 * 3600;
const MISSING = 'The console is not here: `npm run build` makes it. The API is documented at /docs.\n';

/** What programs ask for, who are told in their own way that there is nothing. */
const OF_PROGRAMS = /^\/(?:v1|docs|assets|health|metrics)\//;

export const isOfConsole = (request: FastifyRequest): boolean => {
  const { url = '' } = request.routeOptions;
  return PAGES.includes(url) || url.startsWith('/assets/') || isOfNoPage(request);
};

/** A browser that is to show what stands at an address where nothing does. */
const isOfNoPage = ({ is404, method, url, headers: { accept = '' } }: FastifyRequest): boolean =>
  is404 && method === 'GET' && accept.includes('text/html') && !OF_PROGRAMS.test(url);

/** Serves the pages of the console; where it was not built, says so. */
export function serveConsole(fastify: FastifyInstance, built = FILES): void {
  const page = pageIn(built);
  const answer = (reply: FastifyReply) =>
    page === undefined
      ? reply.code(404).type('text/plain; charset=utf-8').send(MISSING)
      : reply.type('text/html; charset=utf-8').send(page);
  for (const path of PAGES) fastify.get(path, (_request, reply) => void answer(reply));
  if (page === undefined) return;
  fastify.addHook('onRequest', async (request, reply) => (isOfNoPage(request) ? answer(reply.code(404)) : undefined));
  const files = new Set(readdirSync(new URL('assets/', built)));
  fastify.addHook('onRequest', async ({ routeOptions, params }) => {
    if (routeOptions.url === '/assets/*' && !files.has((params as { readonly '*': string })['*'])) throw new NotFoundException();
  });
  // A name holds the hash of what is in it.
  void fastify.register(fastifyStatic, {
    root: new URL('assets/', built),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    immutable: true,
    maxAge: YEAR_S * 1000,
  });
}

function pageIn(built: URL): Buffer | undefined {
  try {
    return readFileSync(new URL('index.html', built));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
