import { Injectable } from '@nestjs/common';
import { Clock } from '../database/clock.js';
import { Database } from '../database/database.js';
import { EventStore, type Position } from '../event-store/event-store.js';
import { Generations, served } from '../projecting/generations.js';
import { Projections } from '../projecting/projection.js';

/** Where lag is counted event by event; beyond it, it is at least so many. */
const COUNTED = 1_000;

export interface ReadModelStatus {
  readonly name: string;
  readonly position: Position;
  readonly caughtUp: boolean;
  /** Since the first event that it has not seen was recorded. */
  readonly lagSeconds: number;
  /** Events that it has not seen, of whatever kind; 1,000 means at least so many. */
  readonly lagEvents: number;
  /** Streams held back. */
  readonly parked: number;
  /** A newer generation on its way, and how far it is. */
  readonly building?: Position;
  readonly stopped?: string;
}

interface Lag {
  readonly lagSeconds: number;
  readonly lagEvents: number;
}

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
    const lags = new Map<Position, Promise<Lag>>();
    return Promise.all(
      this.projections.all().map(async ({ name, version }): Promise<ReadModelStatus> => {
        const row = served(rows, this.projections.required(name));
        const building = rows.find(other => other.name === name && other.state === 'building' && other.codeVersion === version);
        const position = row?.position ?? '';
        const caughtUp = row !== undefined && position >= newest;
        if (!caughtUp && !lags.has(position)) lags.set(position, this.lag(position));
        const lag = (await lags.get(position)) ?? { lagSeconds: 0, lagEvents: 0 };
        const stopped = row?.stopped ?? (building?.stopped ? `the new generation: ${building.stopped}` : undefined);
        return {
          name,
          position,
          caughtUp,
          ...(caughtUp ? { lagSeconds: 0, lagEvents: 0 } : lag),
          parked: parked.get(`${name} ${row?.generation}`) ?? 0,
          ...(building && { building: building.position }),
          ...(stopped && { stopped }),
        };
      }),
    );
  }

  private async lag(after: Position): Promise<Lag> {
    for await (const batch of this.store.readAll({ after, limit: COUNTED })) {
      const [first] = batch;
      if (!first) continue;
      const seconds = (Date.parse(this.clock.now()) - Date.parse(first.metadata.recordedAt)) / 1_000;
      return { lagSeconds: Math.max(0, Math.round(seconds)), lagEvents: batch.length };
    }
    return { lagSeconds: 0, lagEvents: 0 };
  }

  private async parked(): Promise<Map<string, number>> {
    const { rows } = await this.database.query<{ generation: string; streams: number }>(
      "SELECT read_model || ' ' || generation AS generation, count(DISTINCT stream) AS streams FROM ledger.parked_events GROUP BY " +
        'read_model, generation',
    );
    return new Map(rows.map(row => [row.generation, row.streams]));
  }
}
