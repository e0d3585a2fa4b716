import type { Database } from '../../database/database.js';
import { type AppendResult, KeyNotCommitted } from '../event-store.js';
import { int4Array, int8Array, jsonArray, textArray, uuidArray } from './binary-array.js';
import { toPosition } from './event-rows.js';
import type { PreparedAppend, PreparedEvent } from './prepared-append.js';

const APPEND = {
  name: 'append-events',
  text: 'SELECT outcome, revision, position FROM ledger.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
};

const NO_STREAM = -1;
const ANY = -2;

type Row =
  | { readonly outcome: 'ok' | 'duplicate'; readonly revision: number; readonly position: number }
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'keyless' };

/** Appends the batch with one autocommit call: resolves after COMMIT. The streams of the batch are all different. */
export async function appendBatch(database: Database, batch: readonly PreparedAppend[]): Promise<(AppendResult | KeyNotCommitted)[]> {
  const { rows } = await database.query<Row>({ ...APPEND, values: parameters(batch) });
  return rows.map((row, index) => {
    if (row.outcome === 'keyless') return new KeyNotCommitted(batch[index]!.stream);
    if (row.outcome === 'conflict') return { outcome: 'conflict' };
    return { outcome: row.outcome, revision: row.revision, position: toPosition(row.position) };
  });
}

function parameters(batch: readonly PreparedAppend[]): Buffer[] {
  const events: PreparedEvent[] = [];
  const lasts: number[] = [];
  const requests: number[] = [];
  const places: number[] = [];
  const streams: string[] = [];
  batch.forEach((append, index) => {
    append.events.forEach((event, place) => {
      events.push(event);
      requests.push(index + 1);
      places.push(place);
      streams.push(append.stream);
    });
    lasts.push(events.length);
  });
  return [
    textArray(batch.map(({ stream }) => stream)),
    int8Array(batch.map(({ expectedRevision }) => expectation(expectedRevision))),
    int4Array(lasts),
    int4Array(requests),
    int4Array(places),
    textArray(streams),
    uuidArray(events.map(({ id }) => id)),
    textArray(events.map(({ type }) => type)),
    int4Array(events.map(({ schemaVersion }) => schemaVersion)),
    jsonArray(events.map(({ data }) => data)),
    textArray(events.map(({ personal }) => personal)),
    jsonArray(events.map(({ metadata }) => metadata)),
    uuidArray(events.map(({ keyId }) => keyId)),
  ];
}

function expectation(expected: PreparedAppend['expectedRevision']): number {
  if (expected === 'no-stream') return NO_STREAM;
  return expected === 'any' ? ANY : expected;
}
