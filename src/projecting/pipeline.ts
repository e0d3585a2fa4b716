import { StoreUnavailable, weightOf, type Position, type SubscriptionMessage } from '../event-store/event-store.js';

interface Item<T> {
  readonly value: T;
  readonly weight: number;
}

/** A bounded queue between two stages of a pipeline: the one that puts waits while it is full, the one that takes while it is empty. */
export class Conveyor<T> {
  private readonly items: Item<T>[] = [];
  private weight = 0;
  private ended = false;
  private wakePutter?: () => void;
  private wakeTaker?: () => void;

  /** @param capacity weight at which `put` starts to wait */
  constructor(private readonly capacity: number) {}

  /** Resolves once there is room for more; false when nobody takes any more. */
  async put(value: T, weight: number): Promise<boolean> {
    if (this.ended) return false;
    this.items.push({ value, weight });
    this.weight += weight;
    this.wakeTaker?.();
    while (this.weight >= this.capacity && !this.ended) {
      await new Promise<void>(resolve => {
        this.wakePutter = resolve;
      });
    }
    return !this.ended;
  }

  /** What waits, at least one item and no more than `limit` in weight; undefined once it is abandoned. */
  async take(limit: number): Promise<T[] | undefined> {
    while (this.items.length === 0 && !this.ended) {
      await new Promise<void>(resolve => {
        this.wakeTaker = resolve;
      });
    }
    if (this.ended) return undefined;
    let taken = 0;
    let count = 0;
    for (const { weight } of this.items) {
      if (count > 0 && taken + weight > limit) break;
      taken += weight;
      count++;
    }
    this.weight -= taken;
    this.wakePutter?.();
    return this.items.splice(0, count).map(item => item.value);
  }

  /** What is there is dropped, and nothing more is taken or put. */
  abandon(): void {
    this.ended = true;
    this.items.length = 0;
    this.wakePutter?.();
    this.wakeTaker?.();
  }
}

/**
 * Runs stages side by side until the signal aborts; what each is doing then is finished.
 * @throws what the first stage to fail threw
 */
export async function runStages(
  signal: AbortSignal,
  conveyors: readonly { abandon(): void }[],
  stages: readonly ((stopping: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const stop = (): void => {
    stopping.abort();
    for (const conveyor of conveyors) conveyor.abandon();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await Promise.all(
    stages.map(stage =>
      stage(stopping.signal).catch((error: unknown) => {
        if (!stopping.signal.aborted) failures.push(error);
        stop();
      }),
    ),
  );
  signal.removeEventListener('abort', stop);
  if (failures.length > 0) throw failures[0];
}

/** The first stage: all that a subscription brings; its weight is that of its events. */
export async function fetchAll(
  subscription: AsyncIterable<SubscriptionMessage>,
  to: Conveyor<SubscriptionMessage>,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of subscription) {
    const weight = message.kind === 'events' ? message.events.reduce((sum, event) => sum + weightOf(event), 0) : 1;
    if (!(await to.put(message, weight))) return;
  }
  if (!signal.aborted) throw new StoreUnavailable('the subscription ended by itself');
}

/** The first of the positions at which followers stand. */
export const earliest = (followers: readonly { readonly position: Position }[]): Position =>
  followers.map(({ position }) => position).reduce((first, one) => (one < first ? one : first));
