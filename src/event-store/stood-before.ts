import { LRUCache } from 'lru-cache';
import type { StoredEvent } from './event-store.js';
import type { FoldedStream } from './folded-streams.js';

/** How the streams stood that this process wrote last, each before its newest append: who follows the store need not read them again. */
export class StoodBefore {
  /** By the id of the first event that was appended: who comes to that event knows that this is what it was appended to. */
  private readonly kept: LRUCache<string, FoldedStream<unknown>>;

  /**
   * @param weight of the events that they were folded from, at most
   * @param rememberMs how long one is kept, in milliseconds: what is personal in it may have been erased
   */
  constructor(weight: number, rememberMs: number) {
    this.kept = new LRUCache({ maxSize: weight, ttl: rememberMs, sizeCalculation: folded => 2 + Math.ceil(folded.weight) });
  }

  keep(appended: string, folded: FoldedStream<unknown>): void {
    this.kept.set(appended, folded);
  }

  /** The stream up to that event, where it was the first of an append of this process. */
  of({ id, stream, revision }: Pick<StoredEvent, 'id' | 'stream' | 'revision'>): FoldedStream<unknown> | undefined {
    const folded = this.kept.get(id);
    return folded?.stream === stream && folded.revision === revision - 1 ? folded : undefined;
  }

  forget(): void {
    this.kept.clear();
  }

  purge(): void {
    this.kept.purgeStale();
  }
}
