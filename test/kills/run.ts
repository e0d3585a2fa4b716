import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { Draw } from '../model/draw.js';
import { Children } from '../support/child-service.js';
import { FaultyServer } from '../support/database-faults.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { overTcp } from '../support/postgres.js';
import { done, eventually, MARK, type World } from '../support/world.js';
import { Crew } from './crew.js';
import { EventStoreServer } from './event-store-server.js';
import { kills, passing, type Fault, type Scene } from './faults.js';
import { Journeys, passTime, prepare, suspendAndReinstate } from './journeys.js';
import { mustBeWhole, mustHoldOnce, mustKeepSafeguards, mustNotBeOutrun, readLog } from './log.js';
import { Wrong } from './record.js';
import { Service } from './services.js';
import { cli, mustEqual, mustHaveAnswered, rowsOfReadModels } from './standing.js';

/*
 * Two services, PostgreSQL and, where one is named, an event store are killed in rotation under whole journeys:
 * `npm run test:kills`, with SEED, KILLS and CLIENTS; KILLS_EVENT_STORE_URL names an empty event store, and KILLS_EVENT_STORE_START
 * the command that runs its server in the foreground. Exit code 1 and the first thing that is wrong, or what was counted.
 */

const CLOCK = '2020-06-01T15:00:00Z';
const READY_WITHIN_MS = 120_000;
/** Between two faults. */
const ACKNOWLEDGED = 40;

const { env } = process;
const seed = Number(env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(env['KILLS'] ?? 50);
const clients = Number(env['CLIENTS'] ?? 6);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const children = new Children();
const services: Service[] = [];
const endings: (() => Promise<unknown>)[] = [() => children.end()];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));

async function end(): Promise<void> {
  for (let next = endings.pop(); next; next = endings.pop())
    await next().catch((error: unknown) => say(`while ending: ${(error as Error).message}`));
}

async function run(): Promise<void> {
  say(`seed ${seed}, ${count} kills, ${clients} clients`);
  const draw = new Draw(seed);
  const postgres = await OwnPostgres.start();
  endings.unshift(() => postgres.stop());
  const faulty = FaultyServer.of({ ownerUrl: postgres.ownerUrl, serviceUrl: postgres.url, close: async () => undefined });
  endings.push(() => faulty.stop());
  const { KILLS_EVENT_STORE_URL: url, KILLS_EVENT_STORE_START: start } = env;
  if (Boolean(url) !== Boolean(start)) throw new Wrong('KILLS_EVENT_STORE_URL and KILLS_EVENT_STORE_START are given together');
  const eventStore = url && start ? await EventStoreServer.start(url, start) : undefined;
  if (eventStore) endings.unshift(() => eventStore.kill());
  const settings = {
    // Who holds a lock is told by the port of its connection.
    DATABASE_URL: overTcp(postgres.url).href,
    MIGRATION_DATABASE_URL: overTcp(postgres.ownerUrl).href,
    CLOCK: `simulated:${CLOCK}`,
    ...(eventStore && { EVENT_STORE_URL: eventStore.url }),
  };
  const dataDir = children.folder();
  for (const name of ['A', 'B']) services.push(await Service.start(name, children, settings, dataDir));

  const crew = new Crew(services, draw, CLOCK);
  const world = await crew.world();
  await prepare(world, CLOCK);
  const scene: Scene = {
    services,
    postgres,
    faulty,
    eventStore,
    crew,
    draw,
    say,
    protects: async service => orderHolds(await crew.world([service])),
  };
  const worlds = await Promise.all(Array.from({ length: clients + 1 }, () => crew.world()));
  const people = worlds.map((each, index) => {
    const own = new Draw(seed + 1 + index);
    return index === clients ? suspendAndReinstate(crew, each, own) : new Journeys(crew, each, own, index).goOn();
  });
  const working = Promise.all([...people, passTime(crew, new Draw(seed))]);
  working.catch((error: Error) => {
    crew.records.wrong ??= new Wrong(error.message);
  });
  for (const [number, fault] of plan(scene).entries()) await strike(scene, fault, number + 1);
  crew.working = false;
  await working;
  if (crew.records.wrong) throw crew.records.wrong;
  await judge(scene, world, { ...settings, DATA_DIR: dataDir });
}

/** As many kills as asked for, and what passes by itself spread between them. */
function plan(scene: Scene): Fault[] {
  const wanted = ({ name }: Fault): boolean => new RegExp(env['ONLY'] ?? '').test(name);
  const [killing, between] = [kills(scene).filter(wanted), passing(scene).filter(wanted)];
  if (killing.length === 0) return Array.from({ length: count }, (_, index) => between[index % between.length] as Fault);
  const every = Math.max(1, Math.floor(count / (between.length + 1)));
  return Array.from({ length: count }, (_, index) => [
    killing[index % killing.length] as Fault,
    ...((index + 1) % every === 0 && between[(index + 1) / every - 1] ? [between[(index + 1) / every - 1] as Fault] : []),
  ]).flat();
}

/** One fault; afterwards both services are ready again, and people get on. */
async function strike({ services, crew, draw }: Scene, { name, happen }: Fault, number: number): Promise<void> {
  const { records } = crew;
  await sleep(draw.below(1_500));
  const before = records.acknowledged;
  await happen();
  const ended = performance.now();
  await until(crew, `all services are ready after: ${name}`, async () =>
    (await Promise.all(services.map(service => service.unready()))).find(Boolean),
  );
  const ready = performance.now();
  const goal = records.acknowledged + ACKNOWLEDGED;
  await until(crew, `people get on after: ${name}`, async () =>
    records.acknowledged < goal ? `${records.acknowledged} of ${goal} commands` : undefined,
  );
  say(
    `${String(number).padStart(4)}  ${name}: ready after ${seconds(ready - ended)}; ${records.acknowledged - before} commands ` +
      `meanwhile, ${records.acknowledged} in all, ${records.journeys} people have arrived`,
  );
}

/** @param lacking what is not so yet */
async function until({ records }: Pick<Crew, 'records'>, what: string, lacking: () => Promise<string | undefined>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (let left = await lacking(); left !== undefined; left = await lacking()) {
    if (records.wrong) throw records.wrong;
    if (performance.now() > deadline) throw new Wrong(`${what}: not within ${seconds(READY_WITHIN_MS)}; ${left}`);
    await sleep(100);
  }
}

/** An order for somebody who has just come: how long until the hold stands. */
async function orderHolds(world: World): Promise<number> {
  const { supervisor } = world.staff;
  const begun = performance.now();
  const caseId = await world.open();
  done(await supervisor.post('hold-orders', { kind: 'court-order', reference: `${MARK} order`, caseIds: [caseId] }));
  await eventually(
    'the hold stands',
    () => supervisor.get(`/v1/cases/${caseId}`),
    ({ body }) => JSON.stringify(body['holds'] ?? '').includes('court-order'),
    READY_WITHIN_MS,
  );
  return performance.now() - begun;
}

/** What stands when all have gone home. @throws Wrong */
async function judge({ postgres, crew, eventStore }: Scene, world: World, settings: Readonly<Record<string, string>>): Promise<void> {
  const { records } = crew;
  // Moved to where it stands: all that is due is answered then.
  done(await world.staff.admin.put('/v1/clock', { now: crew.now }));
  const owner = Database.open({ url: postgres.ownerUrl, applicationName: 'kills', max: 2 });
  endings.push(() => owner.close());
  const log = await readLog(owner, eventStore?.url);
  mustBeWhole(log);
  mustHoldOnce(log, records);
  const { acknowledged, refused, unanswered, unavailable, journeys, safeguards, commands } = records;
  say(
    `${commands.length} commands: ${acknowledged} acknowledged; refused: ${inWords(refused)}; no answer ${unanswered} times; told ` +
      `to come again: ${inWords(unavailable)}`,
  );
  say(`ok      ${log.length} events: every acknowledged command once, none twice; ${journeys} people have arrived`);
  mustNotBeOutrun(log, records);
  const model = mustKeepSafeguards(log, crew.now);
  say(`ok      no safeguard is outrun: ${safeguards.length} were acknowledged; ${model.crossed} decisions crossed another`);
  say(`ok      processes have answered everything, and wait with ${await mustHaveAnswered(owner, model, crew.now)} timers`);
  const shown = await rowsOfReadModels(owner);
  await cli(settings, 'rebuild', 'all');
  say(`ok      ${mustEqual(shown, await rowsOfReadModels(owner))} rows of read models equal a rebuild`);
  const diagnosis = await cli(settings, 'doctor');
  say(`ok      the doctor finds nothing: ${diagnosis.length} lines`);
}

const inWords = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([code, times]) => `${code} ${times}`).join(', ') || 'never';

const begun = performance.now();
try {
  await run();
  say(`all is well after ${seconds(performance.now() - begun)} (seed ${seed})`);
} catch (error) {
  say(`WRONG   ${error instanceof Wrong ? error.message : (error as Error).stack} (seed ${seed})`);
  for (const service of services) say(await service.lastWords());
  process.exitCode = 1;
} finally {
  await end();
  // People who still wait for an answer keep nobody.
  process.exit();
}
