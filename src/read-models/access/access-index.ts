import { Injectable } from '@nestjs/common';
import type { AccessEvent } from '../../audit/access.events.js';
import { accessStream } from '../../audit/access.stream.js';
import { EventStore, type Position } from '../../event-store/event-store.js';
import { recordedEvents } from '../../event-store/recorded-events.js';
import type { Recorded } from '../../event-store/stream-kind.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { ReadModelBehind, ReadModels } from '../../projecting/read-models.js';
import { ACCESS } from './access.projection.js';

/** Records of one stream that stand no further apart are read together. */
const GAP = 20;
const READ_AT_A_TIME = 16;

export interface Wanted {
  readonly from?: string;
  readonly to?: string;
  /** The last of them, itself included. */
  readonly upTo?: Position;
  readonly limit: number;
}

export interface Found {
  readonly position: Position;
  readonly event: Recorded<AccessEvent>;
}

interface Indexed {
  readonly position: Position;
  readonly streamId: string;
  readonly revision: number;
}

interface Run {
  readonly stream: string;
  readonly from: number;
  to: number;
}

/** Finds access records by case and by caller, the newest first. All that was recorded when it is asked is found, or it is not answered. */
@Injectable()
export class AccessIndex {
  constructor(
    private readonly readModels: ReadModels,
    private readonly store: EventStore,
    private readonly personalData: PersonalData,
  ) {}

  /** Records of reads of the case, and of lists that showed it. @throws ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  ofCase(caseId: string, wanted: Wanted, token?: Position): Promise<readonly Found[]> {
    const within = narrowed(wanted);
    return this.find(
      `SELECT * FROM (
         (SELECT r.* FROM {access}.records r WHERE opened AND stream_id = $5 AND ${within} ORDER BY r.position DESC LIMIT $4)
         UNION ALL (SELECT r.* FROM {access}.shown s JOIN {access}.records r USING (position)
           WHERE s.cases @> ARRAY[$5]::uuid[] AND ${within} ORDER BY s.position DESC LIMIT $4)) r`,
      [...valuesOf(wanted), caseId],
      token,
    );
  }

  /** Records of what the caller read and listed. @throws ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  ofActor(sub: string, wanted: Wanted, token?: Position): Promise<readonly Found[]> {
    return this.find(`SELECT r.* FROM {access}.records r WHERE actor = $5 AND ${narrowed(wanted)}`, [...valuesOf(wanted), sub], token);
  }

  /** Rows of SQL over the index, once it has all that is recorded. @throws ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  async query<Row>(sql: string, values: readonly unknown[], token?: Position): Promise<Row[]> {
    const newest = await this.store.newest();
    const rows = await this.readModels.query<Row>(ACCESS, sql, values, { token: token !== undefined && token > newest ? token : newest });
    if ((await this.readModels.parked(ACCESS)) > 0)
      throw new ReadModelBehind('The read model access could not take every record; it waits for a repair.');
    return rows;
  }

  private async find(from: string, values: readonly unknown[], token?: Position): Promise<readonly Found[]> {
    const indexed = await this.query<Indexed>(
      `SELECT r.position, r.stream_id AS "streamId", r.revision FROM (${from}) r ORDER BY r.position DESC LIMIT $4`,
      values,
      token,
    );
    const events = await this.eventsOf(indexed);
    return indexed.map(({ position, streamId, revision }) => {
      const event = events.get(`access-${streamId} ${revision}`);
      if (!event) throw new ReadModelBehind('The read model access has a record that the event store does not.');
      return { position, event };
    });
  }

  private async eventsOf(indexed: readonly Indexed[]): Promise<Map<string, Recorded<AccessEvent>>> {
    const events = new Map<string, Recorded<AccessEvent>>();
    const runs = runsOf(indexed);
    const { store, personalData } = this;
    const reader = async (): Promise<void> => {
      for (let run = runs.pop(); run; run = runs.pop()) {
        for await (const batch of recordedEvents(accessStream, run.stream, { store, personalData }, run))
          for (const { event } of batch) events.set(`${run.stream} ${event.revision}`, event);
      }
    };
    await Promise.all(Array.from({ length: Math.min(READ_AT_A_TIME, runs.length) }, reader));
    return events;
  }
}

const valuesOf = ({ from, to, upTo, limit }: Wanted): unknown[] => [from ?? null, to ?? null, upTo ?? null, limit];
const narrowed = (wanted: Wanted): string =>
  [
    wanted.from === undefined ? '$1::timestamptz IS NULL' : 'r.at >= $1::timestamptz',
    wanted.to === undefined ? '$2::timestamptz IS NULL' : 'r.at < $2::timestamptz',
    wanted.upTo === undefined ? '$3::text IS NULL' : 'r.position <= $3',
  ].join(' AND ');

function runsOf(indexed: readonly Indexed[]): Run[] {
  const runs: Run[] = [];
  for (const { streamId, revision } of indexed.toSorted((a, b) => a.streamId.localeCompare(b.streamId) || a.revision - b.revision)) {
    const stream = `access-${streamId}`;
    const run = runs.at(-1);
    if (run?.stream === stream && revision - run.to <= GAP) run.to = revision;
    else runs.push({ stream, from: revision, to: revision });
  }
  return runs;
}
