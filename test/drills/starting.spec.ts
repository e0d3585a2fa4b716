// Guarded in every run by journeys/program, http/config.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { Database } from '../../src/database/database.js';
import { Children, postgresOf, processesOn, type ChildService } from '../support/child-service.js';
import { startTestDatabase } from '../support/postgres.js';
import { eventually } from '../support/world.js';

/*
 * The built service, asked to stop while it starts, refused, or started in a strange place:
 * it ends in time, nothing of it runs on, and the next start finds nothing in its way.
 */

const children = new Children();
afterAll(() => children.end());

async function expectItEnds(service: ChildService): Promise<void> {
  expect(await service.terminate()).toEqual({ code: 0, signal: null, stdout: expect.anything(), stderr: '' });
  expect(processesOn(service.dataDir)).toEqual([]);
}

async function expectItStarts(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const service = await children.start(env, { dataDir });
  // As it was built, it finds the files that stand beside it.
  expect((await service.ask('/flights')).text).toContain('<div id="root">');
  expect((await service.ask('/docs/swagger-ui-bundle.js')).status).toBe(200);
  await expectItEnds(service);
}

(process.platform === 'linux' ? describe : describe.skip)('asked to stop', () => {
  it('while the database is made', async () => {
    const service = await children.spawn();
    await eventually(
      'initdb runs',
      () => readdirSync(service.dataDir),
      names => names.includes('postgres.new'),
    );
    await expectItEnds(service);
    expect(readdirSync(service.dataDir).filter(name => name === 'postgres' || name.endsWith('.new') || name.endsWith('.initdb'))).toEqual(
      [],
    );
    await expectItStarts(service.dataDir);
  });

  it('while another process migrates the database', async () => {
    const database = await startTestDatabase();
    const owner = Database.open({ url: database.ownerUrl, applicationName: 'spec', max: 1 });
    const other = await owner.session(() => undefined);
    await other.query('SELECT pg_advisory_lock(1667330917, 2)');
    const waiting = async (): Promise<number> =>
      (await other.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'caseledger-migrate'"))
        .rowCount;
    const service = await children.spawn({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
    await eventually('it waits for its turn', waiting, count => count === 1);
    await expectItEnds(service);
    await eventually('nothing of it waits at the server', waiting, count => count === 0);
    await other.close();
    await owner.close();
    await database.stop();
  });

  it('while the server that a killed process left does not come up', async () => {
    const killed = await children.start();
    const { dataDir } = killed;
    await killed.kill();
    const server = postgresOf(dataDir) as number;
    process.kill(server, 'SIGSTOP');
    const next = await children.spawn({}, { dataDir });
    // It has the lock that all starts take.
    await eventually(
      'it looks for the server',
      () => readdirSync(`/proc/${next.pid}/fd`).length > 20 && processesOn(dataDir).includes(server),
    );
    await expectItEnds(next);
    await expectItStarts(dataDir);
  });
});

(process.platform === 'linux' ? describe : describe.skip)('refused', () => {
  let taken: Server;
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => {
      taken.once('listening', resolve);
    });
  });
  afterAll(
    () =>
      new Promise(resolve => {
        taken.close(resolve);
      }),
  );

  it('leaves no PostgreSQL running, whatever came too late', async () => {
    const { port } = taken.address() as AddressInfo;
    const late = [await children.spawn({}, { port }), await children.spawn({ EVENT_STORE_URL: 'esdb://127.0.0.1:1?tls=false' })];
    const ended = await Promise.all(late.map(service => service.ended));
    expect(ended.map(({ code, stderr }) => [code, /^(PORT|EVENT_STORE_URL) [^\n]*\n$/.test(stderr)])).toEqual([
      [1, true],
      [1, true],
    ]);
    for (const { dataDir } of late) {
      expect(readFileSync(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8')).toMatch(/^\d+\n$/);
      expect(processesOn(dataDir)).toEqual([]);
    }
  });
});

it('starts in a folder whose name a shell would read otherwise', async () => {
  const dataDir = join(children.folder(), `it's "the" $HOME of \`id\` \\ it`);
  await expectItStarts(dataDir);
});

it('obeys none of the variables that the shell has for other PostgreSQL servers', async () => {
  await expectItStarts(children.folder(), {
    PGHOST: 'nowhere.invalid',
    PGPORT: '1',
    PGUSER: 'nobody',
    PGPASSWORD: 'wrong',
    PGDATABASE: 'none',
    PGDATA: '/nowhere',
    PGSSLMODE: 'require',
    PGSSLNEGOTIATION: 'direct',
    PGOPTIONS: '-c default_transaction_read_only=on',
    PGCLIENTENCODING: 'LATIN1',
    PGREPLICATION: 'database',
  });
});
