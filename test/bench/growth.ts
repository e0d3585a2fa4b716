import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Database } from '../../src/database/database.js';
import type { Role } from '../../src/http/roles.js';
import { Caller, tokenOf } from './asking.js';
import { openLedger, untilInStep } from './ledger.js';
import { measureRebuilding, type Rebuilt } from './rebuilding.js';
import type { Resources } from './resources.js';
import { commandOf, inProcessOfItsOwn, startService, type RunningService } from './service.js';
import type { Kept, Pace } from './steady.js';
import { medianOf, perSecond, times, type Row, type Say } from './table.js';

const TURNS = 15;
const BAR_MS = 50;
const NOTED = 1_000;
const IN_FLIGHT = 32;
/** Of what `cli load --offline` invents. */
const EVENTS_A_CASE = 16.6;
const PACE = { perSecond: 500, warmUpSeconds: 4, seconds: 10 };
const PACE_BAR_MS = 15;
const REBUILD_BAR = { seconds: 60, mb: 500 };

/** What has to be answered as fast however many events there are. */
const ASKED: Readonly<Record<string, readonly [role: Role, path: string]>> = {
  outcomes: ['reporting', '/v1/reports/outcomes?by=month'],
  screening: ['reporting', '/v1/reports/screening'],
  safeguards: ['reporting', '/v1/reports/safeguards'],
  workload: ['reporting', '/v1/reports/workload'],
  'hold= without a match': ['caseworker', '/v1/cases?hold=court-order'],
  'country=': ['caseworker', '/v1/cases?country=GT'],
  'country= and a hold without a match': ['caseworker', '/v1/cases?country=GT&hold=court-order'],
};

interface Size {
  readonly events: number;
  /** Medians in milliseconds. */
  readonly medians: Readonly<Record<string, number>>;
  /** At a steady pace, one case after the other by id, and the first page of a caseload. */
  readonly files: Kept;
  readonly pages: Kept;
  /** Notes a second to cases that nobody used before. */
  readonly noting: number;
  /** Of all that the database grew by, indexes and read models included. */
  readonly bytesAnEvent: number;
  /** Of the stored event of a page of fifty that was shown, as it lies in the table. */
  readonly bytesAnAccessRecord: number;
  readonly rebuilt: Rebuilt;
}

/** The same at several sizes, each a service and a database of its own. */
export async function measureGrowth(sizes: readonly number[], resources: Resources, say: Say): Promise<Row[]> {
  const measured: Size[] = [];
  for (const size of sizes) {
    const one = await measureAt(Math.round(size / EVENTS_A_CASE), resources);
    say(JSON.stringify(one));
    measured.push(one);
  }
  return growthRows(measured);
}

async function measureAt(cases: number, resources: Resources): Promise<Size> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const { database } = ledger;
  const empty = await bytesOf(database);
  await invent(cases, dataDir);
  const { rows: counted } = await database.query<{ events: number }>('SELECT count(*) AS events FROM ledger.events');
  const events = counted[0]?.events ?? 0;
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await untilInStep(database);
  const bytes = (await bytesOf(database)) - empty;
  const callers = new Map<Role, Caller>();
  for (const role of ['reporting', 'caseworker'] as const) callers.set(role, await Caller.of(service, dataDir, role));
  const medians: Record<string, number> = {};
  for (const [name, [role, path]] of Object.entries(ASKED))
    medians[name] = await medianOf(TURNS, () => (callers.get(role) as Caller).ask(path), 1);
  // Of the office that the caller is from.
  const { rows } = await database.query<{ id: string }>(
    `SELECT substr(stream, 6) AS id FROM ledger.events WHERE type = 'CaseOpened' AND data->>'office' = 'ELP'
     ORDER BY random() LIMIT ${2 * NOTED}`,
  );
  const ids = rows.map(({ id }) => id);
  const noting = await note(callers.get('caseworker') as Caller, ids.splice(0, ids.length / 2));
  const token = await tokenOf(dataDir, 'caseworker');
  const keep = (paths: readonly string[]): Promise<Kept> => keepPace(service, { token, paths, ...PACE }, resources);
  const files = await keep(ids.map(id => `/v1/cases/${id}`));
  const pages = await keep(['/v1/cases?limit=50']);
  const { rows: records } = await database.query<{ bytes: number }>(
    `SELECT avg(pg_column_size(e.*))::float8 AS bytes FROM ledger.events e WHERE type = 'CasesListed' AND data->>'cases' <> ''`,
  );
  const rebuilt = await measureRebuilding(service, dataDir);
  await ledger.close();
  await service.stop();
  return {
    events,
    medians,
    files,
    pages,
    noting,
    bytesAnEvent: bytes / events,
    bytesAnAccessRecord: records[0]?.bytes ?? Number.NaN,
    rebuilt,
  };
}

/** As the operator's command does it, straight into the store. */
async function invent(cases: number, dataDir: string): Promise<void> {
  const child = spawn(process.execPath, [...commandOf('cli'), 'load', '--offline', '--cases', String(cases), '--seed', '1'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`load --offline ended with ${code}`);
}

/** Notes a second, one to each of the cases. */
async function note(caller: Caller, caseIds: readonly string[]): Promise<number> {
  const left = [...caseIds];
  const begun = performance.now();
  const one = async (): Promise<void> => {
    for (let id = left.pop(); id; id = left.pop()) await caller.ask(`/v1/cases/${id}/add-note`, { text: 'Called the shelter.' });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return (caseIds.length * 1_000) / (performance.now() - begun);
}

const keepPace = ({ port }: RunningService, pace: Omit<Pace, 'port'>, resources: Resources): Promise<Kept> =>
  inProcessOfItsOwn<Kept>('./steady.ts', { port, ...pace }, child => resources.add(() => void child.kill()));

async function bytesOf(database: Database): Promise<number> {
  return (await database.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes')).rows[0]?.bytes ?? Number.NaN;
}

function growthRows(sizes: readonly Size[]): Row[] {
  const [least, most] = [sizes[0], sizes.at(-1)];
  if (!least || !most) return [];
  const each = (of: (size: Size) => string): string => sizes.map(of).join(' → ');
  const slowed = (of: (size: Size) => number): number => of(most) / of(least);
  const at = `at ${each(({ events }) => `${Math.round(events / 1_000)}k`)} events`;
  return [
    ...Object.keys(ASKED).map(name => ({
      what: `${name}, ${at}`,
      bar: `< ${BAR_MS} ms`,
      figure: `${each(({ medians }) => (medians[name] ?? Number.NaN).toFixed(1))} ms`,
      ratio: `${times((most.medians[name] ?? Number.NaN) / (least.medians[name] ?? Number.NaN))} the smallest`,
      met: sizes.every(({ medians }) => (medians[name] ?? Infinity) < BAR_MS),
    })),
    ...(
      [
        ['case file by id', ({ files }) => files],
        ['caseload page', ({ pages }) => pages],
      ] as const satisfies readonly (readonly [string, (size: Size) => Kept])[]
    ).map(([what, of]) => ({
      what: `${what} at ${PACE.perSecond} requests a second, ${at}`,
      bar: `p99 < ${PACE_BAR_MS} ms, ≤ 1.2 × the smallest`,
      figure: `p99 ${each(size => of(size).p99.toFixed(1))} ms, p50 ${each(size => of(size).p50.toFixed(1))} ms`,
      ratio: `p99 ${times(slowed(size => of(size).p99))} the smallest, p50 ${times(slowed(size => of(size).p50))}`,
      met: of(most).p99 < PACE_BAR_MS && slowed(size => of(size).p99) <= 1.2,
    })),
    rebuildRow(sizes, at),
    {
      what: `a note to a case that nobody used before, ${at}`,
      bar: '≥ 0.8 × the smallest',
      figure: each(({ noting }) => perSecond(noting)),
      ratio: `${times(slowed(({ noting }) => noting))} the smallest`,
      met: most.noting >= 0.8 * least.noting,
    },
    {
      what: `bytes of the database an event, ${at}`,
      bar: '≤ 2,400',
      figure: each(({ bytesAnEvent }) => bytesAnEvent.toFixed(0)),
      ratio: `${times(most.bytesAnEvent / 2_400)} 2,400`,
      met: most.bytesAnEvent <= 2_400,
    },
    {
      what: `bytes of the record that a page was shown, ${at}`,
      bar: '≤ 1,900',
      figure: each(({ bytesAnAccessRecord }) => bytesAnAccessRecord.toFixed(0)),
      ratio: `${times(most.bytesAnAccessRecord / 1_900)} 1,900`,
      met: most.bytesAnAccessRecord <= 1_900,
    },
  ];
}

function rebuildRow(sizes: readonly Size[], at: string): Row {
  const each = (of: (rebuilt: Rebuilt) => string): string => sizes.map(({ rebuilt }) => of(rebuilt)).join(' → ');
  const { events, rebuilt } = sizes.at(-1) as Size;
  const answers = `p99 ${each(({ p99 }) => p99.toFixed(0))} ms, ${each(({ failed }) => String(failed))} without an answer`;
  return {
    what: `rebuild of every read model beside a service that is asked, ${at}`,
    bar: `< ${REBUILD_BAR.seconds} s, < ${REBUILD_BAR.mb} MB, all answered`,
    figure: `${each(({ seconds }) => seconds.toFixed(1))} s, ${each(({ peakMb }) => peakMb.toFixed(0))} MB; meanwhile ${answers}`,
    ratio: `${times(rebuilt.seconds / REBUILD_BAR.seconds)} ${REBUILD_BAR.seconds} s; ${perSecond(events / rebuilt.seconds)} events`,
    met: rebuilt.seconds < REBUILD_BAR.seconds && rebuilt.peakMb < REBUILD_BAR.mb && sizes.every(({ rebuilt: { failed } }) => failed === 0),
  };
}
