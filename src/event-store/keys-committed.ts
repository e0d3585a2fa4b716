import { Gathering } from '../database/gathering.js';
import type { DataKeys } from '../personal-data/data-keys.js';
import {
  type AppendRequest,
  type AppendResult,
  EventStore,
  KeyNotCommitted,
  type Position,
  type StoredEvent,
  type SubscriptionMessage,
} from './event-store.js';

/**
 * An event store that lies apart from the data keys: no event goes there before its key was seen in the database, which may
 * have gone back to an older copy meanwhile.
 */
export class KeysCommitted extends EventStore {
  override readonly keepsOrderOfCall = this.store.keepsOrderOfCall;
  /** Of the keys named by each append, those that may not be used. */
  readonly #unusable = new Gathering<readonly string[], ReadonlySet<string>>(async asked => {
    const unusable = await this.keys.unusable([...new Set(asked.flat())]);
    return () => unusable;
  });

  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
  ) {
    super();
  }

  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    const keyIds = new Set(requests.flatMap(keysOf));
    if (keyIds.size > 0) {
      const unusable = await this.#unusable.ask([...keyIds]);
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

  override assertWritable(): Promise<void> {
    return this.store.assertWritable();
  }

  override close(): Promise<void> {
    return this.store.close();
  }
}

const keysOf = ({ events }: AppendRequest): string[] => events.flatMap(({ metadata: { keyId } }) => (keyId === undefined ? [] : [keyId]));
