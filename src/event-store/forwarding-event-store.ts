import {
  type AppendRequest,
  type AppendResult,
  EventStore,
  type Position,
  type StoredEvent,
  type StreamedEvent,
  type SubscriptionMessage,
} from './event-store.js';

/** Asks another event store whatever it is asked. */
export class ForwardingEventStore extends EventStore {
  override readonly keepsOrderOfCall = this.store.keepsOrderOfCall;

  constructor(protected readonly store: EventStore) {
    super();
  }

  override append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    return this.store.append(requests);
  }

  override readStream(...range: Parameters<EventStore['readStream']>): AsyncIterable<readonly StoredEvent[]> {
    return this.store.readStream(...range);
  }

  override readAll(...range: Parameters<EventStore['readAll']>): AsyncIterable<readonly StoredEvent[]> {
    return this.store.readAll(...range);
  }

  override readByStream(...range: Parameters<EventStore['readByStream']>): AsyncIterable<readonly StreamedEvent[]> | undefined {
    return this.store.readByStream(...range);
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
