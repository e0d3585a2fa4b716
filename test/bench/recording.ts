import { randomUUID } from 'node:crypto';
import { AccessRecords } from '../../src/audit/access-records.js';
import type { Clock } from '../../src/database/clock.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import type { OpenLedger } from './ledger.js';
import { quantile, type Row } from './table.js';

const READS = 1_000;
const WARM_UP = 200;
const PAGE = 50;
const clock: Clock = { now: () => '2020-01-13T15:00:00Z', refresh: async () => {}, during: work => work() };
const caller = { actor: { id: 'cw-bench', roles: ['caseworker'], office: 'ELP' }, correlationId: 'bench' };

export interface Recording {
  /** Milliseconds at the median that a file read waits for its record, and a page of a list. */
  readonly read: number;
  readonly listed: number;
}

export async function measureRecording({ database, keys }: OpenLedger): Promise<Recording> {
  const store = new PostgresEventStore(database);
  const records = new AccessRecords(store, keys, clock);
  const read = await medianOf(() => records.caseRead(caller, 'case-file', { caseId: randomUUID(), revision: 1 }, {}));
  const caseIds = Array.from({ length: PAGE }, () => randomUUID());
  const listed = await medianOf(() => records.casesListed(caller, { list: 'caseload', caseIds, filters: {} }, {}));
  await store.close();
  return { read, listed };
}

async function medianOf(record: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let at = 0; at < READS + WARM_UP; at++) {
    const begun = performance.now();
    await record();
    if (at >= WARM_UP) taken.push(performance.now() - begun);
  }
  return quantile(
    taken.toSorted((a, b) => a - b),
    0.5,
  );
}

export const recordingRow = ({ read, listed }: Recording): Row => ({
  what: 'the access record of a read, one after the other, PostgreSQL',
  bar: '< 2 ms at the median',
  figure: `${read.toFixed(2)} ms, of a list of ${PAGE} ${listed.toFixed(2)} ms`,
  ratio: `${(listed / read).toFixed(1)} × for the list`,
  met: read < 2 && listed < 2,
});
