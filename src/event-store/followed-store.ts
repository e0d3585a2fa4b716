import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Queryable } from '../database/database.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import type { Leadership } from '../database/leadership.js';
import { type AppendRequest, type AppendResult, type EventStore, type Position, START, StoreUnavailable } from './event-store.js';
import { ForwardingEventStore } from './forwarding-event-store.js';

/** Held, shared, by each process that stores events; whoever moves them to another event store takes it alone. */
export const STORING_LOCK = 'storing of events';

const FOLLOWERS = `(SELECT name, store_id, position FROM ledger.processes UNION ALL SELECT name, store_id, position FROM ledger.read_models
  UNION ALL SELECT 'the log', store_id, position FROM ledger.log) AS followers`;

/** One that follows another event store than these, if there is any. */
export async function followerElsewhere(
  on: Queryable,
  storeIds: readonly string[],
): Promise<{ readonly name: string; readonly storeId: string } | undefined> {
  const { rows } = await on.query<{ name: string; storeId: string }>(
    `SELECT name, store_id AS "storeId" FROM ${FOLLOWERS} WHERE store_id <> ALL ($1) LIMIT 1`,
    [storeIds],
  );
  return rows[0];
}

/** So long a database that was away for a moment is waited for, in milliseconds. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** The lock was lost before the append was sent. */
class LockLost extends StoreUnavailable {
  constructor() {
    super('the event store may be another meanwhile');
    this.name = 'LockLost';
  }
}

/**
 * The event store that all followers follow, for as long as nobody moves them to another: what a process stored in the one that they have
 * left, because it was frozen or started meanwhile, would be acknowledged and seen by nobody. Nor would they see what is stored in an
 * older copy of it, before where they stand.
 */
export class FollowedStore extends ForwardingEventStore {
  readonly #logger = new Logger('EventStore');
  /** As found under the lock, since which nobody else can have had it alone. */
  #isFollowed = false;
  #asking?: Promise<void>;
  #said?: string;

  constructor(
    store: EventStore,
    private readonly leadership: Leadership,
    private readonly database: Queryable,
  ) {
    super(store);
    leadership.onLoss(() => {
      this.#isFollowed = false;
    });
  }

  /** @throws also StoreUnavailable while events are moved elsewhere, and once they were; DatabaseUnavailable */
  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    for (const deadline = performance.now() + PATIENCE_MS; ;) {
      await this.#assertFollowed();
      try {
        return await this.store.append(requests.map(request => this.#guarded(request)));
      } catch (error) {
        if (!(error instanceof LockLost) || performance.now() > deadline) throw error;
      }
    }
  }

  override async assertWritable(): Promise<void> {
    await this.#assertFollowed();
    await this.store.assertWritable();
  }

  #guarded(request: AppendRequest): AppendRequest {
    const assertMayWrite = (): void => {
      request.assertMayWrite?.();
      if (!this.#holds) throw new LockLost();
    };
    return { ...request, assertMayWrite };
  }

  get #holds(): boolean {
    return this.#isFollowed && this.leadership.holds(STORING_LOCK);
  }

  async #assertFollowed(): Promise<void> {
    if (this.#holds) return;
    await (this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    }));
  }

  async #ask(): Promise<void> {
    for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
      try {
        const wrong = await this.#take();
        if (wrong === undefined) return;
        if (wrong !== this.#said) this.#logger.error(`nothing is stored: ${wrong}`);
        this.#said = wrong;
        throw new StoreUnavailable(wrong);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable) || performance.now() > deadline) throw error;
      }
    }
  }

  /** Takes the lock; or what is in the way. */
  async #take(): Promise<string | undefined> {
    this.#isFollowed = false;
    if (!(await this.leadership.acquire(STORING_LOCK, 'shared'))) return 'events are being moved to another event store';
    const wrong = await this.#wrong();
    this.#isFollowed = wrong === undefined;
    if (wrong !== undefined) await this.leadership.release(STORING_LOCK, 'shared');
    return wrong;
  }

  async #wrong(): Promise<string | undefined> {
    const storeId = await this.store.storeId();
    const { rows: followers } = await this.database.query<{ name: string; storeId: string; position: Position }>(
      `SELECT name, store_id AS "storeId", position FROM ${FOLLOWERS}`,
    );
    const elsewhere = followers.find(follower => follower.storeId !== storeId);
    if (elsewhere)
      return `${elsewhere.name} follows the event store ${elsewhere.storeId}, and nobody this one: EVENT_STORE_URL has to name that one`;
    // After the followers, who go on meanwhile. A longer position than it has is none, see `standsNowhere`.
    const head = await this.store.head();
    const beyond = followers.find(({ position }) => position > head && (head === START || position.length === head.length));
    if (beyond) return `${beyond.name} stands at ${beyond.position}, beyond the event store's end ${head}: an older copy was restored`;
    return this.#missing();
  }

  /** An older copy that has grown since, by events of others or of its own, ends beyond the followers too. */
  async #missing(): Promise<string | undefined> {
    const {
      rows: [last],
    } = await this.database.query<{ stream: string | null; revision: number; eventId: string }>(
      'SELECT last_stream AS stream, last_revision AS revision, last_event_id AS "eventId" FROM ledger.log',
    );
    if (!last?.stream) return undefined;
    const { stream, revision, eventId } = last;
    for await (const [event] of this.store.readStream(stream, { from: revision, to: revision }))
      if (event?.id === eventId) return undefined;
    return `the log has the event ${eventId}, ${stream} at revision ${revision}, and the event store has not: an older copy was restored`;
  }
}
