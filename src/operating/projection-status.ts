import { Injectable } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { Database } from '../database/database.js';
import { EventStore, START, type Position } from '../event-store/event-store.js';
import { type Generation, Generations, served } from '../projecting/generations.js';
import { inWords } from '../projecting/place-in-streams.js';
import { Projections } from '../projecting/projection.js';

/** Where lag is counted event by event; beyond it, it is at least so many. */
const COUNTED = 1_000;

export interface ReadModelStatus {
  readonly name: string;
  /** Not so while it is built for the first time: queries are refused. */
  readonly isServed: boolean;
  readonly position: Position;
  readonly caughtUp: boolean;
  /** Since the first event that it has not seen was recorded. */
  readonly lagSeconds: number;
  /** Events that it has not seen, of whatever kind; 1,000 means at least so many. */
  readonly lagEvents: number;
  /** Streams held back. */
  readonly parked: number;
  /** A newer generation on its way, and how far it is, in words. */
  readonly building?: string;
  readonly stopped?: string;
}

interface Lag {
  readonly lagSeconds: number;
  readonly lagEvents: number;
}

const NO_LAG: Lag = { lagSeconds: 0, lagEvents: 0 };

/** How far every read model of this build is, as any process can tell. */
@Injectable()
export class ProjectionStatus {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly projections: Projections,
    private readonly generations: Generations,
  ) {}

  /** @throws DatabaseUnavailable, StoreUnavailable */
  async status(): Promise<ReadModelStatus[]> {
    // The store's end first: what comes in between makes nobody late.
    const newest = await this.store.newest();
    const [rows, parked] = await Promise.all([this.generations.list(), this.parked()]);
    const models = this.projections.all().map(projection => ({ ...projection, row: served(rows, projection) }));
    const isBehind = (row: Generation | undefined): boolean => row === undefined || row.position < newest;
    const lags = await this.lags(models.filter(({ row }) => isBehind(row)).map(({ row }) => row?.position ?? START));
    return models.map(({ name, version, row }): ReadModelStatus => {
      const building = rows.find(other => other.name === name && other.state === 'building' && other.codeVersion === version);
      const position = row?.position ?? START;
      const stopped = row?.stopped ?? (building?.stopped ? `the new generation: ${building.stopped}` : undefined);
      return {
        name,
        isServed: row !== undefined,
        position,
        caughtUp: !isBehind(row),
        ...((isBehind(row) && lags.get(position)) || NO_LAG),
        parked: parked.get(`${name} ${row?.generation}`) ?? 0,
        ...(building && { building: inWords(building.position) }),
        ...(stopped && { stopped }),
      };
    });
  }

  /** How far each of these places is behind the store's end. @throws StoreUnavailable */
  async lags(places: readonly Position[]): Promise<ReadonlyMap<Position, Lag>> {
    return new Map(await Promise.all([...new Set(places)].map(async place => [place, await this.lag(place)] as const)));
  }

  private async lag(after: Position): Promise<Lag> {
    for await (const batch of this.store.readAll({ after, limit: COUNTED })) {
      const [first] = batch;
      if (!first) continue;
      const seconds = (Date.parse(this.clock.now()) - Date.parse(first.metadata.recordedAt)) / 1_000;
      return { lagSeconds: Math.max(0, Math.round(seconds)), lagEvents: batch.length };
    }
    return NO_LAG;
  }

  private async parked(): Promise<Map<string, number>> {
    const { rows } = await this.database.query<{ generation: string; streams: number }>(
      "SELECT read_model || ' ' || generation AS generation, count(DISTINCT stream) AS streams FROM ledger.parked_events GROUP BY " +
        'read_model, generation',
    );
    return new Map(rows.map(row => [row.generation, row.streams]));
  }
}
