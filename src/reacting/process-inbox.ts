import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Gathering } from '../database/gathering.js';
import { categoryOf, type Position, type StoredEvent } from '../event-store/event-store.js';
import { standsNowhere } from '../projecting/checkpoints.js';
import { prune, rank } from './inbox-upkeep.js';
import { pagesOf, refusalsOf, type Page, type Refusals } from './inbox-reads.js';
import { receive } from './inbox-receiving.js';
import { hasWork, isSettled, isTriggeredAfter, NOT_BEHIND_FAILED, unansweredUpTo, type Unanswered } from './inbox-standing.js';
import { fireTimers, nextDue } from './inbox-timers.js';
import { forgetAll, noteAll, nothing, setTimers, type NewTimer, type Noted } from './inbox-writes.js';
import { URGENCY, urgencyOf, type Process, type Urgency } from './process.js';

/** How far a process has looked through the store. */
export interface ProcessCheckpoint {
  readonly name: string;
  position: Position;
  readonly storeId: string;
}

/** An event that a process has to answer. */
export interface Trigger {
  readonly process: string;
  readonly position: Position;
  readonly triggerId: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** Of a timer that has run down, its name; empty for the event itself. */
  readonly timer: string;
  readonly urgency: Urgency;
}

export interface Refusal {
  readonly process: string;
  readonly triggerId: string;
  readonly step: string;
  readonly targetStream: string;
  readonly command: string;
  readonly codes: readonly string[];
  /** RFC 3339 UTC. */
  readonly refusedAt: string;
}

export interface ProcessStatus {
  readonly name: string;
  readonly position: Position;
  readonly pending: number;
  readonly failed: number;
  readonly refused: number;
  readonly stopped?: string;
}

const TRIGGER = 'i.process, i.position, i.trigger_id AS "triggerId", i.stream, i.revision, i.type, i.timer, i.urgency';

/** What processes have still to do, and what became of it: rows that are nowhere else. All methods throw DatabaseUnavailable. */
@Injectable()
export class ProcessInbox {
  private readonly answered = new Gathering<Trigger>(triggers => this.remove(triggers));
  private readonly noting = new Gathering<Noted>(noted => noteAll(this.database, noted));
  private readonly forgetting = new Gathering<Noted>(noted => forgetAll(this.database, noted));
  private readonly refusing = new Gathering<Trigger, Refusals>(triggers => refusalsOf(this.database, triggers));
  private readonly paging = new Gathering<Page, readonly string[]>(pages => pagesOf(this.database, pages));
  private readonly setting = new Gathering<NewTimer>(timers => setTimers(this.database, timers));

  constructor(private readonly database: Database) {}

  /** The checkpoints of these processes; one that is new to the database begins where `begins` says. */
  async checkpoints(storeId: string, begins: ReadonlyMap<string, Position>): Promise<ProcessCheckpoint[]> {
    const names = [...begins.keys()];
    await this.database.query(
      `INSERT INTO ledger.processes (name, position, store_id) SELECT name, position, $3
      FROM unnest($1::text[], $2::text[]) AS p(name, position)
       ORDER BY name ON CONFLICT DO NOTHING`,
      [names, [...begins.values()], storeId],
    );
    const { rows } = await this.database.query<ProcessCheckpoint>(
      'SELECT name, position, store_id AS "storeId" FROM ledger.processes WHERE name = ANY ($1)',
      [names],
    );
    return rows;
  }

  /** Lets those of these processes whose checkpoint cannot be go on after the last event that they took in; their names. */
  async bringBack(names: readonly string[], { id, head }: { readonly id: string; readonly head: Position }): Promise<string[]> {
    const { rows } = await this.database.query<{ name: string }>(
      `UPDATE ledger.processes p SET stopped = NULL, moved_at = now(), position = triggered
       WHERE name = ANY ($1) AND store_id = $2 AND ${standsNowhere('$3')} RETURNING name`,
      [names, id, head],
    );
    return rows.map(({ name }) => name);
  }

  /** Takes triggers in and moves the checkpoints, all of it or nothing. @throws CheckpointMoved where another process did */
  async receive(checkpoints: readonly ProcessCheckpoint[], triggers: readonly Trigger[], position: Position): Promise<void> {
    await receive(this.database, checkpoints, triggers, position);
    for (const checkpoint of checkpoints) checkpoint.position = position;
  }

  /** Whether there may be something to handle: a trigger waits, or a timer is due. */
  hasWork(now: string): Promise<boolean> {
    return hasWork(this.database, now);
  }

  /**
   * The first triggers to handle, the most urgent before all others, but for those of the streams (`process stream`) that are being
   * handled.
   */
  async next(limit: number, processes: readonly string[], busy: readonly string[], urgency: Urgency = URGENCY.mayWait): Promise<Trigger[]> {
    const { rows } = await this.database.query<Trigger>({
      name: 'next-triggers',
      text: `SELECT ${TRIGGER} FROM ledger.process_inbox i
       WHERE i.state = 'pending' AND i.urgency <= $4 AND i.process = ANY ($2) AND i.process || ' ' || i.stream <> ALL ($3)
       AND ${NOT_BEHIND_FAILED}
       ORDER BY i.urgency, i.position, i.timer LIMIT $1`,
      values: [limit, processes, busy, urgency],
    });
    return rows;
  }

  /** Takes what was answered out of the inbox. A crash may bring it back, and then it is answered again. */
  done(trigger: Trigger): Promise<void> {
    return this.answered.ask(trigger);
  }

  private async remove(triggers: readonly Trigger[]): Promise<() => void> {
    // A commit that may be lost, without the two round trips of a transaction.
    await this.database.query({
      name: 'triggers-done',
      text: `WITH answered AS (SELECT process, position, timer FROM ledger.process_inbox i
          JOIN unnest($1::text[], $2::text[], $3::text[]) AS d(process, position, timer) USING (process, position, timer)
          WHERE i.state = 'pending' ORDER BY process, position, timer FOR UPDATE OF i)
        DELETE FROM ledger.process_inbox i USING answered AS a, set_config('synchronous_commit', 'off', true)
        WHERE i.process = a.process AND i.position = a.position AND i.timer = a.timer`,
      values: [triggers.map(({ process }) => process), triggers.map(({ position }) => position), triggers.map(({ timer }) => timer)],
    });
    return nothing;
  }

  /** What waits since another version has received it becomes as urgent as this one says. */
  rank(processes: readonly Process[]): Promise<void> {
    return rank(this.database, processes);
  }

  /** Removes what an earlier version has kept after it was answered. Resolves at the end, or when the signal aborts. */
  prune(signal: AbortSignal): Promise<void> {
    return prune(this.database, signal);
  }

  async failed(trigger: Trigger, error: string): Promise<void> {
    await this.database.query(
      "UPDATE ledger.process_inbox SET state = 'failed', error = $3, handled_at = now() WHERE process = $1 AND position = $2 AND " +
        "timer = $4 AND state = 'pending'",
      [trigger.process, trigger.position, error, trigger.timer],
    );
  }

  /** Makes a process's failed triggers pending again; how many. */
  async retry(process: string): Promise<number> {
    const { rowCount } = await this.database.query(
      `WITH failed AS (SELECT process, position, timer FROM ledger.process_inbox WHERE process = $1 AND state = 'failed'
         ORDER BY process, position, timer FOR NO KEY UPDATE)
       UPDATE ledger.process_inbox i SET state = 'pending', error = NULL, handled_at = NULL FROM failed f
       WHERE i.process = f.process AND i.position = f.position AND i.timer = f.timer`,
      [process],
    );
    return rowCount;
  }

  /** The refused steps in answer to one trigger: codes by step and target. */
  refusals(trigger: Trigger): Promise<Refusals> {
    return this.refusing.ask(trigger);
  }

  async refused(refusal: Refusal): Promise<void> {
    await this.database.query(
      `INSERT INTO ledger.process_refusals (process, trigger_id, step, target_stream, command, codes, refused_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [refusal.process, refusal.triggerId, refusal.step, refusal.targetStream, refusal.command, refusal.codes, refusal.refusedAt],
    );
  }

  note({ process, position }: Trigger, list: string, item: string): Promise<void> {
    return this.noting.ask({ process, position, list, item });
  }

  /** Takes an item off the list unless it was noted on an event after the trigger. */
  forget({ process, position }: Trigger, list: string, item: string): Promise<void> {
    return this.forgetting.ask({ process, position, list, item });
  }

  noted(process: string, list: string, after: string, limit: number): Promise<readonly string[]> {
    return this.paging.ask({ process, list, after, limit });
  }

  /**
   * Only while its trigger is being answered: a timer that is set already, or has run down, stays as it is.
   * The lock lets nobody take the trigger out in between.
   */
  setTimer(trigger: Trigger, timer: string, dueAt: string): Promise<void> {
    return this.setting.ask({ trigger, timer, dueAt });
  }

  /** Makes triggers of the timers that are due, once what has set them is answered; how many. Several may ask at once. */
  fire(now: string): Promise<number> {
    return fireTimers(this.database, now);
  }

  /** When the next timer is due, if that is not after `until`. RFC 3339 UTC. */
  nextDue(until: string): Promise<string | undefined> {
    return nextDue(this.database, until);
  }

  /** Notes why processes do not advance, for every service process to see; null once they do. */
  async noteStopped(names: readonly string[], message: string | null): Promise<void> {
    await this.database.query(
      `WITH these AS (SELECT name FROM ledger.processes WHERE name = ANY ($1) AND stopped IS DISTINCT FROM $2
         ORDER BY name FOR NO KEY UPDATE)
       UPDATE ledger.processes p SET stopped = $2 FROM these WHERE p.name = these.name`,
      [names, message],
    );
  }

  /**
   * Whether everything up to the position was answered, and no timer waits that was due by then.
   * What failed, and what waits behind it, counts as answered.
   * @param end of the store, asked afterwards: a checkpoint beyond it has looked at nothing
   */
  settled(position: Position, processes: readonly string[], end: () => Promise<Position>, now?: string): Promise<boolean> {
    return isSettled(this.database, position, processes, end, now);
  }

  /**
   * What became of the triggers up to the position that were not answered; undefined where all were. Asked with every clearance.
   * @param end as in `settled`
   */
  unanswered(position: Position, processes: readonly string[], end: () => Promise<Position>): Promise<Unanswered | undefined> {
    return unansweredUpTo(this.database, position, processes, end);
  }

  /** Whether an event after that position is one that a process answers, as far as they have looked. */
  triggeredAfter(position: Position, processes: readonly string[]): Promise<boolean> {
    return isTriggeredAfter(this.database, position, processes);
  }

  async status(): Promise<ProcessStatus[]> {
    const { rows } = await this.database.query<Omit<ProcessStatus, 'stopped'> & { stopped: string | null }>(
      `SELECT p.name, p.position, p.stopped, coalesce(i.pending, 0) AS pending, coalesce(i.failed, 0) AS failed,
         (SELECT count(*) FROM ledger.process_refusals r WHERE r.process = p.name) AS refused
       FROM ledger.processes p LEFT JOIN (
         SELECT process, count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'failed') AS failed
         FROM ledger.process_inbox GROUP BY process) i ON i.process = p.name
       ORDER BY p.name`,
    );
    return rows.map(({ stopped, ...status }) => ({ ...status, ...(stopped !== null && { stopped }) }));
  }
}

export const triggerOf = (process: Process, event: StoredEvent): Trigger => ({
  process: process.name,
  position: event.position,
  triggerId: event.id,
  stream: event.stream,
  revision: event.revision,
  type: event.type,
  timer: '',
  urgency: urgencyOf(process, categoryOf(event.stream)),
});
