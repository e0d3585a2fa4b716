import { isPassing } from '../projecting/stopping.js';
import { Pace } from './pace.js';
import { Interrupted } from './reactions.js';

/** Where the store is away or the lead is lost, the others would fail as well. */
const concernsAll = (error: unknown): boolean => isPassing(error) || error instanceof Interrupted;

/**
 * Works on each item, begun in their order, as many side by side as the pace allows. One that fails for a reason of its own holds
 * up no other. @throws the first failure when all others are done; after one that concerns all, nothing more is begun
 */
export async function sideBySide<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
  pace: Pick<Pace, 'limit' | 'measure'> = new Pace(),
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begin = (item: Item): void => {
    const one = work(item)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => running.delete(one));
    running.add(one);
  };
  try {
    for await (const item of items) {
      await pace.measure();
      while (running.size >= pace.limit) await Promise.race(running);
      if (failures.some(concernsAll)) break;
      begin(item);
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures.find(concernsAll) ?? failures[0];
}

/** The same, one after the other: where each must find what the one before has left. */
export const oneByOne = <Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> =>
  sideBySide(items, work, { limit: 1, measure: async () => undefined });
