/** One write at a time: what is added meanwhile makes up the next, so that many share one. */
export class Gathering<T> {
  private waiting: T[] = [];
  private next?: Promise<void>;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly write: (items: readonly T[]) => Promise<void>) {}

  /** Resolves once it is written. @throws what the write throws, as do all that shared it */
  add(item: T): Promise<void> {
    this.waiting.push(item);
    if (this.next) return this.next;
    const next = this.running.then(() => {
      const items = this.waiting;
      this.waiting = [];
      this.next = undefined;
      return this.write(items);
    });
    this.running = next.catch(() => undefined);
    return this.next = next;
  }
}
