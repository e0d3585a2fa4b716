import { type Position, START, type StoredEvent } from '../event-store.js';

/** A row of `ledger.events`, as the driver parses it. */
export interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: StoredEvent['data'];
  readonly personal: string | null;
  readonly metadata: StoredEvent['metadata'];
}

export const COLUMNS = 'position, stream, revision, id, type, schema_version, data, personal, metadata';

export const FORWARDS = {
  name: 'events-forwards',
  text: `SELECT ${COLUMNS} FROM ledger.events WHERE stream = $1 AND revision BETWEEN $2 AND $3 ORDER BY revision LIMIT $4`,
};
/** The first events of many streams, each from and up to a revision of its own; which of the askings a row belongs to is in `asked`. */
export const SOME_OF_MANY = {
  name: 'events-some-of-many',
  text: `SELECT a.asked, e.* FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS a(stream, low, high, asked)
    CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM ledger.events WHERE stream = a.stream AND revision BETWEEN a.low AND a.high
    ORDER BY revision LIMIT $4) AS e
    ORDER BY a.asked, e.revision`,
};
export const BACKWARDS = {
  name: 'events-backwards',
  text: `SELECT ${COLUMNS} FROM ledger.events WHERE stream = $1 AND revision BETWEEN $2 AND $3 ORDER BY revision DESC LIMIT $4`,
};
export const ALL = {
  name: 'events-all',
  text: `SELECT ${COLUMNS} FROM ledger.events WHERE position > $1 ORDER BY position LIMIT $2`,
};
export const AT = { name: 'event-at', text: 'SELECT id FROM ledger.events WHERE position = $1' };
export const NEWEST = { name: 'events-newest', text: 'SELECT max(position) AS position FROM ledger.events' };
export const STORE_ID = { name: 'store-id', text: 'SELECT store_id AS id FROM ledger.store' };

/** As many digits as the largest bigint has, so that positions compare as text. */
const DIGITS = 19;

export function toPosition(position: number): Position {
  return String(position).padStart(DIGITS, '0');
}

/** @throws RangeError for what is no position of this store. */
export function fromPosition(position: Position): number {
  if (position === START) return 0;
  const number = Number(position);
  if (position.length !== DIGITS || !Number.isSafeInteger(number)) throw new RangeError('not a position of this store');
  return number;
}

/** The start of all is no place of an event. */
export const isPosition = (text: string): boolean => /^\d{19}$/.test(text) && Number.isSafeInteger(Number(text));

export function toEvent(row: EventRow): StoredEvent {
  const event: { -readonly [Field in keyof StoredEvent]: StoredEvent[Field] } = {
    stream: row.stream,
    revision: row.revision,
    position: toPosition(row.position),
    id: row.id,
    type: row.type,
    schemaVersion: row.schema_version,
    data: row.data,
    metadata: row.metadata,
  };
  if (row.personal !== null) event.personal = row.personal;
  return event;
}
