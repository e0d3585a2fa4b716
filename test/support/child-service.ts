import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { commandOf, isRunning } from '../../src/database/os-process.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import type { Role } from '../../src/http/roles.js';
import type { Answer, Person, SendOptions } from './caseledger.js';
import { done, eventually, World } from './world.js';

const MAIN = 'dist/main.js';
// As `npm start` runs it.
const NODE_OPTIONS = ['--max-semi-space-size=32', '--heap-growing-percent=60'];
const READY_WITHIN_MS = 240_000;
const ANSWERS_WITHIN_MS = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One built service as a process of its own. */
export class ChildService {
  private stdout = '';
  private stderr = '';
  readonly ended: Promise<Ended>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly dataDir: string,
    private readonly agent = new Agent({ keepAlive: true }),
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise(resolve => {
      child.once('close', (code, signal) => {
        agent.destroy();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  static spawn(dataDir: string, port: number, env: Readonly<Record<string, string>>): ChildService {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build the service first`);
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [...NODE_OPTIONS, MAIN], {
      env: { PATH, HOME, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ChildService(child, port, dataDir);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What it has said so far. */
  get said(): string {
    return `${this.stdout}${this.stderr}`;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ready(): Promise<this> {
    await eventually(
      'the service is ready',
      async () => (this.alive ? await this.health() : `ended: ${(await this.ended).stderr}`),
      seen => seen === 200 || typeof seen === 'string',
      READY_WITHIN_MS,
    );
    if (!this.alive) throw new Error(`the service did not start: ${this.stderr}`);
    return this;
  }

  /** What `/health/ready` answers; 0 where nobody answers. */
  async health(): Promise<number> {
    return (await this.ask('/health/ready')).status;
  }

  /** What is told to whoever comes without a token. */
  ask(path: string): Promise<Answer> {
    return this.exchange('GET', path, {}, undefined);
  }

  /** Ends it as a power cut does. */
  kill(): Promise<Ended> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  terminate(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Somebody who talks to it; an answer that never came has status 0. */
  async person(sub: string, roles: Role | readonly Role[], office = 'ELP'): Promise<Person> {
    const token = await issueLocalToken(readConfig({ DATA_DIR: this.dataDir }), { sub, roles: [roles].flat(), office });
    const send = (
      method: string,
      path: string,
      body: unknown,
      { key, ifMatch, token: seen, purpose = 'test', headers }: SendOptions = {},
    ): Promise<Answer> =>
      this.exchange(
        method,
        path,
        {
          authorization: `Bearer ${token}`,
          'x-purpose': purpose,
          ...(key && { 'idempotency-key': key }),
          ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
          ...(seen && { 'consistency-token': seen }),
          ...headers,
        },
        body === undefined ? undefined : JSON.stringify(body),
      );
    return {
      sub,
      office,
      get: (path, options) => send('GET', path, undefined, options),
      put: (path, body, options) => send('PUT', path, body, options),
      post: (path, body = {}, options) => send('POST', `/v1/${path}`, body, options),
    };
  }

  private exchange(method: string, path: string, headers: Readonly<Record<string, string>>, body: string | undefined): Promise<Answer> {
    return new Promise(resolve => {
      const unanswered = (): void => resolve({ status: 0, headers: new Headers(), text: '', body: {} });
      const sent = {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      };
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, method, path, headers: sent, agent: this.agent, timeout: ANSWERS_WITHIN_MS },
        response => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (part: string) => {
              text += part;
            })
            .on('error', unanswered)
            .on('close', unanswered);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: new Headers(response.headers as Record<string, string>),
              text,
              body: parsed(text),
            }),
          );
        },
      );
      request
        .on('error', unanswered)
        .on('timeout', () => request.destroy())
        .end(body);
    });
  }
}

const parsed = (text: string): Answer['body'] => {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
};

/** A world over a service in another process. @param now where its clock stands */
export function worldOf(person: ChildService['person'], now: string): Promise<World> {
  return World.of(
    {
      person,
      calm: async () => {
        const admin = await person('adm-hal', 'admin');
        // Moving the clock to where it stands waits for all that processes have to do.
        const standing = (await admin.get('/v1/agreements/GT')).headers.get('x-training-copy');
        return done(await admin.put('/v1/clock', { now: standing })).headers.get('consistency-token') ?? undefined;
      },
    },
    now,
  );
}

/** What a test starts, and what is gone when it ends, whatever happened. */
export class Children {
  private readonly services: ChildService[] = [];
  private readonly folders: string[] = [];

  /** A folder that the embedded server, which may run as another user, can reach. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'caseledger-child-'));
    chmodSync(folder, 0o755);
    this.folders.push(folder);
    return folder;
  }

  async spawn(
    env: Readonly<Record<string, string>> = {},
    { dataDir = this.folder(), port }: { readonly dataDir?: string; readonly port?: number } = {},
  ): Promise<ChildService> {
    const service = ChildService.spawn(dataDir, port ?? (await freePort()), env);
    this.services.push(service);
    return service;
  }

  /** Once it is ready. @throws Error with its last words where it does not start */
  async start(...how: Parameters<Children['spawn']>): Promise<ChildService> {
    return (await this.spawn(...how)).ready();
  }

  async endServices(): Promise<void> {
    await Promise.all(this.services.map(service => service.kill()));
  }

  async end(): Promise<void> {
    await this.endServices();
    for (const folder of this.folders) {
      const server = postgresOf(folder);
      if (server !== undefined) process.kill(server, 'SIGQUIT');
      await eventually(
        'the embedded server ends',
        () => postgresOf(folder),
        pid => pid === undefined,
      );
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  }
}

/** The process of the embedded server under a DATA_DIR, while it runs. */
export function postgresOf(dataDir: string): number | undefined {
  try {
    const [pid = '', folder = ''] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    return folder.startsWith(dataDir) && isRunning(Number(pid)) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Processes of the machine whose command names the folder. */
export const processesOn = (folder: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && isRunning(pid) && commandOf(pid).includes(folder));

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => {
    server.close(resolve);
  });
  return port;
}
