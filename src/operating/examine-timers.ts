import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import type { Database } from '../database/database.js';
import { categoryOf, type EventStore, type StoredEvent } from '../event-store/event-store.js';
import type { Ledger } from '../event-store/ledger.js';
import { newestVersion, recorded, type DomainEvent, type Recorded } from '../event-store/stream-kind.js';
import { isInstant } from '../fields/formats.js';
import { isAfter, millis } from '../fields/time.js';
import { isPassing } from '../projecting/stopping.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';
import type { Awaited, Look, Process, Processes } from '../reacting/process.js';
import { Findings } from './findings.js';

/** Timers looked up at a time, and how many of these side by side. */
const PAGE = 500;
const SIDE_BY_SIDE = 16;
/** Remembered until the end, since a process may only just be about to set them. */
const REMEMBERED = 5_000;
const LOOKS = 3;
const LOOKS_APART_MS = 700;

interface Tools {
  readonly database: Database;
  readonly store: EventStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly kinds: StreamKinds;
  readonly processes: Processes;
}

interface Wanted extends Awaited {
  readonly process: string;
  readonly event: StoredEvent;
}

interface Timer {
  readonly process: string;
  readonly timer: string;
  readonly position: string;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly dueAt: Date;
}

// Whoever has not come to the event, or has still to answer it, or what may have changed what it leads to, lacks nothing yet.
const MISSING = `
  SELECT w.n FROM json_to_recordset($1) AS w(n int, process text, position text, stream text, category text, timer text, otherwise text)
  JOIN ledger.processes p ON p.name = w.process AND p.position >= w.position
  WHERE NOT EXISTS (SELECT 1 FROM ledger.process_timers t WHERE t.process = w.process AND t.position = w.position AND t.timer = w.timer)
    AND NOT EXISTS (SELECT 1 FROM ledger.process_timers t WHERE t.process = w.process AND t.timer = w.otherwise)
    AND NOT EXISTS (SELECT 1 FROM ledger.process_inbox i WHERE i.process = w.process
    AND (i.stream = w.stream OR split_part(i.stream, '-', 1) <> w.category))
  ORDER BY w.n`;

/** Undefined where an event is not what its type says, which is told of the event. */
async function whereItCanBeTold<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isPassing(error)) throw error;
    return undefined;
  }
}

/**
 * Whether whatever has a deadline has its timer, and every timer its deadline. All methods throw DatabaseUnavailable and StoreUnavailable.
 */
export class TimerExaminer {
  private readonly missing: Wanted[] = [];
  private readonly waiting: readonly Process[];

  constructor(private readonly tools: Tools) {
    this.waiting = tools.processes.all().filter(({ timers }) => timers);
  }

  /** Looks at events in their order. */
  async see(batch: readonly StoredEvent[]): Promise<void> {
    if (this.missing.length >= REMEMBERED) return;
    this.missing.push(...(await this.lacking(batch)));
  }

  /** Once all events were seen. */
  async findings(): Promise<readonly string[]> {
    const findings = new Findings();
    for (let seen = this.missing.splice(0, PAGE); seen.length > 0; seen = this.missing.splice(0, PAGE)) {
      for (const { process, timer, event, dueAt } of await this.stillLacking(seen))
        findings.add(event, `${process} should wait until ${dueAt} (${timer}), and does not`);
    }
    for await (const page of this.timers()) {
      const look = this.look();
      const waiting = [...page];
      await Promise.all(
        Array.from({ length: SIDE_BY_SIDE }, async () => {
          for (let timer = waiting.shift(); timer; timer = waiting.shift()) {
            const reason = await this.faultOf(timer, look);
            if (reason) findings.add(timer, `${timer.process} waits for it (${timer.timer}), but ${reason}`);
          }
        }),
      );
    }
    return findings.lines;
  }

  /** Looked for again and again: an event that has just been stored may have changed what must be waited for. */
  private async stillLacking(seen: readonly Wanted[]): Promise<readonly Wanted[]> {
    let lacking = seen;
    for (let look = 0; look < LOOKS && lacking.length > 0; look++) {
      if (look > 0) await sleep(LOOKS_APART_MS);
      lacking = await this.lacking([...new Set(lacking.map(wanted => wanted.event))]);
    }
    return lacking;
  }

  private async lacking(events: readonly StoredEvent[]): Promise<Wanted[]> {
    const look = this.look();
    const wanted: Wanted[] = [];
    for (const event of events) {
      for (const { name, on, timers } of this.waiting) {
        const trigger = on.includes(event.type) ? this.trigger(event) : undefined;
        const awaited = trigger && (await whereItCanBeTold(async () => timers?.awaited(trigger, look)));
        wanted.push(...(awaited ?? []).map(each => ({ ...each, process: name, event })));
      }
    }
    const toCome = wanted.filter(({ dueAt }) => isInstant(dueAt) && isAfter(dueAt, look.now()));
    if (toCome.length === 0) return [];
    const rows = toCome.map(({ process, timer, otherwise, event: { position, stream } }, n) => ({
      n,
      process,
      position,
      stream,
      category: categoryOf(stream),
      timer,
      otherwise,
    }));
    const { rows: found } = await this.tools.database.query<{ n: number }>(MISSING, [JSON.stringify(rows)]);
    // Time may have come meanwhile.
    await this.tools.clock.refresh();
    return found.map(({ n }) => toCome[n] as Wanted).filter(({ dueAt }) => isAfter(dueAt, look.now()));
  }

  private async faultOf({ process: name, timer, position, id, stream, revision, dueAt }: Timer, look: Look): Promise<string | undefined> {
    const process = this.tools.processes.get(name);
    if (!process?.timers) return 'this version of the service has no such timer';
    const event = await this.eventAt(stream, revision);
    if (event?.id !== id) return 'it is not there';
    const trigger = this.trigger(event);
    if (!trigger || !process.on.includes(trigger.type)) return `${event.type} is none that it answers`;
    if (event.position !== position) return `it stands at ${event.position}, not at ${position}`;
    const { timers } = process;
    const due = await whereItCanBeTold(() => timers.dueAt(trigger, timer, look));
    if (!isInstant(due)) return `${event.type} leads to no such timer`;
    return millis(due) === dueAt.getTime() ? undefined : `it is due ${due}, and the timer ${dueAt.toISOString()}`;
  }

  private trigger(event: StoredEvent): Recorded<DomainEvent> | undefined {
    const kind = this.tools.kinds.of(categoryOf(event.stream));
    return kind && event.schemaVersion <= (newestVersion(kind, event.type) ?? 0) ? recorded(kind, event, null) : undefined;
  }

  private async eventAt(stream: string, revision: number): Promise<StoredEvent | undefined> {
    for await (const [event] of this.tools.store.readStream(stream, { from: revision, to: revision })) return event;
    return undefined;
  }

  private async *timers(): AsyncGenerator<readonly Timer[]> {
    for (let last = ['', '', '']; ;) {
      const { rows } = await this.tools.database.query<Timer>(
        `SELECT process, position, timer, trigger_id AS id, stream, revision, due_at AS "dueAt" FROM ledger.process_timers
         WHERE (process, position, timer) > ($1, $2, $3) ORDER BY process, position, timer LIMIT ${PAGE}`,
        last,
      );
      const end = rows.at(-1);
      if (!end) return;
      yield rows;
      last = [end.process, end.position, end.timer];
    }
  }

  /** Each stream is read once by one look, so that it sees one state of it. */
  private look(): Look {
    return { ...this.tools.ledger.facts(), now: () => this.tools.clock.now() };
  }
}
