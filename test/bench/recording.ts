import { randomUUID } from 'node:crypto';
import { AccessRecords } from '../../src/audit/access-records.js';
import type { Clock } from '../../src/database/clock.js';
import { PostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { openLedger } from './ledger.js';
import type { Resources } from './resources.js';
import { medianOf, type Row } from './table.js';

const READS = 1_000;
const WARM_UP = 200;
const PAGE = 50;
const clock: Clock = { now: () => '2020-01-13T15:00:00Z', refresh: async () => {}, during: work => work() };
const caller = { actor: { id: 'cw-bench', roles: ['caseworker'], office: 'ELP' }, correlationId: 'bench' };

/** What a reader waits for until it is recorded that they read, and who reads a page of a list. */
export async function measureRecording(resources: Resources): Promise<Row> {
  const ledger = await openLedger(resources.folder(), resources);
  const store = new PostgresEventStore(ledger.database);
  const records = new AccessRecords(store, ledger.keys, clock);
  const read = await medianOf(READS, () => records.caseRead(caller, 'case-file', { caseId: randomUUID(), revision: 1 }, {}), WARM_UP);
  const caseIds = Array.from({ length: PAGE }, () => randomUUID());
  const listed = await medianOf(READS, () => records.casesListed(caller, { list: 'caseload', caseIds, filters: {} }, {}), WARM_UP);
  await store.close();
  await ledger.close();
  return {
    what: 'the access record of a read, one after the other, PostgreSQL',
    bar: '< 2 ms at the median',
    figure: `${read.toFixed(2)} ms, of a list of ${PAGE} ${listed.toFixed(2)} ms`,
    ratio: `${(listed / read).toFixed(1)} × for the list`,
    met: read < 2 && listed < 2,
  };
}
