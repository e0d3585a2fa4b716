// Guarded in every run by operating/doctor.
import { Database } from '../../src/database/database.js';
import { EventStore, StoreUnavailable, type StoredEvent } from '../../src/event-store/event-store.js';
import { examine } from '../../src/operating/doctor.js';
import { TriggerExaminer } from '../../src/operating/examine-triggers.js';
import { Followers } from '../../src/operating/followers.js';
import { Processes } from '../../src/reacting/process.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { planted, type Fault } from '../support/planted.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { World } from '../support/world.js';

/* What processes have to answer, and what they have noted, comes of stored events; what does not is named. */

const HOLDS = 'when-agreement-suspended-hold-cases';
let database: TestDatabase;
let owner: Database;
let service: Caseledger;
let started: StoredEvent;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  const world = await World.in(service);
  const caseId = await world.caseAt('requested');
  await service.settled();
  // Nobody answers what is planted.
  await service.app.get(Followers).stop();
  for await (const batch of service.app.get(EventStore).readStream(`case-${caseId}`))
    started = batch.find(({ type }) => type === 'ScreeningStarted') ?? started;
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
});

interface Seen {
  readonly lines: readonly string[];
  readonly rows: number;
}
const look = async (): Promise<Seen> => {
  const { app } = service;
  const examiner = new TriggerExaminer({ database: app.get(Database), store: app.get(EventStore), processes: app.get(Processes) });
  try {
    await examiner.begin();
    for await (const batch of app.get(EventStore).readAll({ limit: 7 })) await examiner.see(batch);
    return await examiner.findings();
  } finally {
    await examiner.close();
  }
};
const plant = (table: string, ...faults: readonly Fault[]): Promise<Seen> => planted(owner, [`ledger.${table}`], faults, look);
const linesOf = async (table: string, ...faults: readonly Fault[]): Promise<readonly string[]> => (await plant(table, ...faults)).lines;

/** A row of the inbox, of the event unless it is told otherwise. */
const waiting = (otherwise: Readonly<Record<string, unknown>> = {}): Fault => {
  const { position, id, stream, revision, type } = started;
  const row = { process: HOLDS, position, trigger_id: id, stream, revision, type, timer: '', ...otherwise };
  return {
    text: `INSERT INTO ledger.process_inbox (${Object.keys(row).join(', ')}) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: Object.values(row),
  };
};
const has = (says: string): string => `${started.stream} at revision ${started.revision}: ${says}`;

it('finds nothing where each has its event, whether it waits, failed or was noted', async () => {
  const { rows } = await owner.query<{ noted: number }>('SELECT count(*) AS noted FROM ledger.process_lists');
  const noted = rows[0]?.noted ?? 0;
  expect(noted).toBeGreaterThan(0);
  const well = (rows: number): Seen => ({ lines: [], rows });
  expect(await look()).toEqual(well(noted));
  expect(await plant('process_inbox', waiting(), waiting({ timer: 'takes-effect' }))).toEqual(well(noted + 2));
  expect(await plant('process_inbox', waiting(), "UPDATE ledger.process_inbox SET state = 'failed'")).toEqual(well(noted + 1));
  // Of earlier versions, which kept what was answered, and did not say on which event they noted something.
  const answered = waiting({ position: '0000000000000000001' });
  expect(await plant('process_inbox', answered, "UPDATE ledger.process_inbox SET state = 'done'")).toEqual(well(noted));
  expect(await plant('process_lists', "UPDATE ledger.process_lists SET since = ''")).toEqual(well(0));
});

it.each([
  [{ position: '' }, 'none stands there'],
  [{ position: '0000000000009999999' }, 'none stands there'],
  [{ type: 'AgreementSuspended' }, undefined],
  [{ trigger_id: '11111111-1111-4111-8111-111111111111' }, undefined],
] as const)('names what waits to be answered where %j', async (otherwise, reason) => {
  const { position, type, stream, revision } = started;
  const stands = reason ?? `at ${position} stands ${type}, ${stream} at revision ${revision}`;
  expect(await linesOf('process_inbox', waiting(otherwise))).toContain(has(`${HOLDS} has it to answer, but ${stands}`));
});

it('names what waits for a process that does not answer it, or waits for no time', async () => {
  const other = 'when-reassignment-ordered-assign-cases';
  expect(await linesOf('process_inbox', waiting({ process: other }))).toContain(
    has(`${other} has it to answer, but ScreeningStarted is none that it answers`),
  );
  await owner.query("INSERT INTO ledger.processes SELECT 'when-forgotten', position, store_id FROM ledger.processes LIMIT 1");
  expect(await linesOf('process_inbox', waiting({ process: 'when-forgotten' }))).toContain(
    has('when-forgotten has it to answer, but this version of the service has no such process'),
  );
  await owner.query("DELETE FROM ledger.processes WHERE name = 'when-forgotten'");
  const { rows } = await owner.query<{ position: string; trigger_id: string; stream: string; revision: number; type: string }>(
    `SELECT position, id AS trigger_id, stream, revision, type FROM ledger.events WHERE type = 'CaseAssigned' LIMIT 1`,
  );
  const event = rows[0];
  const position = String(event?.position).padStart(19, '0');
  expect(await linesOf('process_inbox', waiting({ ...event, position, process: other, timer: 'tomorrow' }))).toContain(
    `${event?.stream} at revision ${event?.revision}: ${other} has it to answer, but it waits for no time`,
  );
});

it('names what was noted on an event that is not there, or that the process does not answer', async () => {
  const noted = (since: string) => `${HOLDS} has noted something in GT on the event at ${since}, but `;
  const at = `WHERE process = '${HOLDS}'`;
  const nowhere = '0000000000009999999';
  expect(await linesOf('process_lists', `UPDATE ledger.process_lists SET since = '${nowhere}' ${at}`)).toEqual([
    `${noted(nowhere)}none stands there`,
  ]);
  const { rows } = await owner.query<{ position: number }>("SELECT position FROM ledger.events WHERE type = 'AgreementSigned' LIMIT 1");
  const signed = String(rows[0]?.position).padStart(19, '0');
  expect(await linesOf('process_lists', `UPDATE ledger.process_lists SET since = '${signed}' ${at}`)).toContain(
    `${noted(signed)}AgreementSigned is none that it answers`,
  );
});

it('looks at more than fit a page', async () => {
  const many = `INSERT INTO ledger.process_lists (process, list, item, since) SELECT '${HOLDS}', 'GT', 'n' || n,
    CASE WHEN n = 1700 THEN '0000000000000000000' ELSE '${started.position}' END FROM generate_series(1, 2500) AS n`;
  expect(await linesOf('process_lists', many)).toEqual([
    `${HOLDS} has noted something in GT on the event at 0000000000000000000, but none stands there`,
  ]);
});

it('is told by the doctor', async () => {
  const { lines } = await planted(owner, ['ledger.process_inbox'], [waiting({ position: '0000000000000000000' })], () =>
    examine(service.app),
  );
  const faults = lines.filter(line => line.includes(' triggers: '));
  expect(faults).toEqual([
    `not ok  triggers: ${has(`${HOLDS} has it to answer, but none stands there`)}`,
    'ok      triggers: all others come of stored events',
  ]);
});

it('says nothing of what is missing where the events could not be read to their end', async () => {
  const store = service.app.get(EventStore);
  const { readAll } = store;
  store.readAll = async function* () {
    for await (const batch of readAll.call(store)) yield batch.slice(0, 5);
    throw new StoreUnavailable('it went away');
  };
  try {
    const { lines, healthy } = await examine(service.app);
    expect(healthy).toBe(false);
    expect(lines).toContain('not ok  events: it went away');
    expect(lines.filter(line => / (?:triggers|timers|log): /.test(line))).toEqual([]);
  } finally {
    store.readAll = readAll;
  }
});
