import { isPassing } from '../projecting/stopping.js';
import { Pace } from './pace.js';
import { Interrupted } from './reactions.js';

/** Where the store is away or the lead is lost, the others would fail as well. */
const concernsAll = (error: unknown): boolean => isPassing(error) || error instanceof Interrupted;

/** The share of those begun that may still run when the next are: some wait for others, and must hold up no more than a place each. */
const LEFT_BEHIND = 1 / 8;

/**
 * Works on each item, begun in their order, as many side by side as the pace allows. The next are begun together, once nearly all are
 * done: they go in step and share statements, where each that began as another ended would soon have statements of its own. One that
 * fails for a reason of its own holds up no other.
 * @throws the first failure when all others are done; after one that concerns all, nothing more is begun
 */
export async function sideBySide<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
  pace: Pick<Pace, 'limit' | 'measure'> = new Pace(),
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let finished = (): void => undefined;
  const begin = (item: Item): void => {
    const one = work(item)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => {
        running.delete(one);
        finished();
      });
    running.add(one);
  };
  try {
    for await (const item of items) {
      await pace.measure();
      if (running.size >= pace.limit)
        while (running.size > pace.limit * LEFT_BEHIND)
          await new Promise<void>(resolve => {
            finished = resolve;
          });
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
