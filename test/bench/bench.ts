import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { issueLocalToken } from '../../src/http/authentication.js';
import { measureAppending, type Appending } from './appending.js';
import type { OverEventStoreDb } from './event-store.js';
import type { Follow, Followed } from './following.js';
import { findingRows, measureFinding } from './finding.js';
import { type FirstLoad, firstLoadRow, measureFirstLoad } from './first-load.js';
import { growthRows, measureGrowth } from './growth.js';
import { History } from './history.js';
import { longCase, type LongCase } from './long-case.js';
import { fastStore, openLedger } from './ledger.js';
import type { Answered, Load } from './load.js';
import { loggingRows, measureLogging } from './logging.js';
import { measureRecording, recordingRow, type Recording } from './recording.js';
import { measureReplaying, replayRows } from './replaying.js';
import { Resources } from './resources.js';
import { inProcessOfItsOwn, proportionalMb, residentMb, startService, type RunningService } from './service.js';
import { measureSuspending, suspendRow } from './suspending.js';
import { perSecond, tableOf, times, type Row } from './table.js';
import { unsealingRow } from './unsealing.js';

const CONNECTIONS = 64;
const LONG_CASES = 300;
const LONG = 200;
const HISTORY = 200_000;
const SUSPENDED = Number(process.env['BENCH_SUSPENDED'] ?? 6_000);
const NOTES = 100_000;
const ENTRIES = Number(process.env['BENCH_ENTRIES'] ?? 1_000_000);
const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 100_000);
const SIZES = (process.env['BENCH_SIZES'] ?? '10000,100000,1000000').split(',').map(Number);
const AT_REST_S = 5;
/** A server to measure on; what is written there stays there. */
const EVENT_STORE_URL = process.env['BENCH_EVENT_STORE_URL'];

const resources = new Resources();
const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
/** `npm run bench -- eventstoredb`: only what is measured over a server, and its like on PostgreSQL. */
async function measureEventStoreDb(): Promise<Row[]> {
  if (!EVENT_STORE_URL) throw new Error('BENCH_EVENT_STORE_URL is not set');
  say('commands over HTTP …');
  const here = await openingOver();
  return [openingRow(await openingOverEventStoreDb(EVENT_STORE_URL), here), ...(await overEventStoreDb(EVENT_STORE_URL))];
}

async function measureAll(): Promise<Row[]> {
  if (!EVENT_STORE_URL) say('EventStoreDB: skipped, BENCH_EVENT_STORE_URL is not set');
  // First what waits for single commits: the disk is slower for a while after the gigabytes that the others write.
  const dataDir = resources.folder();
  say('commands over HTTP …');
  const commands = await commandsOverHttp(dataDir);
  const overIt = EVENT_STORE_URL ? [openingRow(await openingOverEventStoreDb(EVENT_STORE_URL), commands.opening)] : [];
  say('starting again …');
  const start = await secondStart(dataDir);
  say('appending through the port …');
  const appending = await appendingAlone();
  say('recording who reads …');
  const recording = await recordingAlone();
  say(`suspending an agreement with ${SUSPENDED} cases …`);
  const suspended = await measureSuspending(SUSPENDED, resources.folder(), resources, say);
  say(`catching up with ${HISTORY} events …`);
  const followed = await catchingUp();
  say(`the same at ${SIZES.join(', ')} events …`);
  const grown = await measureGrowth(SIZES, resources, say);
  say(`searches and lists of ${PEOPLE} people …`);
  const found = await measureFinding(PEOPLE, resources.folder(), resources, say);
  say(`one case of ${NOTES} notes …`);
  const long = await longCase(NOTES, resources);
  say('what an auditor asks of a long case …');
  const replayed = await measureReplaying(resources);
  say(`the log of ${ENTRIES} events …`);
  const logged = await measureLogging(ENTRIES, resources);
  return [
    appendRow(appending),
    recordingRow(recording),
    await unsealingRow(),
    ...commandRows(commands, appending),
    suspendRow(suspended),
    followRow(followed),
    ...growthRows(grown),
    ...findingRows(found),
    longCaseRow(long),
    ...replayRows(replayed),
    ...loggingRows(logged),
    startRow(start),
    firstLoadRow(start.firstLoad),
    ...overIt,
    ...(EVENT_STORE_URL ? await overEventStoreDb(EVENT_STORE_URL) : []),
  ];
}

/** The same as on PostgreSQL, a little later. */
function openingOverEventStoreDb(url: string): Promise<Answered> {
  say('commands over HTTP, events in EventStoreDB …');
  return openingOver(url);
}

async function openingOver(url?: string): Promise<Answered> {
  const dataDir = resources.folder();
  const service = await startService(dataDir, url);
  resources.add(() => service.stop());
  const opening = await load(service, { tokens: await tokensOf(dataDir), caseIds: [] });
  await service.stop();
  return opening;
}

async function overEventStoreDb(url: string): Promise<Row[]> {
  say('append and catch-up through EventStoreDB …');
  return eventStoreDbRows(
    await inProcessOfItsOwn<OverEventStoreDb>('./event-store.ts', { url }, child => resources.add(() => void child.kill())),
  );
}

async function appendingAlone(): Promise<Appending> {
  const ledger = await openLedger(resources.folder(), resources);
  const measured = await measureAppending(ledger);
  await ledger.close();
  return measured;
}

async function recordingAlone(): Promise<Recording> {
  const ledger = await openLedger(resources.folder(), resources);
  const measured = await measureRecording(ledger);
  await ledger.close();
  return measured;
}

interface Commands {
  readonly opening: Answered;
  readonly noting: Answered;
}

async function commandsOverHttp(dataDir: string): Promise<Commands> {
  const ledger = await openLedger(dataDir, resources);
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  const tokens = await tokensOf(dataDir);
  const opening = await load(service, { tokens, caseIds: [] });
  const store = fastStore(ledger);
  const caseIds = await new History(store, ledger.keys).writeLong(LONG_CASES, LONG);
  await store.close();
  await caughtUp(ledger.database);
  const noting = await load(service, { tokens, caseIds });
  await caughtUp(ledger.database);
  await ledger.close();
  await service.stop();
  return { opening, noting };
}

function tokensOf(dataDir: string): Promise<string[]> {
  const config = readConfig({ DATA_DIR: dataDir });
  return Promise.all(
    Array.from({ length: 16 }, (_, one) => issueLocalToken(config, { sub: `cw-${one}`, roles: ['caseworker'], office: 'ELP' })),
  );
}

/** What was written before is still on its way to the disk, and would be waited for by what is measured next. */
const settle = (): void => {
  execFileSync('sync');
};

async function load({ port }: RunningService, what: Pick<Load, 'tokens' | 'caseIds'>): Promise<Answered> {
  const asked: Load = { port, connections: CONNECTIONS, warmUpSeconds: 4, windowSeconds: 3, windows: 3, ...what };
  settle();
  const answered = await inProcessOfItsOwn<Answered>('./load.ts', asked, child => resources.add(() => void child.kill()));
  if (answered.failed > 0) throw new Error(`${answered.failed} commands failed, at last with ${answered.failure}`);
  say(
    `${perSecond(answered.rate)}, p50 ${answered.p50.toFixed(0)} ms, p99 ${answered.p99.toFixed(0)} ms; the load itself took ` +
      `${answered.ownCpu.toFixed(2)} of a core`,
  );
  return answered;
}

/** Until every read model stands at the newest event: what is left over would slow down what is measured next. */
async function caughtUp(database: Awaited<ReturnType<typeof openLedger>>['database']): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(100)) {
    const { rows } = await database.query<{ behind: boolean }>(
      "SELECT bool_or(position < lpad((SELECT max(position) FROM ledger.events)::text, 19, '0')) AS behind FROM ledger.read_models",
    );
    if (!rows[0]?.behind) return;
  }
  throw new Error('the read models do not catch up');
}

interface Start {
  readonly readyMs: number;
  readonly serviceMb: number;
  readonly databaseMb: number;
  readonly firstLoad: FirstLoad;
}

/** On the data of the rows before, the embedded server included. */
async function secondStart(dataDir: string): Promise<Start> {
  const service = await startService(dataDir);
  resources.add(() => service.stop());
  await sleep(AT_REST_S * 1000);
  const serviceMb = residentMb(service.pid);
  const ledger = await openLedger(dataDir, resources);
  const databaseMb = proportionalMb(ledger.server.pid);
  await ledger.close();
  const firstLoad = await measureFirstLoad(`http://127.0.0.1:${service.port}`);
  await service.stop();
  return { readyMs: service.readyAfterMs, serviceMb, databaseMb, firstLoad };
}

async function catchingUp(): Promise<Followed> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  const store = fastStore(ledger);
  await new History(store, ledger.keys).write(HISTORY);
  await store.close();
  await ledger.database.query('ANALYZE ledger.events').catch(() => undefined);
  const follow: Follow = { dataDir, runsTogether: 3 };
  const followed = await inProcessOfItsOwn<Followed>('./following.ts', follow, child => resources.add(() => void child.kill()));
  await ledger.close();
  say(
    Object.entries(followed.alone)
      .map(([name, rate]) => `${name} alone ${perSecond(rate)}`)
      .join(', '),
  );
  return followed;
}

const appendRow = ({ grouped, alone }: Appending): Row => ({
  what: 'append through the port, 64 in flight, PostgreSQL',
  bar: '≥ 10k/s, ≥ 3 × one commit per append',
  figure: perSecond(grouped),
  ratio: `${times(grouped / alone)} one commit per append (${perSecond(alone)})`,
  met: grouped >= 10_000 && grouped >= 3 * alone,
});

const commandRows = ({ opening, noting }: Commands, { grouped }: Appending): Row[] => [
  {
    what: 'command over HTTP: a case opened, 64 connections, projectors running',
    bar: '≥ 2k/s, p99 < 60 ms, ≥ 0.12 × the bare append',
    figure: `${perSecond(opening.rate)}, p99 ${opening.p99.toFixed(0)} ms`,
    ratio: `${times(opening.rate / grouped)} the bare append`,
    met: opening.rate >= 2_000 && opening.p99 < 60 && opening.rate >= 0.12 * grouped,
  },
  {
    what: 'command on an existing case of 200 events: a note',
    bar: '≥ 0.7 × opening a case',
    figure: `${perSecond(noting.rate)}, p99 ${noting.p99.toFixed(0)} ms`,
    ratio: `${times(noting.rate / opening.rate)} opening a case`,
    met: noting.rate >= 0.7 * opening.rate,
  },
];

const openingRow = (there: Answered, here: Answered): Row => ({
  what: 'command over HTTP: a case opened, 64 connections, EventStoreDB',
  bar: '≥ 0.5 × PostgreSQL, p99 within 2 ×',
  figure: `${perSecond(there.rate)}, p50 ${there.p50.toFixed(0)} ms, p99 ${there.p99.toFixed(0)} ms`,
  ratio: `${times(there.rate / here.rate)} PostgreSQL (${perSecond(here.rate)}), p99 ${times(there.p99 / here.p99)}`,
  met: there.rate >= 0.5 * here.rate && there.p99 <= 2 * here.p99,
});

function followRow({ together, alone, reading }: Followed): Row {
  const [name, slowest] = Object.entries(alone).reduce((least, one) => (one[1] < least[1] ? one : least));
  return {
    what: 'catch-up of all read models together, and of each alone',
    bar: '≥ 28k events/s, ≥ 40k alone',
    figure: `${perSecond(together)}, slowest alone ${name} ${perSecond(slowest)}`,
    ratio: `${times(together / reading)} reading the store alone (${perSecond(reading)})`,
    met: together >= 28_000 && slowest >= 40_000,
  };
}

const eventStoreDbRows = (measured: OverEventStoreDb): Row[] =>
  (
    [
      ['append through the port, 64 in flight, EventStoreDB', measured.append],
      ['catch-up of $all through the port, EventStoreDB', measured.catchUp],
    ] as const
  ).map(([what, { adapter, bare }]) => ({
    what,
    bar: '≥ 0.8 × the bare client',
    figure: perSecond(adapter),
    ratio: `${times(adapter / bare)} the bare client (${perSecond(bare)})`,
    met: adapter >= 0.8 * bare,
  }));

const longCaseRow = ({ peakMb, caughtUpS, fileMs }: LongCase): Row => ({
  what: `projecting one case of ${NOTES} notes: resident at most`,
  bar: '< 500 MB',
  figure: `${peakMb.toFixed(0)} MB; in step after ${caughtUpS.toFixed(1)} s, its file answered in ${fileMs.toFixed(0)} ms`,
  ratio: `${times(peakMb / 500)} 500 MB`,
  met: peakMb < 500,
});

const startRow = ({ readyMs, serviceMb, databaseMb }: Start): Row => ({
  what: 'start, embedded, second time: ready; resident 5 s later',
  bar: '< 3 s, < 250 MB',
  figure: `${(readyMs / 1000).toFixed(2)} s, ${serviceMb.toFixed(0)} MB (service process)`,
  ratio: `${times(readyMs / 3_000)} 3 s, ${times(serviceMb / 250)} 250 MB; PostgreSQL beside it ${databaseMb.toFixed(0)} MB`,
  met: readyMs < 3_000 && serviceMb < 250,
});

try {
  const rows = await (process.argv.includes('eventstoredb') ? measureEventStoreDb() : measureAll());
  process.stdout.write(`${tableOf(rows)}\n`);
  await resources.giveBack();
} catch (error) {
  await resources.giveBack();
  say(`could not measure: ${(error as Error).message}`);
  process.exit(1);
}
