import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventStore, type Position } from '../event-store/event-store.js';
import type { ProcessStatus } from '../reacting/process-inbox.js';
import { ProcessRunner } from '../reacting/process-runner.js';
import { ProjectionStatus, type ReadModelStatus } from './projection-status.js';

/** So long a follower may stand still, in seconds, though there is more: then nobody leads, or the leader does not get on. */
const STILL_S = 20;
/** A trigger that many cases depend on, such as a suspension, is at work for a while. */
const AT_WORK_S = 180;

interface Seen {
  place: string;
  movedAt: number;
  /** Where the end was at `since`: until it is reached, the follower is late since then. */
  target: Position;
  since: number;
}

export interface Pace {
  /** Since when it has not seen what was newest then, by this process's own clock. */
  readonly lagSeconds: number;
  readonly isStuck: boolean;
}

interface ProcessLag {
  readonly caughtUp: boolean;
  /** Events that it has not looked at, of whatever kind; 1,000 means at least so many. */
  readonly lagEvents: number;
}

/** A place before a position, and after the one that has one less in the digit before the last. */
const before = (position: Position): Position => position.slice(0, -1);

/** Whether what follows the store gets on, whoever leads: by what this process sees of it, and by its own clock alone. */
@Injectable()
export class ProgressWatch {
  private readonly seen = new Map<string, Seen>();

  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly projections: ProjectionStatus,
    private readonly runner: ProcessRunner,
  ) {}

  /** @throws DatabaseUnavailable, StoreUnavailable */
  async readModels(): Promise<readonly (ReadModelStatus & Pace)[]> {
    const newest = await this.store.newest();
    const models = await this.projections.status();
    return models.map(model => {
      const pace = this.pace(`read model ${model.name}`, model.building ?? model.position, model.position, newest, STILL_S);
      return { ...model, lagSeconds: Math.max(model.lagSeconds, pace.lagSeconds), isStuck: pace.isStuck };
    });
  }

  /** A process is behind while it has not looked at what is stored, or not answered it. @throws DatabaseUnavailable, StoreUnavailable */
  async processes(): Promise<readonly (ProcessStatus & Pace & ProcessLag)[]> {
    const newest = await this.store.newest();
    const [processes, oldest] = await Promise.all([this.runner.status(), this.oldest()]);
    const lags = await this.projections.lags(processes.map(({ position }) => position).filter(position => position < newest));
    return processes.map(process => {
      const { name, position } = process;
      const looking = this.pace(`process ${name}`, position, position, newest, STILL_S);
      const first = oldest.get(name);
      const answering = this.pace(`answers of ${name}`, first ?? 'none', first === undefined ? newest : before(first), newest, AT_WORK_S);
      return {
        ...process,
        caughtUp: position >= newest,
        lagEvents: lags.get(position)?.lagEvents ?? 0,
        lagSeconds: Math.max(looking.lagSeconds, answering.lagSeconds),
        isStuck: looking.isStuck || answering.isStuck,
      };
    });
  }

  /** Of whatever else follows the store, by where it stands. @throws StoreUnavailable */
  async other(name: string, position: Position): Promise<Pace & { readonly caughtUp: boolean }> {
    const newest = await this.store.newest();
    return { ...this.pace(name, position, position, newest, STILL_S), caughtUp: position >= newest };
  }

  /** Since when what is counted has not reached the count that it should have by then, in seconds. */
  since(name: string, count: number, goal: number): number {
    const [place, end] = [count, goal].map(figure => String(figure).padStart(16, '0')) as [Position, Position];
    return this.pace(name, place, place, end, STILL_S).lagSeconds;
  }

  /** By process, where the first trigger stands that waits for nothing but to be answered. */
  private async oldest(): Promise<Map<string, Position>> {
    const { rows } = await this.database.query<{ process: string; position: Position }>(
      `SELECT p.name AS process, oldest.position FROM ledger.processes p CROSS JOIN LATERAL (
         SELECT position FROM ledger.process_inbox i WHERE process = p.name AND state = 'pending' AND NOT EXISTS (
           SELECT 1 FROM ledger.process_inbox f WHERE f.process = i.process AND f.stream = i.stream AND f.state = 'failed')
         ORDER BY position LIMIT 1) oldest`,
    );
    return new Map(rows.map(({ process, position }) => [process, position]));
  }

  private pace(follower: string, place: string, position: Position, newest: Position, patience: number): Pace {
    const now = performance.now();
    const isBehind = position < newest;
    const known = this.seen.get(follower);
    if (!known || !isBehind) {
      this.seen.set(follower, { place, movedAt: now, target: newest, since: now });
      return { lagSeconds: 0, isStuck: false };
    }
    if (known.place !== place) Object.assign(known, { place, movedAt: now });
    if (position >= known.target) Object.assign(known, { target: newest, since: now });
    return { lagSeconds: Math.round((now - known.since) / 1_000), isStuck: (now - known.movedAt) / 1_000 > patience };
  }
}
