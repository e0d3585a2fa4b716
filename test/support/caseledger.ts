import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { readConfig, type Config } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { createApplication, stop } from '../../src/http/application.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { JsonLogger } from '../../src/http/logging.js';
import type { Role } from '../../src/http/roles.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { Followers } from '../../src/operating/followers.js';
import { Generations } from '../../src/projecting/generations.js';
import { Projections } from '../../src/projecting/projection.js';
import { Contract } from './contract.js';
import { startTestDatabase, type TestDatabase } from './postgres.js';

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
  const database = env['DATABASE_URL'] ? undefined : await startServiceDatabase();
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
  // Of whoever follows the events alone nobody gets a document.
  let contract: Promise<Contract> | undefined;
  const contractOf = (): Promise<Contract> =>
    (contract ??= Contract.of(url, `training-${config.simulatedFrom !== undefined}-limited-${config.rateLimit !== undefined}`));
  return {
    url,
    app,
    person: async (sub, roles, office = 'ELP') => personAt(url, await contractOf(), config, sub, [roles].flat(), office),
    settled: () => app.get(ProcessRunner).settled(),
    stop: async () => {
      await stop(app);
      await database?.stop();
      if (!env['DATA_DIR']) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A database as a service has it that was started once; where events are kept elsewhere, the tables come with them. */
export const startServiceDatabase = (): Promise<TestDatabase> =>
  startTestDatabase(keptIn.eventStoreUrl ? {} : { readModels: makeReadModels });

async function makeReadModels({ url, ownerUrl }: Pick<TestDatabase, 'url' | 'ownerUrl'>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'caseledger-'));
  const env = { DATA_DIR: dataDir, LOG_LEVEL: 'silent', DATABASE_URL: url, MIGRATION_DATABASE_URL: ownerUrl };
  const app = await createApplication(AppModule, readConfig(env));
  await app.init();
  const id = await app.get(EventStore).storeId();
  for (const projection of app.get(Projections).all()) await app.get(Generations).ensure(projection, { id, empty: true });
  await stop(app);
  rmSync(dataDir, { recursive: true, force: true });
  // What is copied is nobody's: whoever gets it has keys of its own.
  const owner = Database.open({ url: ownerUrl, applicationName: 'specs', max: 1 });
  await owner.query('TRUNCATE ledger.master_key, ledger.data_keys');
  await owner.close();
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
