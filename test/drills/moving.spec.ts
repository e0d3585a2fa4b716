// Guarded in every run by event-store/copy-events.
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { toPosition } from '../../src/event-store/eventstoredb/positions.js';
import { PROBED } from '../../src/event-store/eventstoredb/writing-probe.js';
import { copyStore } from '../../src/operating/copy-store.js';
import { Children, type ChildService, worldOf } from '../support/child-service.js';
import { type Command, Commands, type Said } from '../support/commands.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, type File, type Json, type World } from '../support/world.js';

/*
 * An office that began on the embedded store grows onto EventStoreDB, and comes back: the copy is killed in the middle, and
 * afterwards everything goes on as if nothing had happened.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const KILLED_AFTER = 20;

let database: TestDatabase;
let admin: Database;
let server: StandIn;
const children = new Children();
let dataDir: string;
let service: ChildService;
let world: World;
const commands = new Commands();
let waiting: string;
let flown: string;
let files: File[];
let hash: string;

const env = (): Record<string, string> => ({
  CLOCK: `simulated:${CLOCK}`,
  DATABASE_URL: database.url,
  MIGRATION_DATABASE_URL: database.ownerUrl,
});
const target = (): string => `esdb://${server.address}?tls=false`;

beforeAll(async () => {
  [database, server] = await Promise.all([startTestDatabase(), StandIn.start()]);
  admin = Database.open({ url: database.url, applicationName: 'spec-moving', max: 1 });
  dataDir = children.folder();
});
afterAll(async () => {
  commands.end();
  await children.end();
  await server.kill();
  await admin.close();
  await database.stop();
});

const command = (args: readonly string[], settings: Readonly<Record<string, string>> = {}): Command =>
  commands.run(args, { DATA_DIR: dataDir, ...env(), ...settings });
const copy = (from: string, to: string, settings?: Readonly<Record<string, string>>): Promise<Said> =>
  command(['copy-events', '--from', from, '--to', to], settings).said;

async function start(settings: Readonly<Record<string, string>> = {}, now = CLOCK): Promise<void> {
  service = await children.start({ ...env(), ...settings }, { dataDir });
  world = await worldOf((...who) => service.person(...who), now);
}

/** Events that are no access records, by type. */
async function facts(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { type } of [...(await world.events(waiting)), ...(await world.events(flown))]) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
const showFiles = (): Promise<File[]> => Promise.all([waiting, flown].map(caseId => world.file(caseId)));
const ours = (): number => server.log.all.filter(({ stream }) => !stream.startsWith('$') && stream !== PROBED).length;
/** Without what was noted of who looked. */
const decided = (): number => server.log.all.filter(({ stream }) => !/^(?:\$|access-)/.test(stream) && stream !== PROBED).length;
async function followed(): Promise<readonly string[]> {
  const { rows } = await admin.query<{ id: string }>(
    'SELECT store_id AS id FROM ledger.processes UNION SELECT store_id FROM ledger.read_models',
  );
  return rows.map(({ id }) => id);
}

/** Positions that are kept somewhere and are none of the store's. */
async function strange(known: readonly string[]): Promise<readonly object[]> {
  const { rows: schemas } = await admin.query<{ schema: string }>(
    "SELECT table_schema AS schema FROM information_schema.columns WHERE table_name = 'as_of' AND column_name = 'position'",
  );
  expect(schemas.length).toBeGreaterThan(3);
  const kept = ['process_inbox', 'process_timers', 'processes', 'read_models']
    .map(table => `ledger.${table}`)
    .concat(schemas.map(({ schema }) => `${schema}.as_of`));
  const { rows } = await admin.query(
    `SELECT * FROM (${kept.map(table => `SELECT '${table}' AS table, position FROM ${table}`).join(' UNION ALL ')}) AS kept WHERE ` +
      `position <> ALL ($1)`,
    [known],
  );
  return rows;
}
const positionsThere = (): string[] =>
  server.log.all.map(({ position }) => toPosition({ commit: BigInt(position), prepare: BigInt(position) }));
async function positionsHere(): Promise<string[]> {
  const { rows } = await admin.query<{ position: string }>("SELECT lpad(position::text, 19, '0') AS position FROM ledger.events");
  return rows.map(({ position }) => position);
}

it('an office works on the embedded store: one transfer awaits its reply, one person has arrived', async () => {
  await start();
  await world.begin(CLOCK);
  [waiting, flown] = [await world.caseAt('requested'), await world.caseAt('transferred')];
  files = await showFiles();
  expect(files.map(({ status }) => status)).toEqual(['transfer-requested', 'transferred']);
});

it('is not copied while a service runs, nor from a place that is none', async () => {
  const { code, stdout, stderr } = await copy('embedded', target());
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^[^\n]* running on this database[^\n]*stop it first\n$/),
  });
  const config = readConfig({ DATA_DIR: dataDir, ...env() });
  const told: (readonly [from: string, to: string, says: RegExp])[] = [
    ['embedded', 'embedded', /both in PostgreSQL.*backup and restore/],
    ['mysql://x', target(), /^--from must be/],
    [target(), 'postgres://elsewhere', /^DATABASE_URL names another database/],
    ['embedded', `${target()}&tsl=true`, /^--to has an option that is not known/],
    [target(), target(), /the same event store/],
    [target(), target().replace('esdb', 'kurrentdb'), /^--to .*kurrentdb:\/\/ speaks to both servers/],
  ];
  for (const [from, to, says] of told)
    await expect(copyStore(config, { from, to, begin: () => ({ add: () => {}, end: () => {} }), report: () => {} })).rejects.toThrow(says);
  expect(ours()).toBe(0);
});

it('is killed while it copies, goes on when it is called again, and a third time there is nothing left to do', async () => {
  expect((await service.terminate()).code).toBe(0);
  const { child, said } = command(['copy-events', '--from', 'embedded', '--to', target()]);
  // Held between two appends, so that it cannot be over before it is killed.
  const held = new Promise<void>(resolve => {
    server.log.on('appended', () => {
      if (ours() < KILLED_AFTER) return;
      server.faults.freeze();
      resolve();
    });
  });
  await held;
  child.kill('SIGKILL');
  expect((await said).code).toBeNull();
  server.log.removeAllListeners('appended');
  server.faults.thaw();
  const partly = ours();
  const {
    rows: [source],
  } = await admin.query<{ events: number }>('SELECT count(*) AS events FROM ledger.events');
  expect(partly).toBeLessThan(source!.events);
  const embeddedId = (await followed())[0];
  expect(await followed()).toHaveLength(1);

  const again = await copy('embedded', target());
  expect(again).toMatchObject({ code: 0, stderr: '' });
  hash = /SHA-256 ([0-9a-f]{64})/.exec(again.stdout)?.[1] ?? '';
  expect(again.stdout).toMatch(`both hold ${source!.events} events`);
  expect(again.stdout).toMatch(/[1-9]\d* read models and [1-9]\d* processes moved/);
  expect(ours()).toBe(source!.events);
  expect(await followed()).toEqual([expect.not.stringMatching(embeddedId!)]);

  expect(await strange(positionsThere())).toEqual([]);

  const third = await copy('embedded', target());
  expect(third.stdout).toContain(hash);
  expect(third.stdout).toContain('0 read models and 0 processes moved');
  expect(ours()).toBe(source!.events);
});

it('the service goes on there: the same files, nothing done twice, and timers run down once', async () => {
  const done = decided();
  await start({ EVENT_STORE_URL: target() }, world.now);
  const token = await world.host.calm();
  expect(await showFiles()).toEqual(files);
  const counted = await facts();
  expect(decided()).toBe(done);
  const report = await world.read(world.staff.reporting, '/v1/reports/outcomes', { token });
  expect(report['total']).toMatchObject({ requested: 2, transferred: 1, lapsed: 0 });
  // The reply is due within 14 days, follow-ups after 3, 30 and 90.
  await world.pass({ days: 31 });
  expect(await facts()).toEqual({ ...counted, TransferRequestLapsed: 1, FollowUpOverdue: 2 });
  expect((await world.file(waiting)).status).toBe('amenable');
  expect((await world.read(world.staff.reporting, '/v1/reports/outcomes'))['total']).toMatchObject({
    requested: 2,
    transferred: 1,
    lapsed: 1,
  });
  files = await showFiles();
});

it('the doctor says when somebody has limited a stream there', async () => {
  await eventually(
    'everything is in step',
    () => command(['doctor'], { EVENT_STORE_URL: target() }).said,
    ({ code, stdout }) => code === 0 && stdout.includes('ok      streams: neither limits nor deletions'),
  );
  server.log.setMetadata(`case-${flown}`, { $maxCount: 1_000 });
  const { code, stdout } = await command(['doctor'], { EVENT_STORE_URL: target() }).said;
  expect(code).toBe(1);
  expect(stdout.split('\n').filter(line => line.startsWith('not ok'))).toEqual([
    expect.stringContaining(`streams: case-${flown} is limited by $maxCount 1000`),
  ]);
  server.log.setMetadata(`case-${flown}`, {});
});

it('a service is not started without the new store, and goes on where it was with it', async () => {
  expect((await service.terminate()).code).toBe(0);
  const { code, stderr } = await (await children.spawn(env(), { dataDir })).ended;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^EVENT_STORE_URL: the event store here is \S+, but \S+ follows \S+: name that one, or move everything here with copy-events\n$/,
    ),
  });
  await start({ EVENT_STORE_URL: target() }, world.now);
  expect(await showFiles()).toEqual(files);
  expect((await service.terminate()).code).toBe(0);
});

it('does not go to another database, which has none of the keys', async () => {
  const other = await startTestDatabase();
  try {
    const { code, stderr } = await copy(target(), other.url, { DATABASE_URL: '', MIGRATION_DATABASE_URL: other.ownerUrl });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/data keys that this database does not hold/) });
    const elsewhere = Database.open({ url: other.url, applicationName: 'spec-moving', max: 1 });
    expect((await elsewhere.query('SELECT 1 FROM ledger.events')).rows).toEqual([]);
    await elsewhere.close();
  } finally {
    await other.stop();
  }
});

it('comes back to where it began: what was added meanwhile is taken over, and the last timer runs down once', async () => {
  const back = await copy(target(), 'embedded');
  expect(back).toMatchObject({ code: 0, stderr: '' });
  const [, events, sum] = /both hold (\d+) events.*SHA-256 ([0-9a-f]{64})/.exec(back.stdout) ?? [];
  expect(Number(events)).toBe(ours());
  expect(sum).not.toBe(hash);
  expect(await strange(await positionsHere())).toEqual([]);
  await start({}, world.now);
  expect(await showFiles()).toEqual(files);
  const counted = await facts();
  await world.pass({ days: 60 });
  expect(await facts()).toEqual({ ...counted, FollowUpOverdue: 3 });
  const health = done(await world.staff.admin.get('/health/ready'), 200).body as {
    info: { processes: { processes: { failed: number; pending: number; refused: number }[] } };
  };
  for (const process of health.info.processes.processes) expect(process).toMatchObject({ failed: 0, pending: 0, refused: 0 });
  await eventually(
    'the figures are those of the events',
    () => world.read(world.staff.reporting, '/v1/reports/outcomes'),
    seen => (seen['total'] as Json)['lapsed'] === 1,
  );
});
