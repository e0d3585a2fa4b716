import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from '../database/database.js';
import { START, type Position, type StoredEvent } from '../event-store/event-store.js';
import { toInstant } from '../event-store/time.js';
import { CheckpointMoved, standsNowhere } from './checkpoints.js';

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

const TRIGGER = 'i.process, i.position, i.trigger_id AS "triggerId", i.stream, i.revision, i.type, i.timer';
// A stream's later triggers wait behind a failed one of the same process.
const NOT_BEHIND_FAILED = `NOT EXISTS (SELECT 1 FROM ledger.process_inbox f
  WHERE f.process = i.process AND f.stream = i.stream AND f.state = 'failed')`;

/** What processes have still to do, and what became of it: rows that are nowhere else. All methods throw DatabaseUnavailable. */
@Injectable()
export class ProcessInbox {
  constructor(private readonly database: Database) {}

  /** The checkpoints of these processes; one that is new to the database begins where `begins` says. */
  async checkpoints(storeId: string, begins: ReadonlyMap<string, Position>): Promise<ProcessCheckpoint[]> {
    const names = [...begins.keys()];
    await this.database.query(
      `INSERT INTO ledger.processes (name, position, store_id) SELECT name, position, $3 FROM unnest($1::text[], $2::text[]) AS p(name, position)
       ON CONFLICT DO NOTHING`, [names, [...begins.values()], storeId]);
    const { rows } = await this.database.query<ProcessCheckpoint>('SELECT name, position, store_id AS "storeId" FROM ledger.processes WHERE name = ANY ($1)', [names]);
    return rows;
  }

  /** Lets those of these processes whose checkpoint cannot be go on after the last event that they took in; their names. */
  async bringBack(names: readonly string[], { id, head }: { readonly id: string; readonly head: Position }): Promise<string[]> {
    const { rows } = await this.database.query<{ name: string }>(
      `UPDATE ledger.processes p SET stopped = NULL, moved_at = now(), position = coalesce(greatest(
         (SELECT max(i.position) FROM ledger.process_inbox i WHERE i.process = p.name),
         (SELECT max(t.position) FROM ledger.process_timers t WHERE t.process = p.name)), $4)
       WHERE name = ANY ($1) AND store_id = $2 AND ${standsNowhere('$3')} RETURNING name`, [names, id, head, START]);
    return rows.map(({ name }) => name);
  }

  /** Takes triggers in and moves the checkpoints in one transaction. @throws CheckpointMoved where another process did */
  async receive(checkpoints: readonly ProcessCheckpoint[], triggers: readonly Trigger[], position: Position): Promise<void> {
    await this.database.transaction(async tx => {
      const { rowCount } = await tx.query(
        `UPDATE ledger.processes p SET position = $3, moved_at = now(), stopped = NULL
         FROM unnest($1::text[], $2::text[]) AS at(name, position) WHERE p.name = at.name AND p.position = at.position`,
        [checkpoints.map(({ name }) => name), checkpoints.map(checkpoint => checkpoint.position), position]);
      if (rowCount !== checkpoints.length) throw new CheckpointMoved();
      if (triggers.length > 0) await insert(tx, triggers);
    });
    for (const checkpoint of checkpoints) checkpoint.position = position;
  }

  /** The first triggers to handle, but for those of the streams (`process stream`) that are being handled. */
  async next(limit: number, processes: readonly string[], busy: readonly string[]): Promise<Trigger[]> {
    const { rows } = await this.database.query<Trigger>(
      `SELECT ${TRIGGER} FROM ledger.process_inbox i
       WHERE i.state = 'pending' AND i.process = ANY ($2) AND i.process || ' ' || i.stream <> ALL ($3) AND ${NOT_BEHIND_FAILED}
       ORDER BY i.position, i.timer LIMIT $1`, [limit, processes, busy]);
    return rows;
  }

  async done(trigger: Trigger): Promise<void> {
    await this.database.query({
      name: 'trigger-done',
      text: "UPDATE ledger.process_inbox SET state = 'done', handled_at = now() WHERE process = $1 AND position = $2 AND timer = $3 AND state = 'pending'",
      values: [trigger.process, trigger.position, trigger.timer],
    });
  }

  async failed(trigger: Trigger, error: string): Promise<void> {
    await this.database.query(
      "UPDATE ledger.process_inbox SET state = 'failed', error = $3, handled_at = now() WHERE process = $1 AND position = $2 AND timer = $4 AND state = 'pending'",
      [trigger.process, trigger.position, error, trigger.timer]);
  }

  /** Makes a process's failed triggers pending again; how many. */
  async retry(process: string): Promise<number> {
    const { rowCount } = await this.database.query(
      "UPDATE ledger.process_inbox SET state = 'pending', error = NULL, handled_at = NULL WHERE process = $1 AND state = 'failed'", [process]);
    return rowCount;
  }

  /** The refused steps in answer to one trigger: codes by step and target. */
  async refusals(trigger: Trigger): Promise<Map<string, readonly string[]>> {
    const { rows } = await this.database.query<{ step: string; target: string; codes: string[] }>({
      name: 'refusals-of-trigger',
      text: 'SELECT step, target_stream AS target, codes FROM ledger.process_refusals WHERE process = $1 AND trigger_id = $2',
      values: [trigger.process, trigger.triggerId],
    });
    return new Map(rows.map(({ step, target, codes }) => [stepKey(step, target), codes]));
  }

  async refused(refusal: Refusal): Promise<void> {
    await this.database.query(
      `INSERT INTO ledger.process_refusals (process, trigger_id, step, target_stream, command, codes, refused_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [refusal.process, refusal.triggerId, refusal.step, refusal.targetStream, refusal.command, refusal.codes, refusal.refusedAt]);
  }

  async note(process: string, list: string, item: string): Promise<void> {
    await this.database.query({
      name: 'process-note',
      text: 'INSERT INTO ledger.process_lists (process, list, item) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      values: [process, list, item],
    });
  }

  async noted(process: string, list: string, after: string, limit: number): Promise<string[]> {
    const { rows } = await this.database.query<{ item: string }>(
      'SELECT item FROM ledger.process_lists WHERE process = $1 AND list = $2 AND item > $3 ORDER BY item LIMIT $4', [process, list, after, limit]);
    return rows.map(({ item }) => item);
  }

  /** A timer that is set already, or has run down, stays as it is. */
  async setTimer({ process, position, triggerId, stream, revision, type }: Trigger, timer: string, dueAt: string): Promise<void> {
    await this.database.query(
      `INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8
       WHERE NOT EXISTS (SELECT 1 FROM ledger.process_inbox WHERE process = $1 AND position = $2 AND timer = $3)
       ON CONFLICT DO NOTHING`, [process, position, timer, triggerId, stream, revision, type, dueAt]);
  }

  /** Makes triggers of the timers that are due; how many. Several may ask at once. */
  async fire(now: string): Promise<number> {
    const { rowCount } = await this.database.query({
      name: 'fire-timers',
      text: `WITH due AS (DELETE FROM ledger.process_timers WHERE due_at <= $1::timestamptz RETURNING *)
        INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, timer)
        SELECT process, position, trigger_id, stream, revision, type, timer FROM due ON CONFLICT DO NOTHING`,
      values: [now],
    });
    return rowCount;
  }

  /** When the next timer is due, if that is not after `until`. RFC 3339 UTC. */
  async nextDue(until: string): Promise<string | undefined> {
    const { rows } = await this.database.query<{ due: number | null }>(
      'SELECT (extract(epoch FROM min(due_at)) * 1000)::bigint AS due FROM ledger.process_timers WHERE due_at <= $1::timestamptz', [until]);
    const due = rows[0]?.due ?? null;
    return due === null ? undefined : toInstant(due);
  }

  /** Notes why processes do not advance, for every service process to see; null once they do. */
  async noteStopped(names: readonly string[], message: string | null): Promise<void> {
    await this.database.query('UPDATE ledger.processes SET stopped = $2 WHERE name = ANY ($1) AND stopped IS DISTINCT FROM $2', [names, message]);
  }

  /**
   * Whether everything up to the position was answered, and no timer waits that was due by then.
   * What failed, and what waits behind it, counts as answered.
   */
  async settled(position: Position, processes: readonly string[], now?: string): Promise<boolean> {
    const { rows } = await this.database.query<{ settled: boolean }>(
      `SELECT (SELECT count(*) FROM ledger.processes WHERE name = ANY ($2) AND position >= $1) = cardinality($2::text[])
         AND NOT EXISTS (SELECT 1 FROM ledger.process_inbox i
           WHERE i.state = 'pending' AND i.position <= $1 AND i.process = ANY ($2) AND ${NOT_BEHIND_FAILED})
         AND NOT EXISTS (SELECT 1 FROM ledger.process_timers WHERE process = ANY ($2) AND due_at <= $3::timestamptz) AS settled`, [position, processes, now ?? null]);
    return rows[0]?.settled === true;
  }

  /** What became of the triggers up to the position that were not answered; undefined where all were. Asked with every clearance. */
  async unanswered(position: Position, processes: readonly string[]): Promise<'pending' | 'failed' | undefined> {
    const { rows } = await this.database.query<{ failed: boolean; pending: boolean }>({
      name: 'unanswered',
      text: `SELECT EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'failed' AND position <= $1 AND process = ANY ($2)) AS failed,
          EXISTS (SELECT 1 FROM ledger.process_inbox WHERE state = 'pending' AND position <= $1 AND process = ANY ($2))
          OR (SELECT count(*) FROM ledger.processes WHERE name = ANY ($2) AND position >= $1) < cardinality($2::text[]) AS pending`,
      values: [position, processes],
    });
    if (rows[0]?.failed) return 'failed';
    return rows[0]?.pending === false ? undefined : 'pending';
  }

  /** Whether an event after that position is one that a process answers, as far as they have looked. */
  async triggeredAfter(position: Position, processes: readonly string[]): Promise<boolean> {
    const { rows } = await this.database.query<{ triggered: boolean }>(
      "SELECT EXISTS (SELECT 1 FROM ledger.process_inbox WHERE process = ANY ($2) AND position > $1 AND timer = '') AS triggered", [position, processes]);
    return rows[0]?.triggered === true;
  }

  async status(): Promise<ProcessStatus[]> {
    const { rows } = await this.database.query<Omit<ProcessStatus, 'stopped'> & { stopped: string | null }>(
      `SELECT p.name, p.position, p.stopped,
         (SELECT count(*) FROM ledger.process_inbox i WHERE i.process = p.name AND i.state = 'pending') AS pending,
         (SELECT count(*) FROM ledger.process_inbox i WHERE i.process = p.name AND i.state = 'failed') AS failed,
         (SELECT count(*) FROM ledger.process_refusals r WHERE r.process = p.name) AS refused
       FROM ledger.processes p ORDER BY p.name`);
    return rows.map(({ stopped, ...status }) => ({ ...status, ...(stopped !== null && { stopped }) }));
  }
}

export const stepKey = (step: string, target: string): string => `${step} ${target}`;

async function insert(tx: Queryable, triggers: readonly Trigger[]): Promise<void> {
  await tx.query(
    `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type)
     SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])`,
    [
      triggers.map(({ process }) => process), triggers.map(({ position }) => position), triggers.map(({ triggerId }) => triggerId),
      triggers.map(({ stream }) => stream), triggers.map(({ revision }) => revision), triggers.map(({ type }) => type),
    ]);
}

export const triggerOf = (process: string, event: StoredEvent): Trigger =>
  ({ process, position: event.position, triggerId: event.id, stream: event.stream, revision: event.revision, type: event.type, timer: '' });
