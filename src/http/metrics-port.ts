import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../config.js';
import { ConfigError } from '../config-error.js';
import { assertBearer } from './admission.js';
import { Unauthenticated } from './authentication.js';
import { Metrics } from './metrics.js';

const REQUEST_WITHIN_MS = 10_000;

/** Serves `/metrics`, and nothing else, on a port of its own, which need not be public. @throws ConfigError that names METRICS_PORT */
export async function serveMetrics(app: NestFastifyApplication, { host, metricsPort, metricsToken }: Config): Promise<Server | undefined> {
  if (metricsPort === undefined) return undefined;
  const metrics = app.get(Metrics);
  const limits = { requestTimeout: REQUEST_WITHIN_MS, headersTimeout: REQUEST_WITHIN_MS };
  const server = createServer(limits, (request, response) => void answer(metrics, metricsToken, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(new ConfigError([`METRICS_PORT ${metricsPort} on HOST ${host} cannot be listened on (${code})`])),
    );
    server.listen(metricsPort, host, resolve);
  });
  return server;
}

async function answer(
  metrics: Metrics,
  token: string | undefined,
  { url, method = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, told?: Record<string, string>): void => void response.writeHead(status, told).end();
  try {
    if (url !== '/metrics' || !['GET', 'HEAD'].includes(method)) return say(404);
    assertBearer(headers.authorization, token);
    const text = await metrics.metrics();
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(method === 'HEAD' ? undefined : text);
  } catch (error) {
    if (error instanceof Unauthenticated) say(401, { 'www-authenticate': 'Bearer' });
    else say(500);
  }
}
