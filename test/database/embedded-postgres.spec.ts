import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { causeIn } from '../../src/database/new-cluster.js';
import { isRunning as runs } from '../../src/database/os-process.js';
import { DataDirError } from '../../src/database/server-user.js';
import { valueOf } from '../support/value-of.js';

/* The server that comes with the packages, where one process uses it; several of them are for a drill: embedded-postgres. */

const isRoot = process.getuid?.() === 0;

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
