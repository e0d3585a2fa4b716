import { LRUCache } from 'lru-cache';
import { weightOf, type StoredEvent } from '../event-store/event-store.js';
import type { Trigger } from './process-inbox.js';

/** Of the events kept: what processes answer at once, and little of a long way to catch up. */
const WEIGHT = 5_000;

/** The newest events that processes have to answer, so that none need be read again. Sealed as they are stored. */
export class TriggerEvents {
  private readonly kept = new LRUCache<string, StoredEvent>({ maxSize: WEIGHT, sizeCalculation: event => Math.ceil(weightOf(event)) });

  keep(event: StoredEvent): void {
    this.kept.set(event.id, event);
  }

  /** The event of the trigger, unless it has to be read. */
  of({ triggerId }: Trigger): StoredEvent | undefined {
    return this.kept.get(triggerId);
  }
}
