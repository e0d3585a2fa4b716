import { Refused } from '../event-store/refused.js';

const RETRY_AFTER_S = 2;

/** Work of which only so much runs at a time; what comes meanwhile waits in its order, for as long as that takes. */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atATime: number,
    private readonly waitingAtMost: number,
  ) {}

  /** @throws Refused `too-many-requests` at once where too many wait; what the work throws */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.atATime) this.running++;
    else {
      if (this.waiting.length >= this.waitingAtMost)
        throw new Refused('too-many-requests', 'More is asked for at a time than can be counted soon.', RETRY_AFTER_S);
      // Whoever ends hands on the slot, so that nobody who comes in between takes it.
      await new Promise<void>(begin => this.waiting.push(begin));
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
