import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { Role } from '../../src/http/roles.js';
import type { Database } from '../../src/database/database.js';
import { RUNNER_LOCK } from '../../src/reacting/process-runner.js';
import type { Person } from '../support/caseledger.js';
import { type Children, type ChildService, freePort } from '../support/child-service.js';
import { Wrong } from './record.js';

/** One of the service processes; killed and started again, it is at the same port. */
export class Service {
  private readonly people = new Map<string, Promise<Person>>();

  private constructor(
    readonly name: string,
    private readonly children: Children,
    private readonly env: Readonly<Record<string, string>>,
    private readonly where: { readonly dataDir: string; readonly port: number },
    private child: ChildService,
  ) {}

  /** Once it is ready. @throws Error with its last words */
  static async start(name: string, children: Children, env: Readonly<Record<string, string>>, dataDir: string): Promise<Service> {
    const where = { dataDir, port: await freePort() };
    return new Service(name, children, env, where, await children.start(env, where));
  }

  get pid(): number {
    return this.child.pid;
  }

  person(sub: string, role: Role, office: string): Promise<Person> {
    const name = `${sub} ${role} ${office}`;
    const known = this.people.get(name) ?? this.child.person(sub, role, office);
    this.people.set(name, known);
    return known;
  }

  async kill(): Promise<void> {
    await this.child.kill();
  }

  async startAgain(): Promise<void> {
    this.people.clear();
    this.child = await this.children.spawn(this.env, this.where);
  }

  /** What keeps it from being ready; undefined once it is. @throws Wrong where it has ended by itself */
  async unready(): Promise<string | undefined> {
    if (!this.child.alive) {
      const { code, signal } = await this.child.ended;
      throw new Wrong(`service ${this.name} ended by itself (${code ?? signal})`);
    }
    const { status, body, text } = await this.child.ask('/health/ready');
    if (status === 200) return undefined;
    return `service ${this.name} answers ${status} ${JSON.stringify(body['error'] ?? text)}`;
  }

  /** For whoever looks into what went wrong. */
  async lastWords(): Promise<string> {
    const { status, text } = await this.child.ask('/health/ready');
    return `service ${this.name}, ready: ${status} ${text}\n${this.child.said.trimEnd().split('\n').slice(-60).join('\n')}`;
  }
}

/** The service that runs the processes, by who holds the lock on them; undefined while nobody does. */
export async function leaderOf(services: readonly Service[], admin: Database): Promise<Service | undefined> {
  const { rows } = await admin.query<{ port: number }>(
    `SELECT a.client_port AS port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended($1, 0)`,
    [RUNNER_LOCK],
  );
  const ports = rows.map(({ port }) => port);
  return services.find(service => portsOf(service.pid).some(port => ports.includes(port)));
}

/** Ends the sessions of a process, as a network that drops a silent peer does. */
export async function cutSessions(admin: Database, { pid }: Service): Promise<void> {
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = ANY ($1)', [portsOf(pid)]);
}

/** The local ports of a process's TCP connections. */
function portsOf(pid: number): number[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('lsof', ['-nP', '-a', '-p', String(pid), '-iTCP', '-sTCP:ESTABLISHED', '-Fn'], { encoding: 'utf8' }).split(
      '\n',
    );
    return lines.flatMap(line => Number(/:(\d+)->/.exec(line)?.[1] ?? []));
  }
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map(fd => linkOf(`/proc/${pid}/fd/${fd}`)));
  return ['tcp', 'tcp6']
    .flatMap(table => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1))
    .flatMap(line => {
      const [, local = '', , , , , , , , inode = ''] = line.trim().split(/\s+/);
      return sockets.has(`socket:[${inode}]`) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
    });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
