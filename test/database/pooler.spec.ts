import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config-error.js';
import { Database } from '../../src/database/database.js';
import { requireUsable } from '../../src/database/database-requirements.js';
import { overTcp, startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

const PGBOUNCER = ['pgbouncer', '/usr/sbin/pgbouncer'].find(path => spawnSync(path, ['--version']).status === 0);
const TIMEOUTS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

(PGBOUNCER === undefined ? describe.skip : describe)('PgBouncer, where it is installed', () => {
  let test: TestDatabase;
  let pooler: ChildProcess | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));

  beforeAll(async () => {
    test = await startTestDatabase();
    const owner = Database.open({ url: test.ownerUrl, applicationName: 'spec', max: 1 });
    for (const timeout of TIMEOUTS) await owner.query(`ALTER DATABASE ${new URL(test.url).pathname.slice(1)} SET ${timeout} = '30s'`);
    await owner.close();
  });
  afterEach(async () => {
    const ended =
      pooler &&
      new Promise(resolve => {
        pooler?.once('exit', resolve);
      });
    pooler?.kill('SIGINT');
    await ended;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await test.stop();
  });

  async function through(mode: string, ignored: readonly string[]): Promise<string> {
    const server = new URL(test.url);
    const [name, user, password] = [server.pathname.slice(1), decodeURIComponent(server.username), decodeURIComponent(server.password)];
    const port = await freePort();
    const settings = join(folder, `${mode}.ini`);
    writeFileSync(
      settings,
      `[databases]
${name} = host=${server.hostname} port=${server.port} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 5
ignore_startup_parameters = ${ignored.join(', ')}
`,
    );
    chmodSync(folder, 0o755);
    pooler = spawn(PGBOUNCER ?? '', ['-q', ...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), settings], { stdio: 'ignore' });
    const url = overTcp(test.url);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    await eventually('the pooler answers', async () => {
      const database = Database.open({ url: url.href, applicationName: 'spec', max: 1 });
      try {
        await database.query('SELECT 1');
        return true;
      } catch (error) {
        return /startup parameter/.test(String(error));
      } finally {
        await database.close();
      }
    });
    return url.href;
  }

  it('is refused by name in transaction mode', async () => {
    const url = await through('transaction', ['extra_float_digits', 'options', ...TIMEOUTS]);
    await expect(requireUsable(url, 'DATABASE_URL')).rejects.toThrow(
      new ConfigError([
        'DATABASE_URL leads through a connection pooler in transaction mode, which breaks the locks of a session: name the ' +
          'PostgreSQL server itself, or pool sessions',
      ]),
    );
  });

  it('works in session mode, with the timeouts given otherwise', async () => {
    const url = await through('session', ['extra_float_digits', 'options', ...TIMEOUTS]);
    expect(await requireUsable(url, 'DATABASE_URL')).toBe(decodeURIComponent(new URL(test.url).username));
  });

  it('is refused where it takes no startup parameters, with what it says', async () => {
    const url = await through('session', ['extra_float_digits']);
    await expect(requireUsable(url, 'DATABASE_URL')).rejects.toThrow(
      /^DATABASE_URL leads through a connection pooler that says ".*startup parameter/,
    );
  });
});

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
