import type { Database } from '../database/database.js';
import { categoryOf, type EventStore, type StoredEvent } from '../event-store/event-store.js';
import { recorded } from '../event-store/stream-kind.js';
import type { PersonalData } from '../personal-data/personal-data.js';
import { isPassing, reasonOf } from '../projecting/stopping.js';
import type { StreamKinds } from '../projecting/stream-kinds.js';

/** Findings told one by one; beyond them, only how many. */
const TOLD = 20;

export interface Examined {
  readonly events: number;
  /** One line each, with stream, revision and reason. */
  readonly findings: readonly string[];
}

interface Tools {
  readonly store: EventStore;
  readonly kinds: StreamKinds;
  readonly personalData: PersonalData;
}

/** Reads every event: revisions follow each other, types and versions are known, what is sealed opens. @throws where the store cannot be read */
export async function examineEvents({ store, kinds, personalData }: Tools): Promise<Examined> {
  const findings = new Findings();
  const revisions = new Map<string, number>();
  let events = 0;
  for await (const batch of store.readAll()) {
    events += batch.length;
    const sealed = await personalData.openAll(batch).then(() => false, (error: unknown) => {
      if (isPassing(error)) throw error;
      return true;
    });
    for (const event of batch) {
      const { stream, revision } = event;
      const next = (revisions.get(stream) ?? -1) + 1;
      if (revision !== next) findings.add(event, revision > next ? `follows revision ${next - 1}: what stood between is gone` : `comes after revision ${next - 1}`);
      revisions.set(stream, Math.max(revision, next - 1));
      await findings.of(event, () => known(kinds, event));
      if (sealed) await findings.of(event, () => personalData.openAll([event]));
    }
  }
  return { events, findings: findings.lines };
}

async function known(kinds: StreamKinds, event: StoredEvent): Promise<void> {
  const kind = kinds.of(categoryOf(event.stream));
  if (kind) recorded(kind, event, null);
}

/** What processes wait for must be there: a timer names the event that set it. @throws DatabaseUnavailable, StoreUnavailable */
export async function examineTimers(database: Database, store: EventStore): Promise<readonly string[]> {
  const findings = new Findings();
  const { rows } = await database.query<{ process: string; timer: string; stream: string; revision: number; id: string }>(
    'SELECT process, timer, stream, revision, trigger_id AS id FROM ledger.process_timers ORDER BY due_at');
  for (const { process, timer, stream, revision, id } of rows) {
    const found: string[] = [];
    for await (const batch of store.readStream(stream, { from: revision, to: revision })) found.push(...batch.map(event => event.id));
    if (found[0] !== id) findings.add({ stream, revision }, `is waited for by ${process} (${timer}), but is not there`);
  }
  return findings.lines;
}

class Findings {
  private count = 0;
  private readonly told: string[] = [];

  add({ stream, revision }: Pick<StoredEvent, 'stream' | 'revision'>, reason: string): void {
    this.count += 1;
    if (this.count <= TOLD) this.told.push(`${stream} at revision ${revision}: ${reason}`);
  }

  async of(event: StoredEvent, look: () => Promise<unknown>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.add(event, reasonOf(error));
    }
  }

  get lines(): readonly string[] {
    return this.count > TOLD ? [...this.told, `and ${this.count - TOLD} more`] : this.told;
  }
}
