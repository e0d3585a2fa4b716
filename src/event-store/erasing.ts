import { Injectable } from '@nestjs/common';
import { DataKeys } from '../personal-data/data-keys.js';
import { EventStore } from './event-store.js';
import { withoutGap } from './recorded-events.js';

/** What is personal in events is erased by destroying the keys that seal it; the events stay as they are. */
@Injectable()
export class Erasing {
  constructor(
    private readonly store: EventStore,
    private readonly keys: DataKeys,
  ) {}

  /**
   * Destroys every key that the stream's events name, up to a revision; without one, until none is new. May be repeated.
   * @throws EventsMissing, since keys that they name would stand for ever; StoreUnavailable, DatabaseUnavailable
   */
  async destroyKeys(stream: string, to?: number, from = 0): Promise<void> {
    const named = new Set<string>();
    let seen = from;
    for await (const batch of withoutGap(stream, this.store.readStream(stream, { from, to }), from)) {
      for (const { metadata } of batch) if (metadata.keyId !== undefined) named.add(metadata.keyId);
      seen += batch.length;
    }
    await this.keys.destroy([...named]);
    // Whoever read meanwhile has taken another.
    if (to === undefined && named.size > 0) await this.destroyKeys(stream, to, seen);
  }
}
