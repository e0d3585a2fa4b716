import { jest } from '@jest/globals';
import type { EventStore, Position, StreamedEvent } from '../../src/event-store/event-store.js';
import { asCheckpoint } from '../../src/projecting/place-in-streams.js';

/** Lets the store read stream by stream so many events at a time; after each there is `between`, told how many came and where they end. */
export function inBatchesOf(size: number, store: EventStore, between: (read: number, place: Position) => Promise<void>) {
  const whole = store.readByStream.bind(store);
  async function* pieces(...[range]: Parameters<EventStore['readByStream']>): AsyncGenerator<readonly StreamedEvent[]> {
    let read = 0;
    for await (const events of whole(range) ?? [])
      for (let from = 0; from < events.length; from += size) {
        const piece = events.slice(from, from + size);
        yield piece;
        await between((read += piece.length), asCheckpoint({ upTo: range.upTo, after: piece.at(-1) as StreamedEvent }));
      }
  }
  return jest.spyOn(store, 'readByStream').mockImplementation(pieces);
}
