// Guarded in every run by operating/doctor.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { EventExaminer } from '../../src/operating/examine-events.js';
import { examine } from '../../src/operating/doctor.js';
import { Followers } from '../../src/operating/followers.js';
import { Repair } from '../../src/operating/repair.js';
import type { PersonalData } from '../../src/personal-data/personal-data.js';
import { Projections } from '../../src/projecting/projection.js';
import { StreamKinds } from '../../src/projecting/stream-kinds.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { InMemoryEventStore } from '../support/in-memory-event-store.js';
import { planted as plantedIn } from '../support/planted.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, World } from '../support/world.js';
import { plusDays } from '../../src/fields/time.js';
import { jarKind, added, opened } from '../projecting/support.js';

/* Each fault is planted in the tables of a service that runs, and found by stream, revision and reason. */

let database: TestDatabase;
let owner: Database;
let service: Caseledger;
let world: World;
let requested: string;
let accepted: string;
let arrived: string;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = Database.open({ url: database.ownerUrl, applicationName: 'spec owner', max: 1 });
  service = await startCaseledger({ DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl });
  world = await World.in(service);
  arrived = await world.caseAt('transferred');
  [requested, accepted] = [await world.caseAt('requested'), await world.caseAt('accepted')];
  await world.agree('GT', 'suspend', { from: plusDays(world.now, 7), scope: 'all', reasonCode: 'review' });
  await world.act(world.staff.worker, requested, 'add-note', { text: 'a note' });
  await world.act(world.staff.supervisor, accepted, 'place-hold', { kind: 'medical' });
  const { familyUnitId } = done(await world.staff.worker.post('families', {}), 201).body;
  done(await world.staff.worker.post(`families/${String(familyUnitId)}/add-member`, { caseId: accepted, relationshipCode: 'parent' }));
  await service.settled();
});
afterAll(async () => {
  await service.stop();
  await owner.close();
  await database.stop();
});

const faults = async (deep = false): Promise<readonly string[]> =>
  (await examine(service.app, { deep })).lines.filter(line => line.startsWith('not ok'));
const placeOf = async (caseId: string, type: string): Promise<string> => {
  const {
    rows: [row],
  } = await owner.query<{ revision: number }>('SELECT revision FROM ledger.events WHERE stream = $1 AND type = $2', [
    `case-${caseId}`,
    type,
  ]);
  return `case-${caseId} at revision ${row?.revision}`;
};
/** What is found once the statement has changed the table. */
const planted = (table: string, text: string, values: readonly unknown[] = [], deep = false): Promise<readonly string[]> =>
  plantedIn(owner, [table], [{ text, values }], () => faults(deep));

describe.each([
  ['by sample', false],
  ['all rows', true],
])('%s', (_, deep) => {
  it('finds nothing where all is well, and has looked at every read model', async () => {
    const passed: number[] = [];
    const { lines, healthy } = await examine(service.app, { deep, progress: events => passed.push(events) });
    expect(lines.filter(line => !line.startsWith('ok'))).toEqual([]);
    expect(healthy).toBe(true);
    const rows = deep ? 'all rows are what the events give' : 'sampled rows are what the events give';
    for (const { name } of service.app.get(Projections).all()) expect(lines).toContain(`ok      rows of ${name}: ${rows}`);
    expect(passed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  });

  it('finds a row that went astray in every read model', async () => {
    await service.app.get(Followers).stop();
    const { rows: models } = await owner.query<{ name: string; generation: number }>(
      "SELECT name, generation FROM ledger.read_models WHERE state = 'live'",
    );
    expect(models.map(({ name }) => name).sort()).toEqual(
      service.app
        .get(Projections)
        .all()
        .map(({ name }) => name)
        .sort(),
    );
    const harmed: string[] = [];
    for (const { name, generation } of models) {
      const schema = `rm_${name.replaceAll('-', '_')}_${generation}`;
      const { rows: tables } = await owner.query<{ table: string }>(
        'SELECT tablename AS table FROM pg_tables WHERE schemaname = $1 AND tablename <> ALL ($2)',
        // What follows from all streams together can be told from all rows alone.
        [schema, ['as_of', ...(deep ? [] : (service.app.get(Projections).required(name).ofAllStreams ?? []))]],
      );
      for (const { table } of tables) {
        const { rowCount } = await owner.query(`DELETE FROM ${schema}.${table} WHERE ctid = (SELECT min(ctid) FROM ${schema}.${table})`);
        if (rowCount > 0) harmed.push(`${name}: ([\\w-]+ at revision \\d+|no stream): a row of ${table} is missing`);
      }
    }
    for (const { name } of models) expect(harmed.filter(line => line.startsWith(`${name}:`))).not.toEqual([]);
    const found = await faults(deep);
    for (const line of harmed) expect(found).toContainEqual(expect.stringMatching(new RegExp(`^not ok {2}rows of ${line}$`)));
    await service.app.get(Followers).start();
    await service.app.get(Repair).rebuild('all');
    expect(await faults(deep)).toEqual([]);
  });
});

it('blames no sum for the streams that a sample leaves out', async () => {
  expect(await Promise.all([requested, accepted].map(async caseId => (await world.file(caseId)).screening))).not.toContain(null);
  const { lines } = await examine(service.app, { sampled: 1 });
  expect(lines.filter(line => !line.startsWith('ok'))).toEqual([]);
});

it('says in which columns a row differs, and nothing of what stands there', async () => {
  const {
    rows: [model],
  } = await owner.query<{ generation: number }>("SELECT generation FROM ledger.read_models WHERE name = 'caseload' AND state = 'live'");
  const schema = `rm_caseload_${model?.generation}`;
  const newest = (
    await owner.query<{ last: number }>('SELECT max(revision) AS last FROM ledger.events WHERE stream = $1', [`case-${requested}`])
  ).rows[0]?.last;
  const place = `case-${requested} at revision ${newest}`;
  const changes = [
    { text: `UPDATE ${schema}.cases SET status = 'closed', office = 'XXX' WHERE case_id = $1`, values: [requested] },
    { text: `UPDATE ${schema}.people SET family_name = 'Somebody Else' WHERE case_id = $1`, values: [requested] },
  ];
  const found = await plantedIn(owner, [`${schema}.cases`, `${schema}.people`], changes, () => faults());
  expect(found.toSorted()).toEqual([
    `not ok  rows of caseload: ${place}: a row of cases differs in office, status`,
    `not ok  rows of caseload: ${place}: a row of people differs in family_name`,
  ]);
});

it('finds by all rows what no event gives, and figures that stand for another place', async () => {
  const live = async (name: string): Promise<string> => {
    const sql = "SELECT generation FROM ledger.read_models WHERE name = $1 AND state = 'live'";
    return `rm_${name}_${(await owner.query<{ generation: number }>(sql, [name])).rows[0]?.generation}`;
  };
  const timeline = await live('timeline');
  const invented =
    `INSERT INTO ${timeline}.entries SELECT case_id, 9999, at, recorded_at, event, 'never happened', actor, ` +
    `gen_random_uuid() FROM ${timeline}.entries WHERE case_id = $1 LIMIT 1`;
  expect(await planted(`${timeline}.entries`, invented, [requested])).toEqual([]);
  const outcomes = await live('outcomes');
  const changes = [{ text: invented, values: [requested] }, `UPDATE ${outcomes}.as_of SET position = '0000000000000000001'`];
  const found = await plantedIn(owner, [`${timeline}.entries`, `${outcomes}.as_of`], changes, () => faults(true));
  expect(found.toSorted()).toEqual([
    'not ok  rows of outcomes: no stream: a row of as_of differs in position',
    expect.stringMatching(
      new RegExp(`^not ok {2}rows of timeline: case-${requested} at revision \\d+: a row of entries follows from no event$`),
    ),
  ]);
});

it('names the field that is not what its type says, of every event where one is not', async () => {
  const faulty = [
    [requested, 'TransferRequested', "data = (data::jsonb - 'replyDueAt')::json", '1: data/replyDueAt is missing'],
    [
      accepted,
      'TransferRequested',
      "data = jsonb_set(data::jsonb, '{country}', '\"XX\"')::json",
      '1: data/country is no one of SV, GT, HN',
    ],
    [
      requested,
      'CaseOpened',
      "data = jsonb_set(data::jsonb, '{applicant,languages}', '[\"es\", 7]')::json",
      '2: data/applicant/languages/1 is no text',
    ],
    [accepted, 'CaseOpened', "data = jsonb_set(data::jsonb, '{encounter}', '[]')::json", '2: data/encounter is no object'],
    [
      arrived,
      'CaseOpened',
      "metadata = jsonb_set(metadata::jsonb, '{recordedAt}', '\"yesterday\"')::json",
      '2: metadata/recordedAt is no instant',
    ],
  ] as const;
  const statements = faulty.map(([caseId, type, change]) => ({
    text: `UPDATE ledger.events SET ${change} WHERE stream = $1 AND type = $2`,
    values: [`case-${caseId}`, type],
  }));
  const found = await plantedIn(owner, ['ledger.events'], statements, () => faults());
  for (const [caseId, type, , says] of faulty)
    expect(found).toContain(`not ok  events: ${await placeOf(caseId, type)}: ${type} version ${says}`);
});

it('finds every deadline that nothing waits for', async () => {
  const dueOf = async (process: string, timer: string) =>
    (
      await owner.query<{ due: Date; stream: string; revision: number }>(
        "SELECT due_at AS due, stream, revision FROM ledger.process_timers WHERE process = $1 AND timer LIKE $2 || '%' ORDER BY " +
          'due_at DESC LIMIT 1',
        [process, timer],
      )
    ).rows[0];
  const waited = [
    ['when-transfer-requested-await-reply', 'reply-due', `case-${requested}`],
    ['when-transfer-accepted-await-departure', 'acceptance-runs-out', `case-${accepted}`],
    ['when-arrived-follow-up', 'P30D', `case-${arrived}`],
    ['when-agreement-suspended-hold-cases', 'takes-effect', 'agreement-GT'],
  ] as const;
  const lines: string[] = [];
  for (const [process, timer, stream] of waited) {
    const lost = await dueOf(process, timer);
    expect(lost?.stream).toBe(stream);
    const due = lost?.due.toISOString().replace('.000Z', 'Z');
    lines.push(`not ok  timers: ${stream} at revision ${lost?.revision}: ${process} should wait until ${due} (${timer}), and does not`);
  }
  const losses = waited.map(([process, timer, stream]) => ({
    text: 'DELETE FROM ledger.process_timers WHERE process = $1 AND stream = $2 AND timer = $3',
    values: [process, stream, timer],
  }));
  const found = await plantedIn(owner, ['ledger.process_timers'], losses, () => faults());
  expect(found.toSorted()).toEqual(lines.toSorted());
});

it('finds a timer of another instant, of another place, and of no deadline', async () => {
  const place = await placeOf(requested, 'TransferRequested');
  const mine = "process = 'when-transfer-requested-await-reply' AND stream = $1";
  const odd = await planted('ledger.process_timers', `UPDATE ledger.process_timers SET timer = 'whatever' WHERE ${mine}`, [
    `case-${requested}`,
  ]);
  expect(odd).toContain(
    `not ok  timers: ${place}: when-transfer-requested-await-reply waits for it (whatever), but TransferRequested leads to no such timer`,
  );
  const lateAndStrange = [
    `UPDATE ledger.process_timers SET due_at = due_at + interval '1 hour' WHERE ${mine}`,
    `INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at)
    SELECT 'when-arrived-follow-up', position, 'P30D', trigger_id, stream, revision, type, due_at FROM ledger.process_timers WHERE ${mine}`,
  ].map(text => ({ text, values: [`case-${requested}`] }));
  const found = await plantedIn(owner, ['ledger.process_timers'], lateAndStrange, () => faults());
  expect(found.toSorted()).toEqual([
    `not ok  timers: ${place}: when-arrived-follow-up waits for it (P30D), but TransferRequested is none that it answers`,
    expect.stringMatching(
      new RegExp(
        `^not ok {2}timers: ${place}: when-transfer-requested-await-reply waits for it \\(reply-due\\), but it is due \\S+, and the ` +
          `timer \\S+$`,
      ),
    ),
  ]);
});

it('finds a checkpoint that cannot be', async () => {
  await service.app.get(Followers).stop();
  const putBack = (position: string) =>
    owner.query("UPDATE ledger.processes SET position = $1 WHERE name = 'when-transfer-requested-await-reply'", [position]);
  await putBack('0000000000000000001');
  const impossible = await planted(
    'ledger.read_models',
    "UPDATE ledger.read_models SET position = '-000000000000000001' WHERE name = 'timeline'",
  );
  await putBack(await service.app.get(EventStore).newest());
  expect(impossible).toContain('not ok  timeline: stands at -000000000000000001, which is no place of the event store');
  expect(impossible).toContainEqual(
    expect.stringMatching(
      /^not ok {2}when-transfer-requested-await-reply: stands at 0000000000000000001, before \d{19}, where it was already: /,
    ),
  );
  await owner.query(`INSERT INTO ledger.parked_events (read_model, generation, stream, revision, position, event_id, type, error)
    SELECT name, generation, 'case-x', 0, '9999999999999999999', gen_random_uuid(), 'CaseOpened', 'planted' FROM ledger.read_models
    WHERE name = 'timeline' AND state = 'live'`);
  expect(await faults()).toContainEqual(
    expect.stringMatching(
      /^not ok {2}timeline: stands at \d{19}, before 9999999999999999999, where it was already: an event is parked there$/,
    ),
  );
  await owner.query("DELETE FROM ledger.parked_events WHERE error = 'planted'");
  await service.app.get(Followers).start();
});

describe('the token issuer', () => {
  let issuer: Server;
  beforeAll(async () => {
    const key = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    issuer = createServer((_, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ keys: [{ ...key, kid: 'one', alg: 'EdDSA', use: 'sig' }] })),
    );
    await new Promise<void>(resolve => {
      issuer.listen(0, '127.0.0.1', resolve);
    });
  });
  afterAll(() => {
    issuer.close();
  });

  it('is asked where there is one, and is missed where it is away', async () => {
    const { port } = issuer.address() as AddressInfo;
    const env = (at: number) => ({
      AUTH_ISSUER: 'http://issuer.test',
      AUTH_AUDIENCE: 'caseledger',
      AUTH_JWKS_URL: `http://127.0.0.1:${at}/keys`,
    });
    for (const [at, says] of [
      [port, 'ok      token-issuer: reachable, with keys that can be used'],
      [1, 'not ok  token-issuer: its keys cannot be fetched, and nobody comes in'],
    ] as const) {
      const other = await startCaseledger(env(at));
      try {
        expect((await examine(other.app)).lines).toContain(says);
      } finally {
        await other.stop();
      }
    }
  });
});

it('tells revisions in their order although it remembers one stream at a time', async () => {
  class Gap extends InMemoryEventStore {
    override async *readStream(stream: string, { to = Infinity }: { readonly to?: number } = {}): AsyncIterable<readonly StoredEvent[]> {
      yield events.filter(event => event.stream === stream && event.revision <= to).reverse();
    }
  }
  let events: readonly StoredEvent[] = [];
  const [store, kinds] = [new Gap(), new StreamKinds()];
  kinds.register(jarKind);
  for (let round = 0; round < 3; round++) {
    for (const id of ['a', 'b', 'c'])
      await store.append([{ stream: `jar-${id}`, expectedRevision: 'any', events: [round === 0 ? opened('Ann') : added(1)] }]);
  }
  events = store.contents.all.filter(({ stream, revision }) => stream !== 'jar-b' || revision !== 1);
  const examiner = new EventExaminer({ store, kinds, personalData: { openAll: async () => [] } as unknown as PersonalData }, 1);
  await examiner.see(events);
  expect(examiner.findings.lines).toEqual(['jar-b at revision 2: follows revision 0: what stood between is gone']);
});
