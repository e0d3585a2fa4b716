import type { DataKeys } from '../personal-data/data-keys.js';
import {
  type AppendRequest, type AppendResult, EventStore, KeyNotCommitted, type Position, type StoredEvent, type SubscriptionMessage,
} from './event-store.js';

interface Asked {
  readonly keyIds: readonly string[];
  readonly answer: (unusable: Promise<ReadonlySet<string>>) => void;
}

/**
 * An event store that lies apart from the data keys: no event goes there before its key was seen in the database, which may
 * have gone back to an older copy meanwhile. One question is asked at a time, for all who have come since the last.
 */
export class KeysCommitted extends EventStore {
  override readonly keepsOrderOfCall = this.store.keepsOrderOfCall;
  #waiting: Asked[] = [];
  #asking = false;

  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
  ) {
    super();
  }

  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const keyIds = new Set(requests.flatMap(keysOf));
    if (keyIds.size > 0) {
      const unusable = await this.#unusable([...keyIds]);
      const keyless = requests.find(request => keysOf(request).some(keyId => unusable.has(keyId)));
      if (keyless) throw new KeyNotCommitted(keyless.stream);
    }
    return this.store.append(requests);
  }

  override readStream(...range: Parameters<EventStore['readStream']>): AsyncIterable<readonly StoredEvent[]> {
    return this.store.readStream(...range);
  }

  override readAll(...range: Parameters<EventStore['readAll']>): AsyncIterable<readonly StoredEvent[]> {
    return this.store.readAll(...range);
  }

  override subscribeToAll(...options: Parameters<EventStore['subscribeToAll']>): AsyncIterable<SubscriptionMessage> {
    return this.store.subscribeToAll(...options);
  }

  override newest(): Promise<Position> {
    return this.store.newest();
  }

  override head(): Promise<Position> {
    return this.store.head();
  }

  override isPosition(text: string): boolean {
    return this.store.isPosition(text);
  }

  override storeId(): Promise<string> {
    return this.store.storeId();
  }

  override irregularities(): Promise<readonly string[]> {
    return this.store.irregularities();
  }

  override close(): Promise<void> {
    return this.store.close();
  }

  #unusable(keyIds: readonly string[]): Promise<ReadonlySet<string>> {
    return new Promise(answer => {
      this.#waiting.push({ keyIds, answer });
      if (!this.#asking) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      const unusable = this.keys.unusable([...new Set(asked.flatMap(({ keyIds }) => keyIds))]);
      for (const { answer } of asked) answer(unusable);
      await unusable.catch(() => undefined);
    }
    this.#asking = false;
  }
}

const keysOf = ({ events }: AppendRequest): string[] => events.flatMap(({ metadata: { keyId } }) => (keyId === undefined ? [] : [keyId]));
