import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogKeys } from '../../src/audit/log/log-keys.js';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { Sequencer } from '../../src/audit/log/sequencer.js';
import { readConfig } from '../../src/config.js';
import { SystemClock } from '../../src/database/clocks.js';
import { Database } from '../../src/database/database.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { Leadership } from '../../src/database/leadership.js';
import { openLedger, type OpenLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { median, medianOf, perSecond, type Row } from './table.js';

const AT_ONCE = 50_000;
const ASKED = 25;
const OF_ONE_CASE = 20;

interface Logging {
  readonly entries: number;
  /** Entries taken in per second, from none. */
  readonly rate: number;
  /** Milliseconds at the median from the answer to an append to a signed head that covers it, and of two kinds of proof. */
  readonly head: number;
  readonly inclusion: number;
  readonly consistency: number;
  /** The longest of them. */
  readonly slowestHead: number;
  readonly megabytes: number;
}

/** The log of so many events, by the sequencer that the service runs, and nothing beside it. */
export async function measureLogging(entries: number, resources: Resources): Promise<Row[]> {
  const dataDir = resources.folder();
  const ledger = await openLedger(dataDir, resources);
  await fill(ledger, entries);
  const config = readConfig({ DATA_DIR: dataDir });
  const { database } = ledger;
  const store = new PostgresEventStore(database);
  const log = new MerkleLog(database, config);
  const sequencer = new Sequencer(store, log, new LogKeys(store, log, config, new SystemClock()), new Leadership(database));
  const begun = performance.now();
  sequencer.start();
  resources.add(() => sequencer.stop());
  while (((await log.state())?.size ?? 0) < entries) await sleep(100);
  const rate = (entries * 1_000) / (performance.now() - begun);
  const heads: number[] = [];
  for (let round = 0; round < ASKED; round++) heads.push(await untilSigned(store, log, entries + round));
  const somewhere = (): number => Math.floor(Math.random() * entries);
  const placesOfACase = () => [...new Set(Array.from({ length: OF_ONE_CASE }, somewhere))].toSorted((a, b) => a - b);
  const inclusion = await medianOf(ASKED, async () => {
    for await (const hashes of log.inclusion(placesOfACase(), entries)) void hashes;
  });
  const consistency = await medianOf(ASKED, () => log.consistency(1 + somewhere(), entries));
  const { rows } = await database.query<{ bytes: number }>(
    "SELECT pg_total_relation_size('ledger.log_tiles') + pg_total_relation_size('ledger.log_entries') AS bytes",
  );
  await sequencer.stop();
  await store.close();
  await ledger.close();
  const megabytes = (rows[0]?.bytes ?? 0) / 2 ** 20;
  return loggingRows({ entries, rate, head: median(heads), slowestHead: Math.max(...heads), inclusion, consistency, megabytes });
}

/** Milliseconds from when one more event is stored. */
async function untilSigned(store: PostgresEventStore, log: MerkleLog, place: number): Promise<number> {
  const id = randomUUID();
  const metadata = { actor: { id: 'cw-bench', roles: ['caseworker'], office: 'ELP' }, commandId: id, commandHash: '', correlationId: id };
  const time = { causationId: id, occurredAt: '2020-01-13T15:00:00Z', recordedAt: '2020-01-13T15:00:00Z' };
  const event: NewEvent = { id, type: 'CaseFileRead', schemaVersion: 1, data: READ, metadata: { ...metadata, ...time } };
  await store.append([{ stream: `access-${id}`, expectedRevision: 'any', events: [event] }]);
  const begun = performance.now();
  while (((await log.head())?.size ?? 0) <= place) await sleep(1);
  return performance.now() - begun;
}

const READ = { revision: 3, what: 'case-file' };

/** Access records, twenty to a stream: what most of a large store is. */
async function fill({ server }: OpenLedger, entries: number): Promise<void> {
  const owner = Database.open({ url: server.ownerUrl, applicationName: 'bench', statementTimeoutMs: 300_000 });
  for (let from = 0; from < entries; from += AT_ONCE)
    await owner.query(
      `INSERT INTO ledger.events (position, stream, revision, id, type, schema_version, data, metadata)
       SELECT n, 'access-' || md5((n / 20)::text)::uuid, n % 20, id, 'CaseFileRead', 1, $3::json, json_build_object(
         'actor', json_build_object('id', 'cw-' || n % 40, 'office', 'ELP', 'roles', json_build_array('caseworker')),
         'causationId', id, 'commandHash', md5(n::text), 'commandId', id, 'correlationId', id,
         'occurredAt', '2020-01-13T15:00:00Z', 'recordedAt', '2020-01-13T15:00:00Z')
       FROM (SELECT n, md5('event ' || n)::uuid AS id FROM generate_series($1::int, $2::int) AS n) AS numbered ORDER BY n`,
      [from + 20, Math.min(from + AT_ONCE, entries) + 19, JSON.stringify(READ)],
    );
  await owner.query("SELECT setval('ledger.position', (SELECT max(position) FROM ledger.events))");
  await owner.close();
}

const loggingRows = ({ entries, rate, head, slowestHead, inclusion, consistency, megabytes }: Logging): Row[] => [
  {
    what: `a signed head of the log of ${entries} events that covers what was just stored`,
    bar: '< 1 s',
    figure: `${head.toFixed(0)} ms, at most ${slowestHead.toFixed(0)} ms; built from nothing at ${perSecond(rate)}`,
    ratio: `${megabytes.toFixed(0)} MB of tiles and index, ${((megabytes * 2 ** 20) / entries).toFixed(0)} bytes an event`,
    met: slowestHead < 1_000,
  },
  {
    what: `its proofs: that it has the ${OF_ONE_CASE} events of a case, that it extends an older head`,
    bar: 'milliseconds',
    figure: `${inclusion.toFixed(1)} ms, ${consistency.toFixed(1)} ms`,
    ratio: `${(inclusion / consistency).toFixed(1)} × for the case`,
    met: Math.max(inclusion, consistency) < 100,
  },
];
