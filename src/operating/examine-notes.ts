import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../database/clock.js';
import type { Database } from '../database/database.js';
import { categoryOf, type EventStore, type StoredEvent } from '../event-store/event-store.js';
import type { Ledger } from '../event-store/ledger.js';
import { newestVersion, recorded } from '../event-store/stream-kind.js';
import { isPassing } from '../projecting/stopping.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';
import type { Kept, Look, Process, Processes } from '../reacting/process.js';
import { Findings } from './findings.js';
import { Reservoir } from './reservoir.js';

/** Triggers of each process and type that are looked at by sample. */
const SAMPLED = 200;
/** What is missing is remembered until the end, since a process may only just be about to note it. */
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

interface Trigger {
  readonly process: Process;
  readonly event: StoredEvent;
}
interface Wanted extends Kept, Trigger {}

// Whoever has still to answer what may have changed it lacks nothing yet.
const MISSING = `
  SELECT w.n FROM json_to_recordset($1) AS w(n int, process text, stream text, category text, list text, item text)
  WHERE NOT EXISTS (SELECT 1 FROM ledger.process_lists l WHERE l.process = w.process AND l.list = w.list AND l.item = w.item)
    AND NOT EXISTS (SELECT 1 FROM ledger.process_inbox i WHERE i.process = w.process
    AND (i.stream = w.stream OR split_part(i.stream, '-', 1) <> w.category))
  ORDER BY w.n`;

/** Whether processes have noted whom they must have in mind. All methods throw DatabaseUnavailable and StoreUnavailable. */
export class NotesExaminer {
  private readonly keeping: readonly Process[];
  private readonly sampled = new Map<string, Reservoir<Trigger>>();
  private missing: Wanted[] = [];

  constructor(
    private readonly tools: Tools,
    private readonly deep: boolean,
    private readonly looksApartMs = LOOKS_APART_MS,
  ) {
    this.keeping = tools.processes.all().filter(({ keeps }) => keeps);
  }

  /** Looks at events in their order. */
  async see(batch: readonly StoredEvent[]): Promise<void> {
    const triggers = batch.flatMap(event => this.keeping.filter(({ on }) => on.includes(event.type)).map(process => ({ process, event })));
    if (!this.deep) for (const trigger of triggers) this.sample(trigger);
    else if (this.missing.length < REMEMBERED) this.missing.push(...(await this.missingOf(await this.wantedOf(triggers))));
  }

  /** Once all events were seen. */
  async findings(): Promise<readonly string[]> {
    for (const { kept } of this.sampled.values()) this.missing.push(...(await this.missingOf(await this.wantedOf(kept))));
    let behind = new Set<string>();
    // Looked for again and again: what has just been stored may have changed what must be noted.
    for (let look = 0; look < LOOKS && this.missing.length > 0; look++) {
      if (look > 0) await sleep(this.looksApartMs);
      const wanted = await this.wantedOf([...new Map(this.missing.map(one => [`${one.process.name} ${one.event.id}`, one])).values()]);
      behind = await this.behind();
      this.missing = await this.missingOf(wanted);
    }
    const findings = new Findings();
    const different = new Map(this.missing.map(one => [`${one.process.name} ${one.list} ${one.item}`, one]));
    for (const { process, event, list, item } of different.values())
      findings.add(
        event,
        behind.has(process.name)
          ? `${process.name} is behind, and has not yet noted ${item} in ${list}: ask again`
          : `${process.name} should have ${item} noted in ${list}, and has not`,
      );
    return findings.lines;
  }

  /** Those who have not come to what was newest a moment ago, which may change what they must have noted. */
  private async behind(): Promise<Set<string>> {
    const { store, database } = this.tools;
    const newest = await store.newest();
    for (let look = 0; ; look++) {
      const { rows } = await database.query<{ name: string }>('SELECT name FROM ledger.processes WHERE name = ANY ($1) AND position < $2', [
        this.keeping.map(({ name }) => name),
        newest,
      ]);
      if (rows.length === 0 || look === LOOKS) return new Set(rows.map(({ name }) => name));
      await sleep(this.looksApartMs);
    }
  }

  private sample(trigger: Trigger): void {
    const name = `${trigger.process.name} ${trigger.event.type}`;
    const sample = this.sampled.get(name) ?? new Reservoir<Trigger>(SAMPLED);
    sample.offer(trigger);
    this.sampled.set(name, sample);
  }

  private async wantedOf(triggers: readonly Trigger[]): Promise<Wanted[]> {
    const look: Look = { ...this.tools.ledger.facts(), now: () => this.tools.clock.now() };
    const wanted: Wanted[] = [];
    for (const trigger of triggers) wanted.push(...(await this.kept(trigger, look)).map(kept => ({ ...kept, ...trigger })));
    return wanted;
  }

  private async missingOf(wanted: readonly Wanted[]): Promise<Wanted[]> {
    if (wanted.length === 0) return [];
    const rows = wanted.map(({ process, event: { stream }, list, item }, n) => ({
      n,
      process: process.name,
      stream,
      category: categoryOf(stream),
      list,
      item,
    }));
    const { rows: found } = await this.tools.database.query<{ n: number }>(MISSING, [JSON.stringify(rows)]);
    return found.map(({ n }) => wanted[n] as Wanted);
  }

  /** Nothing where an event is not what its type says, which is told of the event. */
  private async kept({ process, event }: Trigger, look: Look): Promise<readonly Kept[]> {
    const kind = this.tools.kinds.of(categoryOf(event.stream));
    if (!kind || event.schemaVersion > (newestVersion(kind, event.type) ?? 0)) return [];
    try {
      return (await process.keeps?.(recorded(kind, event, null), look)) ?? [];
    } catch (error) {
      if (isPassing(error)) throw error;
      return [];
    }
  }
}
