// Guarded in every run by journeys/backup, event-store/copy-events.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { readConfig } from '../../src/config.js';
import { Database } from '../../src/database/database.js';
import { HalfRestored } from '../../src/database/half-restored.js';
import { compareStores } from '../../src/event-store/copy-events.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { toPosition } from '../../src/event-store/eventstoredb/positions.js';
import { backUp, type BackupOptions } from '../../src/operating/backup.js';
import { restore } from '../../src/operating/restore.js';
import { Children, type ChildService, worldOf } from '../support/child-service.js';
import { Commands } from '../support/commands.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, type File, type Json, MARK, type World } from '../support/world.js';

/*
 * Events in EventStoreDB, keys and processes in PostgreSQL, in one file: taken while the service works, killed, put into other
 * stores of either kind, killed there too, and gone on with as if nothing had happened.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const KILLED_AFTER = 20;
/** Several services and commands, one after the other. */
const LONG_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'caseledger-backup-elsewhere-'));
const [first, second, third] = ['first', 'second', 'third'].map(name => join(folder, `${name}.backup`)) as [string, string, string];
const children = new Children();
const commands = new Commands();
const databases: TestDatabase[] = [];
const servers: StandIn[] = [];
let dataDir: string;
let service: ChildService;
let world: World;
let source: Record<string, string>;
let target: Record<string, string>;
let waiting: string;
let flown: string;
let files: File[];
let counted: Readonly<Record<string, number>>;

beforeAll(async () => {
  dataDir = children.folder();
  source = await place('eventstoredb');
  target = await place('eventstoredb');
});
afterAll(async () => {
  commands.end();
  await children.end();
  await Promise.all([...servers.map(server => server.kill()), ...databases.map(database => database.stop())]);
  rmSync(folder, { recursive: true, force: true });
});

/** The settings of an empty database, with an empty event store beside it or within. */
async function place(kind: 'postgresql' | 'eventstoredb'): Promise<Record<string, string>> {
  const database = await startTestDatabase();
  databases.push(database);
  const settings = {
    DATA_DIR: dataDir,
    CLOCK: `simulated:${CLOCK}`,
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.ownerUrl,
  };
  if (kind === 'postgresql') return settings;
  const server = await StandIn.start();
  servers.push(server);
  return { ...settings, EVENT_STORE_URL: `esdb://${server.address}?tls=false` };
}
const serverOf = (settings: Readonly<Record<string, string>>): StandIn =>
  servers.find(({ address }) => settings['EVENT_STORE_URL']?.includes(address))!;
const ours = ({ log }: StandIn): typeof log.all => log.all.filter(({ stream }) => !stream.startsWith('$'));
const quiet: BackupOptions = { begin: () => ({ add: () => undefined, end: () => undefined }), report: () => undefined };

async function asOwner<T>(settings: Readonly<Record<string, string>>, work: (database: Database) => Promise<T>): Promise<T> {
  const database = Database.open({ url: settings['MIGRATION_DATABASE_URL']!, applicationName: 'spec', max: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function start(settings: Readonly<Record<string, string>>, now: string): Promise<void> {
  service = await children.start(settings, { dataDir });
  world = await worldOf((...who) => service.person(...who), now);
}
const stop = async (): Promise<void> => {
  expect((await service.terminate()).code).toBe(0);
};
const showFiles = (): Promise<File[]> => Promise.all([waiting, flown].map(caseId => world.file(caseId)));
/** Events of the two, by type. */
async function facts(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { type } of [...(await world.events(waiting)), ...(await world.events(flown))]) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/** Rows of a table in the file. */
const rowsIn = (file: string, table: string): Json[] =>
  gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter(line => line.startsWith(`${table}\t`))
    .map(line => JSON.parse(line.slice(table.length + 1)) as Json);

/** Holds a server as soon as it has so many of our events. */
const held = (server: StandIn): Promise<void> =>
  new Promise(resolve => {
    server.log.on('appended', () => {
      if (ours(server).length < KILLED_AFTER) return;
      server.faults.freeze();
      server.log.removeAllListeners('appended');
      resolve();
    });
  });

it(
  'is taken while the service works: no event lacks its key, and processes know no event that is not there',
  async () => {
    await start(source, CLOCK);
    await world.begin(CLOCK);
    [waiting, flown] = [await world.caseAt('requested'), await world.caseAt('transferred')];
    const over = new AbortController();
    const work = (async () => {
      while (!over.signal.aborted) done(await world.staff.worker.post(`cases/${await world.open()}/add-note`, { text: MARK }));
    })();
    await backUp(readConfig(source), first, quiet);
    over.abort();
    await work;
    expect(gunzipSync(readFileSync(first)).toString('utf8')).not.toContain(MARK);

    const events = rowsIn(first, 'events');
    const keys = new Set(rowsIn(first, 'data_keys').map(({ key_id: keyId }) => keyId));
    const sealed = events.filter(({ personal }) => personal !== null).map(({ metadata }) => (metadata as Json)['keyId']);
    expect(sealed.length).toBeGreaterThan(10);
    expect(sealed.filter(keyId => !keys.has(keyId))).toEqual([]);
    const last = events.at(-1)!['position'] as string;
    expect(rowsIn(first, 'processes').filter(({ triggered }) => (triggered as string) > last)).toEqual([]);
    expect(rowsIn(first, 'process_timers').length).toBeGreaterThan(0);
  },
  LONG_MS,
);

it(
  'reads what processes have to do before the events, and keys after them',
  async () => {
    await world.pass({ days: 0 });
    files = await showFiles();
    counted = await facts();
    await stop();
    const server = serverOf(source);
    await asOwner(source, async database => {
      const {
        rows: [key],
      } = await database.query<{ id: string }>(
        'INSERT INTO ledger.data_keys SELECT gen_random_uuid(), wrapped, wrapped_by FROM ledger.data_keys LIMIT 1 RETURNING key_id AS id',
      );
      const {
        rows: [timers],
      } = await database.query<{ count: number }>('SELECT count(*) FROM ledger.process_timers');
      await database.query('CREATE TABLE public.kept AS SELECT * FROM ledger.process_timers');
      // Meanwhile a process answers all, and somebody is erased.
      let meanwhile: Promise<unknown> | undefined;
      const add = (): void => {
        if (meanwhile) return;
        server.faults.freeze();
        meanwhile = (async () => {
          await database.query('DELETE FROM ledger.process_timers');
          await database.query('UPDATE ledger.data_keys SET wrapped = NULL, destroyed_at = now() WHERE key_id = $1', [key!.id]);
          server.faults.thaw();
        })();
      };
      await backUp(readConfig(source), second, { ...quiet, begin: () => ({ add, end: () => undefined }) });
      await meanwhile;
      expect(rowsIn(second, 'process_timers')).toHaveLength(timers!.count);
      expect(rowsIn(second, 'data_keys').find(({ key_id: keyId }) => keyId === key!.id)).toMatchObject({ wrapped: null });
      await database.query('INSERT INTO ledger.process_timers SELECT * FROM public.kept; DROP TABLE public.kept');
    });
  },
  LONG_MS,
);

it(
  'leaves nothing that looks whole where it is killed',
  async () => {
    const server = serverOf(source);
    server.faults.freeze();
    const { child, said } = commands.run(['backup', third], source);
    await sleep(3_000);
    child.kill('SIGKILL');
    expect((await said).code).toBeNull();
    server.faults.thaw();
    expect(readdirSync(folder).filter(name => name === 'third.backup')).toEqual([]);
    await backUp(readConfig(source), second, quiet);
  },
  LONG_MS,
);

it(
  'is not taken of a database whose events are elsewhere, nor put where there is something',
  async () => {
    const { EVENT_STORE_URL: _, ...without } = source;
    await expect(backUp(readConfig(without), third, quiet)).rejects.toThrow(
      /follows the event store \S+, not \S+, which EVENT_STORE_URL leads to/,
    );
    await expect(restore(readConfig({ ...target, EVENT_STORE_URL: source['EVENT_STORE_URL']! }), second, quiet)).rejects.toThrow(
      /the event store \S+ holds events: a backup is restored where/,
    );
    await expect(restore(readConfig({ ...source, EVENT_STORE_URL: target['EVENT_STORE_URL']! }), second, quiet)).rejects.toThrow(
      /follows the event store \S+, whose keys are in this database/,
    );
    await expect(restore(readConfig(without), second, quiet)).rejects.toThrow(/whose keys are in this database/);
    expect(readdirSync(folder).filter(name => name.startsWith('third'))).toEqual(
      readdirSync(folder).filter(name => name.endsWith('.part')),
    );
    expect(ours(serverOf(target))).toHaveLength(0);
  },
  LONG_MS,
);

it(
  'is killed while it is restored: no service starts on the half, and it is called again',
  async () => {
    const server = serverOf(target);
    const frozen = held(server);
    const { child, said } = commands.run(['restore', second], target);
    await frozen;
    child.kill('SIGKILL');
    expect((await said).code).toBeNull();
    server.faults.thaw();
    const halfway = ours(server).length;
    expect(halfway).toBeLessThan(ours(serverOf(source)).length);

    const refusal = {
      code: 1,
      stderr: expect.stringMatching(
        /^a restore that began here at \S+ is not finished[^\n]*call restore again with the same file[^\n]*\n$/,
      ),
    };
    const { EVENT_STORE_URL: _, ...without } = target;
    expect(await (await children.spawn(target, { dataDir })).ended).toMatchObject(refusal);
    for (const settings of [target, without]) await expect(backUp(readConfig(settings), third, quiet)).rejects.toThrow(HalfRestored);
    await expect(restore(readConfig(target), first, quiet)).rejects.toThrow(/holds events that are not of this backup/);
    expect(ours(server)).toHaveLength(halfway);

    await restore(readConfig(target), second, quiet);
    await holdTheSame(source, target);
    await knowsOnly(
      target,
      server.log.all.map(({ position }) => toPosition({ commit: BigInt(position), prepare: BigInt(position) })),
    );
    await expect(restore(readConfig(target), second, quiet)).rejects.toThrow(
      /holds events: a backup is restored where there is nothing yet/,
    );
  },
  LONG_MS,
);

it(
  'goes on there: the same files, nothing done twice, and timers run down once',
  async () => {
    await start(target, world.now);
    await world.host.calm();
    expect(await showFiles()).toEqual(files);
    expect(await facts()).toEqual(counted);
    await world.pass({ days: 31 });
    counted = { ...counted, TransferRequestLapsed: 1, FollowUpOverdue: 2 };
    expect(await facts()).toEqual(counted);
    files = await showFiles();
    await stop();
  },
  LONG_MS,
);

it(
  'goes into PostgreSQL, and from there into another event store, with the same events and timers',
  async () => {
    const [within, beside] = [await place('postgresql'), await place('eventstoredb')];
    await backUp(readConfig(target), third, quiet);
    await restore(readConfig(within), third, quiet);
    await asOwner(within, async database => {
      const { rows } = await database.query<{ position: string }>(`SELECT lpad(position::text, 19, '0') AS position FROM ledger.events`);
      await knowsOnly(
        within,
        rows.map(({ position }) => position),
      );
    });
    await holdTheSame(target, within);
    const fourth = join(folder, 'fourth.backup');
    await backUp(readConfig(within), fourth, quiet);
    await restore(readConfig(beside), fourth, quiet);
    await holdTheSame(target, beside);

    await start(beside, world.now);
    await world.host.calm();
    expect(await showFiles()).toEqual(files);
    expect(await facts()).toEqual(counted);
    await world.pass({ days: 60 });
    expect(await facts()).toEqual({ ...counted, FollowUpOverdue: 3 });
    await stop();
  },
  LONG_MS,
);

/** @throws StoresDiffer */
async function holdTheSame(here: Readonly<Record<string, string>>, there: Readonly<Record<string, string>>): Promise<void> {
  await asOwner(here, database =>
    asOwner(there, async other => {
      const stores = [
        await openEventStore(database, here['EVENT_STORE_URL'], () => undefined),
        await openEventStore(other, there['EVENT_STORE_URL'], () => undefined),
      ] as const;
      expect((await compareStores(...stores)).events).toBeGreaterThan(KILLED_AFTER);
      await Promise.all(stores.map(store => store.close()));
    }),
  );
}

/** Whatever processes have noted stands at an event of the store. */
async function knowsOnly(settings: Readonly<Record<string, string>>, positions: readonly string[]): Promise<void> {
  await asOwner(settings, async database => {
    const { rows } = await database.query(
      `SELECT * FROM (SELECT position FROM ledger.processes UNION ALL SELECT triggered FROM ledger.processes UNION ALL SELECT position
      FROM ledger.process_inbox
       UNION ALL SELECT position FROM ledger.process_timers UNION ALL SELECT since FROM ledger.process_lists) AS kept WHERE position <> ''
       AND position <> ALL ($1)`,
      [positions],
    );
    expect(rows).toEqual([]);
  });
}
