import { LRUCache } from 'lru-cache';
import { type Position, START } from '../event-store.js';
import type { Pages } from './pages.js';
import { fromPosition, toPosition } from './positions.js';
import { sendingOf } from './stored-form.js';

interface Asked {
  readonly sending: string;
  readonly position: Position;
  readonly answer: (stands: boolean) => void;
}

const PAGE = 1_000;

/**
 * Whose append stands at a place: the server answers a repeat as it answered the first. One page is read at a time, for all
 * who have come since the last; a reading of its own for each append would cost more than the append.
 */
export class Sendings {
  #waiting: Asked[] = [];
  #asking = false;
  /** The newest place that was read. */
  #read: Position = START;
  /** Answers come out of order: another's page may have held the place already. */
  readonly #known = new LRUCache<Position, string>({ max: 4 * PAGE });

  constructor(private readonly pages: Pages) {}

  /** False also where it could not be found out. */
  stands(sending: string, position: Position): Promise<boolean> {
    return new Promise((answer) => {
      this.#waiting.push({ sending, position, answer });
      if (!this.#asking) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      const [first] = asked.map(({ position }) => position).filter((position) => position > this.#read).sort();
      if (first !== undefined) await this.#readFrom(first).catch(() => undefined);
      for (const { sending, position, answer } of asked) answer(this.#known.get(position) === sending);
    }
    this.#asking = false;
  }

  async #readFrom(first: Position): Promise<void> {
    for (const event of await this.pages.all({ from: fromPosition(first), direction: 'forwards', maxCount: PAGE })) {
      if (!event.position) continue;
      const position = toPosition(event.position);
      const sending = sendingOf(event);
      if (sending !== undefined) this.#known.set(position, sending);
      if (position > this.#read) this.#read = position;
    }
  }
}
