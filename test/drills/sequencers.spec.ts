// Guarded in every run by audit/sequencer, audit/merkle-tree.
import { randomBytes } from 'node:crypto';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { leafOf } from '../../src/audit/log/leaf.js';
import { parentHash } from '../../src/audit/log/merkle-tree.js';
import { openHead } from '../../src/audit/log/checkpoint.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { done, eventually, World } from '../support/world.js';

/* One log, whoever numbers it. */

let database: TestDatabase;
let running: Caseledger[] = [];
beforeEach(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.map(service => service.stop()));
  running = [];
  await database.stop();
});

const [MASTER_KEY, LOG_KEY] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const service = async (logKey = LOG_KEY): Promise<Caseledger> => {
  const there = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
  const started = await startCaseledger({ ...there, MASTER_KEY, LOG_KEY: logKey });
  running.push(started);
  return started;
};
const stop = async (service: Caseledger): Promise<void> => {
  running = running.filter(other => other !== service);
  await service.stop();
};

/** As RFC 6962 defines it. */
const rootOf = (leaves: readonly Buffer[]): Buffer => rootWithin(leaves, 0, leaves.length, new Map());

/** @param known roots of whole subtrees of leaves that only grow, by where each begins and how many leaves it has */
function rootWithin(leaves: readonly Buffer[], from: number, count: number, known: Map<string, Buffer>): Buffer {
  if (count === 1) return leaves[from] as Buffer;
  const found = known.get(`${from} ${count}`);
  if (found) return found;
  let half = 1;
  while (half * 2 < count) half *= 2;
  const root = parentHash(rootWithin(leaves, from, half, known), rootWithin(leaves, from + half, count - half, known));
  if (half * 2 === count) known.set(`${from} ${count}`, root);
  return root;
}

async function stored(store: EventStore): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const batch of store.readAll()) all.push(...batch);
  return all;
}

it('has every event once and in the order of the store, over two services of which the first goes away', async () => {
  const first = await service();
  const world = await World.in(first);
  const second = await service();
  for (let people = 0; people < 30; people += 1) await world.caseAt('screening');
  await stop(first);
  const worker = await second.person('cw-ana', 'caseworker');
  for (let people = 0; people < 30; people += 1) done(await worker.post('cases', world.intake()), 201);
  const log = second.app.get(MerkleLog);
  const events = await stored(second.app.get(EventStore));
  await eventually(
    'all is in the log',
    () => log.state(),
    state => (state?.size ?? 0) >= events.length,
  );
  const head = await log.head();
  expect(openHead(head?.key.verifier as VerifierKey, head?.note as string)).toEqual({
    size: events.length,
    root: rootOf(events.map(leafOf)),
  });
  const { stream } = events.at(-1) as StoredEvent;
  expect(await log.placesOf(stream, events.length)).toEqual(events.flatMap((event, at) => (event.stream === stream ? [at] : [])));
});
