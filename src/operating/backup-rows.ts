import { canonicalJson } from '../event-store/canonical-json.js';
import type { Position, StoredEvent } from '../event-store/event-store.js';
import { type EventRow, toEvent, toPosition } from '../event-store/postgres/event-rows.js';
import { BackupDamaged, type BackupReader, type BackupRow, type EventsFrom, readBackup } from './backup-file.js';
import type { Source } from './copy-store.js';

/** Of an event from any store, as PostgreSQL has them. */
export const EVENT_COLUMNS = ['position', 'stream', 'revision', 'id', 'type', 'schema_version', 'data', 'personal', 'metadata'];
/** Events given at once. */
const BATCH = 1_000;

export const rowOf = ({ schemaVersion, personal, ...event }: StoredEvent): string =>
  canonicalJson({ ...event, personal: personal ?? null, schema_version: schemaVersion });

/** @throws BackupDamaged, which repeats nothing of the row */
export function parsedRow<Row extends object = Readonly<Record<string, unknown>>>(path: string, { table, row }: BackupRow): Row {
  try {
    return JSON.parse(row) as Row;
  } catch {
    throw new BackupDamaged(path, `a row of ${table} is no JSON: it was altered`);
  }
}

/** @param from whose positions these are */
export function positionIn({ position }: { readonly position?: unknown }, from: EventsFrom): Position {
  return from === 'postgresql' ? toPosition(Number(position)) : String(position);
}

export interface EventsIn {
  readonly path: string;
  readonly from: EventsFrom;
  /** Of the store in which they stood. */
  readonly storeId: string;
  /** Position of the last. */
  readonly head: Position;
}

/** The events of a backup, as if it were the store in which they stood. */
export class EventsOfBackup implements Source {
  constructor(
    private readonly backup: EventsIn,
    private readonly reader: BackupReader = {},
  ) {}

  async storeId(): Promise<string> {
    return this.backup.storeId;
  }

  async head(): Promise<Position> {
    return this.backup.head;
  }

  /** From the first on. @throws BackupDamaged */
  async *readAll(): AsyncIterable<readonly StoredEvent[]> {
    const { path, from } = this.backup;
    let events: StoredEvent[] = [];
    for await (const { table, row } of readBackup(path, this.reader)) {
      if (table !== 'events') continue;
      const parsed = parsedRow<EventRow>(path, { table, row });
      events.push({ ...toEvent(parsed), position: positionIn(parsed, from) });
      if (events.length < BATCH) continue;
      yield events;
      events = [];
    }
    if (events.length > 0) yield events;
  }
}
