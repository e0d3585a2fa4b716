// Guarded in every run by database/embedded-postgres, journeys/program.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { FileLock } from '../../src/database/file-lock.js';
import { isRunning as runs } from '../../src/database/os-process.js';
import { DataDirError } from '../../src/database/server-user.js';
import { freePort } from '../support/child-service.js';
import { valueOf } from '../support/value-of.js';

interface Said {
  readonly pid: number;
  readonly startedHere: boolean;
  readonly error?: string;
  readonly message?: string;
  readonly ownerUrl?: string;
}

interface Other {
  readonly said: Promise<Said>;
  /** Ends it as a service ends: it leaves the server. */
  readonly leave: () => Promise<void>;
  readonly kill: () => Promise<void>;
}

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const LOADER = resolve('test/support/typescript.mjs');
const SCRIPT = resolve('test/support/use-embedded-postgres.ts');
const nobodyReachesUs =
  isRoot &&
  spawnSync(process.execPath, ['--version'], { uid: NOBODY, gid: NOBODY }).status === 0 &&
  spawnSync('/bin/sh', ['-c', `test -r ${SCRIPT}`], { uid: NOBODY, gid: NOBODY }).status === 0;

const CONTAINER = ['unshare', '--ipc', '--pid', '--fork', '--mount-proc', '--kill-child'];
const mayUnshare = spawnSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true']).status === 0;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('the embedded PostgreSQL', () => {
  let root: string;
  let dataDir: string;
  let others: ChildProcessWithoutNullStreams[];
  let template: string;

  // Made once; most tests begin with a copy of it, which is a DATA_DIR that was used before.
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'caseledger-embedded-'));
    const server = await EmbeddedPostgres.open(template);
    await server.close();
  });
  afterAll(() => rm(template, { recursive: true, force: true }));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'caseledger-embedded-'));
    await chmod(root, 0o755);
    dataDir = join(root, 'data');
    others = [];
  });
  afterEach(async () => {
    for (const child of others) child.kill('SIGKILL');
    // Stops what a killed process left.
    if (await stat(join(dataDir, 'postgres', 'postmaster.pid')).catch(() => undefined))
      await (await EmbeddedPostgres.open(dataDir)).close();
    await rm(root, { recursive: true, force: true });
  });

  function usedBefore(): void {
    spawnSync('cp', ['-a', template, dataDir]);
  }

  function another({ uid, within = [] }: { readonly uid?: number; readonly within?: readonly string[] } = {}): Other {
    const [command, ...args] = [...within, process.execPath, '--import', LOADER, SCRIPT, dataDir];
    const child = spawn(command, args, { uid, gid: uid });
    others.push(child);
    const ended = new Promise<void>(done => child.on('exit', () => done()));
    let output = '';
    const said = new Promise<Said>((done, fail) => {
      child.stdout.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('\n')) done(JSON.parse(output) as Said);
      });
      child.on('exit', () => fail(new Error('it ended without a word')));
    });
    return {
      said,
      leave: async () => {
        child.stdin.end();
        await ended;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  it('adopts the server that another process started, and leaves it to that process', async () => {
    usedBefore();
    const service = another();
    const { pid } = await service.said;
    const cli = await EmbeddedPostgres.open(dataDir);
    expect([cli.startedHere, cli.pid]).toEqual([false, pid]);
    await cli.close();
    expect(runs(pid)).toBe(true);
    await service.leave();
    expect(runs(pid)).toBe(false);
  });

  it('leaves a server that it started to a process that came meanwhile', async () => {
    usedBefore();
    const cli = await EmbeddedPostgres.open(dataDir);
    const service = another();
    expect(await service.said).toMatchObject({ startedHere: false, pid: cli.pid });
    await cli.close();
    expect(runs(cli.pid)).toBe(true);
    await service.leave();
    expect(runs(cli.pid)).toBe(false);
  });

  it('adopts the server that a killed process left, and stops it at its own end', async () => {
    usedBefore();
    const killed = another();
    const { pid } = await killed.said;
    await killed.kill();
    expect(runs(pid)).toBe(true);
    const next = await EmbeddedPostgres.open(dataDir);
    expect([next.startedHere, next.pid]).toEqual([false, pid]);
    await next.close();
    expect(runs(pid)).toBe(false);
  });

  it('starts once when several processes start at once', async () => {
    const all = [another(), another(), another()];
    const said = await Promise.all(all.map(process => process.said));
    expect(said.filter(({ startedHere }) => startedHere)).toHaveLength(1);
    expect(new Set(said.map(({ pid }) => pid)).size).toBe(1);
    await Promise.all(all.map(({ leave }) => leave()));
    expect(runs(said[0]!.pid)).toBe(false);
  });

  it('starts after a kill of the server and of the process that used it', async () => {
    usedBefore();
    const killed = another();
    const { pid } = await killed.said;
    await killed.kill();
    process.kill(pid, 'SIGKILL');
    await until(() => !runs(pid));
    const next = await EmbeddedPostgres.open(dataDir);
    expect(next.startedHere).toBe(true);
    expect(await valueOf(next.serviceUrl, 'SELECT 1 AS value')).toBe(1);
    await next.close();
  });

  describe("with the pid that it left being another program's now", () => {
    let program: ChildProcessWithoutNullStreams;
    let left: string;
    beforeEach(async () => {
      usedBefore();
      // Of the server's own user, as in a container where all run as one: PostgreSQL takes it for a server.
      const { uid, gid } = await stat(join(dataDir, 'postgres'));
      program = spawn('sleep', ['600'], { uid, gid });
      left = `${program.pid}\n${dataDir}/postgres\n1\n20001\n\n127.0.0.1\n`;
      await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), left);
    });
    afterEach(() => void program.kill());

    it('starts where the lock shows that this server is gone', async () => {
      await writeFile(join(dataDir, 'postgres-server.lock'), `${program.pid} 1`);
      const next = await EmbeddedPostgres.open(dataDir);
      expect(next.startedHere).toBe(true);
      await next.close();
    });

    it('is refused by PostgreSQL where nothing shows it, and postmaster.pid stays', async () => {
      await writeFile(join(dataDir, 'postgres-server.lock'), `${program.pid} 2`);
      await expect(EmbeddedPostgres.open(dataDir)).rejects.toThrow(
        new DataDirError(
          dataDir,
          `postgres/postmaster.pid names process ${program.pid}, which runs; remove that file only if no PostgreSQL runs on it`,
        ),
      );
      expect(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).toBe(left);
      await rm(join(dataDir, 'postgres', 'postmaster.pid'));
    });
  });

  it('starts anew, under the lock, a server that an older version left without one', async () => {
    usedBefore();
    const postgres = join(dataDir, 'postgres');
    const { uid, gid } = await stat(postgres);
    const { postgres: program } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string };
    const port = await freePort();
    const old = spawn(program, ['-D', postgres, '-c', 'unix_socket_directories=', '-c', `port=${port}`], { uid, gid });
    while (!(await readFile(join(postgres, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')) await sleep(20);
    const next = await EmbeddedPostgres.open(dataDir);
    expect([runs(old.pid!), runs(next.pid)]).toEqual([false, true]);
    expect(new URL(next.serviceUrl).port).toBe(String(port));
    expect(await FileLock.isHeld(join(dataDir, 'postgres-server.lock'))).toBe(true);
    await next.close();
  });

  (mayUnshare ? describe : describe.skip)('beside a process in another container, which sees none of its processes', () => {
    const inContainer = (): Other => another({ within: CONTAINER });
    const refused = async (): Promise<void> => {
      const { error, message } = await inContainer().said;
      expect([error, message?.split(';')[0]]).toEqual([
        'DataDirError',
        `DATA_DIR=${dataDir}: is in use by a service in another container or on another machine`,
      ]);
      expect(message).not.toContain('\n');
    };

    it('refuses it while it is used, while it was left behind, and keeps what it holds', async () => {
      usedBefore();
      const service = another();
      const { pid, ownerUrl } = await service.said;
      await valueOf(ownerUrl!, 'CREATE TABLE kept (value int)').catch(() => undefined);
      await refused();
      await valueOf(ownerUrl!, 'INSERT INTO kept VALUES (7) RETURNING value');
      await service.kill();
      await refused();
      expect(runs(pid)).toBe(true);
      const next = await EmbeddedPostgres.open(dataDir);
      expect([next.startedHere, next.pid]).toEqual([false, pid]);
      await refused();
      await next.close();
      const later = await EmbeddedPostgres.open(dataDir);
      expect(await valueOf(later.ownerUrl, 'SELECT value FROM kept')).toBe(7);
      await later.close();
    });

    it('refuses it while the server is dead and its user about to start it again', async () => {
      usedBefore();
      const service = another();
      const { pid } = await service.said;
      others[0]!.kill('SIGSTOP');
      process.kill(pid, 'SIGKILL');
      await until(() => !runs(pid));
      await refused();
      others[0]!.kill('SIGCONT');
      await service.leave();
    });

    it('gives way to it when nobody uses it any more, and is refused itself then', async () => {
      usedBefore();
      await (await EmbeddedPostgres.open(dataDir)).close();
      const other = inContainer();
      expect(await other.said).toMatchObject({ startedHere: true });
      await expect(EmbeddedPostgres.open(dataDir)).rejects.toThrow(DataDirError);
      await other.leave();
      await (await EmbeddedPostgres.open(dataDir)).close();
    });
  });

  it('runs again, at the same place, after it was killed while it was used', async () => {
    usedBefore();
    const lines: string[] = [];
    const server = await EmbeddedPostgres.open(dataDir, { log: line => lines.push(line) });
    const { pid, serviceUrl } = server;
    process.kill(pid, 'SIGKILL');
    await until(() => server.pid !== pid);
    expect(server.serviceUrl).toBe(serviceUrl);
    expect(await valueOf(serviceUrl, 'SELECT 1 AS value')).toBe(1);
    expect(lines).toEqual(['the embedded PostgreSQL had died and runs again']);
    await server.close();
    expect(runs(server.pid)).toBe(false);
  });

  it('runs again with its socket after an older version, which makes none, had started it again', async () => {
    usedBefore();
    const server = await EmbeddedPostgres.open(dataDir);
    const { pid, serviceUrl } = server;
    expect(await valueOf(serviceUrl, 'SELECT inet_client_addr() AS value')).toBeNull();
    const starting = await FileLock.open(join(dataDir, 'postgres-start.lock'));
    const running = await FileLock.open(join(dataDir, 'postgres-server.lock'));
    await starting.waitAlone(10_000);
    process.kill(pid, 'SIGKILL');
    await running.waitAlone(10_000);
    const postgres = join(dataDir, 'postgres');
    const { uid, gid } = await stat(postgres);
    const { postgres: program } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as { postgres: string };
    const args = ['-D', postgres, '-c', 'unix_socket_directories=', '-c', `port=${new URL(serviceUrl).port}`];
    const old = spawn(program, args, { uid, gid, stdio: ['ignore', 'ignore', 'ignore', running.fd] });
    while (!(await readFile(join(postgres, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')) await sleep(20);
    await running.close();
    await starting.close();
    await until(() => server.pid !== pid);
    expect([runs(old.pid!), server.serviceUrl]).toEqual([false, serviceUrl]);
    expect(await valueOf(serviceUrl, 'SELECT inet_client_addr() AS value')).toBeNull();
    await server.close();
  });

  it('names DATA_DIR when the passwords of its database are gone', async () => {
    usedBefore();
    const file = join(dataDir, 'postgres-passwords.json');
    const kept = await readFile(file);
    await rm(file);
    await expect(EmbeddedPostgres.open(dataDir)).rejects.toThrow(DataDirError);
    await writeFile(file, kept);
  });

  (isRoot ? describe : describe.skip)('started by root', () => {
    it('names DATA_DIR in one line when that user cannot reach it', async () => {
      await chmod(root, 0o700);
      const failure = await EmbeddedPostgres.open(dataDir).catch((error: unknown) => error as Error);
      expect(failure).toBeInstanceOf(DataDirError);
      expect((failure as Error).message).toMatch(new RegExp(`^DATA_DIR=${dataDir}: .*cannot reach it[^\n]*$`));
    });
  });

  (nobodyReachesUs ? describe : describe.skip)('started by an ordinary user', () => {
    it('runs as that user', async () => {
      await chmod(root, 0o777);
      const service = another({ uid: NOBODY });
      const { pid } = await service.said;
      expect((await stat(`/proc/${pid}`)).uid).toBe(NOBODY);
      await service.leave();
      expect(runs(pid)).toBe(false);
    });

    it('names DATA_DIR in one line when it cannot be written', async () => {
      await mkdir(dataDir, { mode: 0o755 });
      expect(await another({ uid: NOBODY }).said).toEqual({
        error: 'DataDirError',
        message: `DATA_DIR=${dataDir}: cannot be written (EACCES)`,
      });
    });

    it('names DATA_DIR in one line when it cannot be made', async () => {
      expect(await another({ uid: NOBODY }).said).toEqual({
        error: 'DataDirError',
        message: `DATA_DIR=${dataDir}: cannot be written (EACCES)`,
      });
    });
  });
});
