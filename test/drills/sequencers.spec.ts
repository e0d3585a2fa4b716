// Guarded in every run by audit/sequencer, audit/merkle-tree.
import { randomBytes } from 'node:crypto';
import { MerkleLog } from '../../src/audit/log/merkle-log.js';
import { leafOf } from '../../src/audit/log/leaf.js';
import { openHead } from '../../src/audit/log/checkpoint.js';
import { VerifierKey } from '../../src/audit/log/signed-note.js';
import { EventStore, type StoredEvent } from '../../src/event-store/event-store.js';
import type { Caseledger } from '../support/caseledger.js';
import { done, eventually, World } from '../support/world.js';
import { rootWithin } from '../support/merkle-root.js';
import { servicesOverOne } from '../support/services-over-one.js';

/* One log, whoever numbers it. */

const { start, stop } = servicesOverOne();

const [MASTER_KEY, LOG_KEY] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const service = (logKey = LOG_KEY): Promise<Caseledger> => start({ MASTER_KEY, LOG_KEY: logKey });

/** As RFC 6962 defines it. */
const rootOf = (leaves: readonly Buffer[]): Buffer => rootWithin(leaves, 0, leaves.length, new Map());

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
