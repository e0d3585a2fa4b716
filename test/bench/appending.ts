import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent } from '../../src/event-store/event-store.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { median, perSecond, times, type Row } from './table.js';

const IN_FLIGHT = 64;
const EVENTS_A_STREAM = 20;
const TEXT = 'Synthetic text that stands for what an event says. '.repeat(5);

/** Many appends that share a commit, beside the same with a commit for each. */
export async function measureAppending(resources: Resources): Promise<Row> {
  const ledger = await openLedger(resources.folder(), resources);
  const alone = await rateOf(new PostgresEventStore(ledger.database, { limits: { batchAppends: 1 } }), 3);
  const grouped = await rateOf(new PostgresEventStore(ledger.database), 5);
  await ledger.close();
  return {
    what: `append through the port, ${IN_FLIGHT} in flight, PostgreSQL`,
    bar: '≥ 10k/s, ≥ 3 × one commit per append',
    figure: perSecond(grouped),
    ratio: `${times(grouped / alone)} one commit per append (${perSecond(alone)})`,
    met: grouped >= 10_000 && grouped >= 3 * alone,
  };
}

/** Appends a second through the port; closes the store. */
export async function rateOf(store: EventStore, windows: number): Promise<number> {
  const measured = await rate(async (stream, expectedRevision) => {
    const [result] = await store.append([{ stream, expectedRevision, events: [event()] }]);
    if (result?.outcome !== 'ok') throw new Error(`an append to a stream of its own was answered ${result?.outcome}`);
  }, windows);
  await store.close();
  return measured;
}

/** Appends a second, as many in flight as all that is measured here. @param append one event, after that revision */
export async function rate(append: (stream: string, expected: number | 'no-stream') => Promise<void>, windows: number): Promise<number> {
  let appended = 0;
  const ending = new AbortController();
  const writer = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const stream = `case-${randomUUID()}`;
      for (let revision = 0; !ending.signal.aborted && revision < EVENTS_A_STREAM; revision++) {
        await append(stream, revision === 0 ? 'no-stream' : revision - 1);
        appended++;
      }
    }
  };
  const writers = Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  const measured = (async () => {
    await seconds(1.5);
    const rates: number[] = [];
    for (let window = 0; window < windows; window++) {
      const [from, before] = [performance.now(), appended];
      await seconds(1.5);
      rates.push(((appended - before) / (performance.now() - from)) * 1000);
    }
    ending.abort();
    return median(rates);
  })();
  await Promise.all([writers, measured]);
  return measured;
}

/** About 500 bytes as they are stored. */
export function event(): NewEvent {
  const id = randomUUID();
  const now = new Date().toISOString();
  return {
    id,
    type: 'NoteAdded',
    schemaVersion: 1,
    data: { text: TEXT.slice(0, 110) },
    metadata: {
      actor: { id: 'cw-1', roles: ['caseworker'], office: 'ELP' },
      commandId: id,
      commandHash: 'uK1mPbVb5dT9m8f4h0ZbYF2m1n0K3pQ8s6x7w5v4u3t',
      correlationId: id,
      causationId: id,
      occurredAt: now,
      recordedAt: now,
    },
  };
}

const seconds = (count: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, count * 1000);
  });
