import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { causeIn } from '../../src/database/new-cluster.js';
import { isRunning as runs } from '../../src/database/os-process.js';
import { DataDirError } from '../../src/database/server-user.js';
import { valueOf } from '../support/value-of.js';

/* The server that comes with the packages, where one process uses it; several of them are for a drill: embedded-postgres. */

const isRoot = process.getuid?.() === 0;
const SOMEBODY = 54_321;

it('names why PostgreSQL does not start, not what it told those who asked meanwhile', () => {
  const log = [
    '2020-03-16 00:59:55.720 UTC [10212] FATAL:  the database system is not yet accepting connections',
    '2020-03-16 00:59:55.753 UTC [10210] FATAL:  could not write to file "pg_wal/xlogtemp.10210": No space left on device',
    '2020-03-16 00:59:55.763 UTC [10204] LOG:  database system is shut down',
  ];
  expect(causeIn(log.join('\n'))).toBe(log[1]);
});

describe('the embedded PostgreSQL', () => {
  let root: string;
  let dataDir: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'caseledger-embedded-'));
    await chmod(root, 0o755);
    dataDir = join(root, 'data');
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('starts, keeps what it is told, and leaves no process when it is closed', async () => {
    const first = await EmbeddedPostgres.open(dataDir);
    const { pid } = first;
    expect(first.startedHere).toBe(true);
    expect(await valueOf(first.ownerUrl, 'CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)').catch(() => 'made')).toBe('made');
    await first.close();
    expect(runs(pid)).toBe(false);

    const second = await EmbeddedPostgres.open(dataDir);
    expect(await valueOf(second.ownerUrl, 'SELECT value FROM kept')).toBe(7);
    await second.close();
    expect(runs(second.pid)).toBe(false);
  });

  it('is safe and private: fsync, checksums, UTF-8, loopback only, passwords that only its user reads', async () => {
    const server = await EmbeddedPostgres.open(dataDir);
    const setting = (name: string) => valueOf<string>(server.ownerUrl, `SELECT current_setting('${name}') AS value`);
    expect(await setting('fsync')).toBe('on');
    expect(await setting('data_checksums')).toBe('on');
    expect(await setting('server_encoding')).toBe('UTF8');
    expect(await setting('listen_addresses')).toBe('127.0.0.1');
    expect(await valueOf(server.ownerUrl, 'SELECT datlocale AS value FROM pg_database WHERE datname = current_database()')).toBe('C.UTF-8');
    expect((await stat(join(dataDir, 'postgres-passwords.json'))).mode & 0o777).toBe(0o600);
    await expect(valueOf(server.ownerUrl.replace(/:[^:@]*@/, ':wrong@'), 'SELECT 1 AS value')).rejects.toMatchObject({ code: '28P01' });
    expect(await valueOf(server.serviceUrl, 'SELECT rolsuper AS value FROM pg_roles WHERE rolname = current_user')).toBe(false);
    if (isRoot) {
      const { uid } = await stat(`/proc/${server.pid}`);
      expect(uid).not.toBe(0);
      expect((await stat(join(dataDir, 'postgres'))).uid).toBe(uid);
      expect((await stat(dataDir)).mode & 0o777).toBe(0o710);
    }
    await server.close();
  });

  it("is reached by a socket that is its user's alone, and asks for the password there too", async () => {
    const directory = join(dataDir, 'postgres-socket');
    await mkdir(directory, { recursive: true });
    // What a killed server left, whose process id is another program's now.
    for (const left of ['.s.PGSQL.1', '.s.PGSQL.1.lock']) await writeFile(join(directory, left), `${process.pid}\n`);
    const server = await EmbeddedPostgres.open(dataDir);
    for (const url of [server.ownerUrl, server.serviceUrl]) {
      expect(await valueOf(url, 'SELECT inet_client_addr() AS value')).toBeNull();
      await expect(valueOf(url.replace(/:[^:@]*@/, ':wrong@'), 'SELECT 1 AS value')).rejects.toMatchObject({ code: '28P01' });
      expect(await valueOf(url.replace(/\?.*/, ''), 'SELECT host(inet_client_addr()) AS value')).toBe('127.0.0.1');
    }
    const { port } = new URL(server.serviceUrl);
    expect((await readdir(directory)).sort()).toEqual([`.s.PGSQL.${port}`, `.s.PGSQL.${port}.lock`]);
    for (const [path, mode] of [
      [directory, 0o700],
      [join(directory, `.s.PGSQL.${port}`), 0o700],
    ] as const) {
      const { mode: seen, uid } = await stat(path);
      expect([seen & 0o777, uid]).toEqual([mode, (await stat(join(dataDir, 'postgres'))).uid]);
    }
    await server.close();
  });

  it('is reached over TCP alone where DATA_DIR is too long for the address of a socket', async () => {
    const long = join(root, 'l'.repeat(100), 'data');
    await mkdir(join(root, 'l'.repeat(100)), { mode: 0o755 });
    const server = await EmbeddedPostgres.open(long);
    expect(await valueOf(server.serviceUrl, 'SELECT host(inet_client_addr()) AS value')).toBe('127.0.0.1');
    await server.close();
  });

  (isRoot ? it : it.skip)('is reached over TCP alone where its user cannot reach the place of the socket', async () => {
    const [owned, moved] = [join(root, 'owned'), join(root, 'moved')];
    await (await EmbeddedPostgres.open(owned)).close();
    await rename(join(owned, 'postgres'), moved);
    await symlink(moved, join(owned, 'postgres'));
    await chown(owned, SOMEBODY, SOMEBODY);
    await chmod(owned, 0o700);
    const server = await EmbeddedPostgres.open(owned);
    expect(await valueOf(server.serviceUrl, 'SELECT host(inet_client_addr()) AS value')).toBe('127.0.0.1');
    await server.close();
  });

  it('names DATA_DIR when it is a file', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    for (const place of [file, join(file, 'below')]) {
      const failure = await EmbeddedPostgres.open(place).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DataDirError);
      expect((failure as Error).message).toBe(`DATA_DIR=${place}: is not a directory`);
    }
  });
});
