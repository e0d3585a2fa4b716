import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { readConfig, type Config } from '../../src/config.js';
import { createApplication, stop } from '../../src/http/application.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { JsonLogger } from '../../src/http/logging.js';
import type { Role } from '../../src/http/roles.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { Followers } from '../../src/operating/followers.js';
import { Contract } from './contract.js';
import { startTestDatabase } from './postgres.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SendOptions {
  readonly key?: string;
  readonly ifMatch?: number;
  readonly token?: string;
  readonly purpose?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who asks goes away. */
  readonly signal?: AbortSignal | undefined;
}

/** Somebody who talks to the service. */
export interface Person {
  readonly sub: string;
  readonly office: string;
  get(path: string, options?: SendOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: SendOptions): Promise<Answer>;
  /** `POST /v1/<path>` */
  post(path: string, body?: unknown, options?: SendOptions): Promise<Answer>;
}

/** The whole service in this process: real HTTP port, real PostgreSQL, a simulated clock. */
export interface Caseledger {
  readonly url: string;
  readonly app: NestFastifyApplication;
  person(sub: string, roles: Role | readonly Role[], office?: string): Promise<Person>;
  /** What processes have to do is done. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Where journeys keep their events; unset: in PostgreSQL. */
export const keptIn: { eventStoreUrl?: string } = {};

const CLOCK = '2019-11-15T00:00:00Z';

/**
 * @param env settings beside those of a test; `DATABASE_URL` names a database that is the caller's to stop
 * @param log what takes the log's lines, instead of standard output
 */
export async function startCaseledger(env: Readonly<Record<string, string>> = {}, log?: (line: string) => void): Promise<Caseledger> {
  const database = env['DATABASE_URL'] ? undefined : await startTestDatabase();
  const dataDir = env['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'caseledger-'));
  const config = readConfig({
    PORT: '0',
    DATA_DIR: dataDir,
    CLOCK: `simulated:${CLOCK}`,
    LOG_LEVEL: 'silent',
    ...(database && { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl }),
    ...(keptIn.eventStoreUrl && { EVENT_STORE_URL: keptIn.eventStoreUrl }),
    ...env,
  });
  const app = await createApplication(AppModule, config, log && new JsonLogger(config, { write: log }));
  await app.init();
  await app.get(Followers).start(config);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const contract = await Contract.of(url, `training-${config.simulatedFrom !== undefined}-limited-${config.rateLimit !== undefined}`);
  return {
    url,
    app,
    person: (sub, roles, office = 'ELP') => personAt(url, contract, config, sub, [roles].flat(), office),
    settled: () => app.get(ProcessRunner).settled(),
    stop: async () => {
      await stop(app);
      await database?.stop();
      if (!env['DATA_DIR']) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function personAt(
  url: string,
  contract: Contract,
  config: Config,
  sub: string,
  roles: readonly Role[],
  office: string,
): Promise<Person> {
  const token = await issueLocalToken(config, { sub, roles: [...roles], office });
  const send = async (
    method: string,
    path: string,
    body: unknown,
    { key, ifMatch, token: seen, purpose, headers, signal }: SendOptions = {},
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(signal && { signal }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        ...(seen && { 'consistency-token': seen }),
        ...((purpose ?? (roles.includes('auditor') ? 'test' : undefined)) && { 'x-purpose': purpose ?? 'test' }),
        ...headers,
      },
    });
    const text = await response.text();
    contract.check(method, path, { status: response.status, headers: response.headers, text });
    return { status: response.status, headers: response.headers, text, body: parsed(text) as Answer['body'] };
  };
  return {
    sub,
    office,
    get: (path, options) => send('GET', path, undefined, options),
    put: (path, body, options) => send('PUT', path, body, options),
    post: (path, body = {}, options) => send('POST', `/v1/${path}`, body, options),
  };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
