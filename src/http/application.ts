import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundException, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Config, readConfig } from '../config.js';
import { ConfigError } from '../config-error.js';
import { Clock } from '../database/clock.js';
import { SimulatedClock } from '../database/clocks.js';
import { Starting } from '../starting.js';
import { startTracing } from '../trace-exporting.js';
import { ValidationFailed } from '../fields/validation.js';
import { DomainError } from '../event-store/domain-error.js';
import { admission } from './admission.js';
import { Authentication } from './authentication.js';
import { compressAnswers } from './compression.js';
import { serveConsole } from './console.js';
import { HttpModule } from './http.module.js';
import { answerInTurn } from './in-turn.js';
import { JsonLogger, logRequests } from './logging.js';
import { BODY_LIMIT_BYTES, BODY_WITHIN_MS, judgeMessages } from './message.js';
import { Metrics, timeRequests } from './metrics.js';
import { serveMetrics } from './metrics-port.js';
import { serveDocumentation } from './openapi.js';
import { problem, ProblemDetailsFilter } from './problem-details.js';
import { contextOf } from './request-context.js';
import { protectBrowsers } from './security-headers.js';
import { traceRequests } from './traced-requests.js';
import { mayBeCombined, roleNotAllowed } from './roles.js';

const STOP_WITHIN_MS = 9_000;
const DRAIN_WITHIN_MS = 6_000;
const SWEEP_EVERY_MS = 50;
const GIVE_UP_WITHIN_MS = 3_000;
const LATE_BODIES_EVERY_MS = 1_000;
/** Of somebody who takes nothing of an answer the connection ends; the longest poll is half of it. */
const TAKEN_WITHIN_MS = 60_000;
// Longer than any address that Node takes: an id of any length is looked at, and refused, where it is used.
const LONGEST_PARAMETER = 20_000;

/**
 * The whole service, not yet listening. `rootModule` must give a `Clock` to all.
 * @throws what a module's start throws, once nothing of the start is left
 */
export async function createApplication(
  rootModule: Type,
  config: Config,
  logger = new JsonLogger(config),
  starting = new Starting(),
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: () => '',
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER, caseSensitive: true },
    requestTimeout: BODY_WITHIN_MS,
    connectionTimeout: TAKEN_WITHIN_MS,
    // Node takes the greater of the two for whole requests.
    http: { connectionsCheckingInterval: LATE_BODIES_EVERY_MS, headersTimeout: BODY_WITHIN_MS },
    trustProxy: config.tlsProxy ?? false,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => void unroutable(error, request, reply),
  });
  const root = { module: class Service {}, imports: [HttpModule.forRoot(config, starting), rootModule] };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger, bodyParser: false, abortOnError: false }).catch(
    async (error: unknown) => {
      await starting.close();
      throw error;
    },
  );
  const fastify = adapter.getInstance<FastifyInstance>();
  const problems = app.get(ProblemDetailsFilter);
  answerInTurn(fastify);
  await protectBrowsers(fastify, config);
  await compressAnswers(fastify);
  fastify.decorateRequest('caller');
  fastify.addHook('onRequest', async (request, reply) => greet(request, reply));
  traceRequests(fastify);
  if (config.role === 'followers') answerMonitorsAlone(fastify);
  const admit = await admission(fastify, config, app.get(Authentication));
  const clock = app.get(Clock, { strict: false });
  // A training copy is one, whether or not whoever started the service said so again.
  const simulatedFrom = config.simulatedFrom ?? (clock instanceof SimulatedClock ? clock.now() : undefined);
  if (simulatedFrom !== config.simulatedFrom) logger.sayTraining();
  addHooks(fastify, clock, simulatedFrom !== undefined);
  timeRequests(fastify, app.get(Metrics));
  logRequests(fastify, logger);
  serveDocumentation(app, { simulatedFrom, rateLimit: config.rateLimit });
  serveConsole(fastify);
  return app;

  /** An address that cannot be decoded reaches no hook; who asks still comes first. */
  async function unroutable(error: Error, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    greet(request, reply);
    try {
      await admit(request, reply);
      problems.answer(error, request, reply);
    } catch (refusal) {
      problems.answer(refusal, request, reply);
    }
  }
}

function greet(request: FastifyRequest, reply: FastifyReply): void {
  request.caller = contextOf(request.headers);
  reply.header('x-correlation-id', request.caller.correlationId).header('cache-control', 'no-store');
}

/** Whoever follows is looked at, and asked nothing. */
function answerMonitorsAlone(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async ({ routeOptions }) => {
    if (!/^\/(?:health\/|metrics$)/.test(routeOptions.url ?? '')) throw new NotFoundException();
  });
}

function addHooks(fastify: FastifyInstance, clock: Clock, isTraining: boolean): void {
  judgeMessages(fastify);
  fastify.addHook('preHandler', (request, _reply, done) =>
    done(mayBeCombined(request.caller.actor?.roles ?? []) ? undefined : roleNotAllowed()),
  );
  if (!isTraining) return;
  fastify.addHook('preHandler', () => clock.refresh());
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-training-copy', clock.now());
    done(null, payload);
  });
}

/** What is no HTTP at all: there is no request to answer, only a socket. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const body = JSON.stringify(
    late ? problem('request-timeout', 'The request took too long to come.', '-') : problem('malformed', 'The request cannot be read.', '-'),
  );
  socket.end(
    `HTTP/1.1 ${late ? '408 Request Timeout' : '400 Bad Request'}\r\nContent-Type: application/problem+json\r\nContent-Length: ` +
      `${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * Runs the service until it is asked to stop, also while it starts, then exits 0 within 10 s.
 * A start that fails says why in one line on standard error, leaves nothing running and exits 1.
 * @param begin what runs beside the requests, once the application is put together
 * @param stopping aborted when it is asked to stop
 */
export async function serve(
  rootModule: Type,
  begin: (app: NestFastifyApplication) => Promise<void>,
  stopping: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const asked = new Promise<void>(resolve => {
    if (stopping.aborted) resolve();
    else stopping.addEventListener('abort', () => resolve());
  });
  void asked.then(() => setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref());
  const starting = new Starting(stopping);
  let app: NestFastifyApplication | undefined;
  let endTracing = async (): Promise<void> => undefined;
  const start = async () => {
    const config = readConfig(env);
    endTracing = await startTracing(env);
    app = await createApplication(rootModule, config, new JsonLogger(config), starting);
    await app.init();
    stopping.throwIfAborted();
    await begin(app);
    stopping.throwIfAborted();
    const metrics = await serveMetrics(app, config);
    await listen(app, config);
    return { app, metrics };
  };
  const started = start();
  try {
    // What hears no signal is not waited for: it fails when what it stands on is closed.
    await Promise.race([started, asked.then(() => sleep(GIVE_UP_WITHIN_MS)).then(() => stopping.throwIfAborted())]);
  } catch (error) {
    if (!stopping.aborted) process.stderr.write(`${inOneLine(error)}\n`);
    setTimeout(() => process.exit(stopping.aborted ? 0 : 1), STOP_WITHIN_MS).unref();
    await Promise.race([app?.close().catch(() => undefined), sleep(GIVE_UP_WITHIN_MS)]);
    await starting.close();
    await started.catch(() => undefined);
    process.exit(stopping.aborted ? 0 : 1);
  }
  await asked;
  try {
    const { app: running, metrics } = await started;
    metrics?.closeAllConnections();
    metrics?.close();
    await stop(running);
    await endTracing();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${inOneLine(error)}\n`);
    process.exit(1);
  }
}

/** Takes no more requests, finishes those that run, then closes every module. */
export async function stop(app: NestFastifyApplication): Promise<void> {
  const server: Server = app.getHttpServer();
  const patience = setTimeout(() => server.closeAllConnections(), DRAIN_WITHIN_MS);
  // A connection that was busy when the server closed is kept alive afterwards, and would hold it open.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  // Before the modules: Nest alone would close what running requests still need.
  await app.getHttpAdapter().close();
  clearTimeout(patience);
  clearInterval(sweep);
  await app.close();
}

/** @throws ConfigError that names HOST and PORT */
export async function listen(app: NestFastifyApplication, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fault =
      code === 'EADDRINUSE' ? `PORT ${port} on HOST ${host} is in use` : `HOST ${host} with PORT ${port} cannot be listened on (${code})`;
    throw new ConfigError([fault], { cause: error });
  }
}

/** An error for a person at a terminal; of what does not fit, each field. */
export function inOneLine(error: unknown): string {
  const faults = error instanceof ValidationFailed ? error.faults : error instanceof DomainError ? error.violations : [];
  const fields = faults.flatMap(({ pointer, message }) => (pointer === undefined ? [] : [`${pointer.slice(1)} ${message}`]));
  const words = fields.length > 0 ? fields.join('; ') : String(error instanceof Error ? error.message : error);
  return words.replaceAll(/\s*\n\s*/g, ' ');
}
