import { type Position, type StoredEvent, weightOf } from '../event-store.js';

/** How much is kept for those who come later, as the weight of events. */
const KEPT = 4_000;

/** When somebody looks: the hints heard so far, and how often the database was another one. */
export interface Moment {
  readonly ticket: number;
  readonly breaks: number;
}

export interface Looked {
  readonly events: readonly StoredEvent[];
  /** Whether there was nothing after them, as far as the hints heard so far tell. */
  readonly isEnd: boolean;
}

interface Page {
  readonly after: Position;
  readonly events: readonly StoredEvent[];
  readonly weight: number;
}

interface Looking extends Moment {
  readonly after: Position;
  readonly looked: Promise<Looked>;
}

/**
 * The newest events as the subscriptions of this process have read them: one reads and the others take the same, each when it is ready.
 * Whoever has fallen behind what is kept reads for itself.
 */
export class SharedTail {
  /** One after the other, without a gap. */
  #pages: Page[] = [];
  #weight = 0;
  #breaks = 0;
  #looking: Looking | undefined;
  #end: { readonly position: Position; readonly ticket: number; readonly lookedAt: number } | undefined;

  /**
   * @param read the first events after a position; fewer than the limit where there are no more
   * @param apartMs an end that was seen longer ago is looked for again: a hint may be lost
   */
  constructor(
    private readonly read: (after: Position, limit: number) => Promise<readonly StoredEvent[]>,
    private readonly apartMs: number,
  ) {}

  /** The next events after the position, as many as were read at a time. @throws what reading throws */
  async look(after: Position, limit: number, now: Moment): Promise<Looked> {
    if (now.breaks !== this.#breaks) this.#forget(now.breaks);
    const kept = this.#keptAfter(after);
    if (kept) return { events: kept.events.filter(({ position }) => position > after), isEnd: this.#isEnd(lastOf(kept), now) };
    if (this.#isEnd(after, now)) return { events: [], isEnd: true };
    const before = this.#looking;
    if (before?.after === after) {
      const { events, isEnd } = await before.looked;
      return { events, isEnd: isEnd && before.ticket === now.ticket };
    }
    const looking: Looking = { ...now, after, looked: this.#ask(after, limit, now) };
    this.#looking = looking;
    try {
      return await looking.looked;
    } finally {
      if (this.#looking === looking) this.#looking = undefined;
    }
  }

  async #ask(after: Position, limit: number, { ticket, breaks }: Moment): Promise<Looked> {
    const lookedAt = performance.now();
    const events = await this.read(after, limit);
    const isEnd = events.length < limit;
    if (breaks === this.#breaks) {
      this.#keep({ after, events, weight: events.reduce((sum, event) => sum + weightOf(event), 0) });
      if (isEnd) this.#end = { position: events.at(-1)?.position ?? after, ticket, lookedAt };
    }
    return { events, isEnd };
  }

  /** Most who ask stand at the end, or just before it. */
  #keptAfter(after: Position): Page | undefined {
    const last = this.#pages.at(-1);
    return last && after < lastOf(last) ? this.#pages.findLast(page => page.after <= after) : undefined;
  }

  #keep(page: Page): void {
    const last = this.#pages.at(-1);
    if (page.events.length === 0 || (last && page.after < lastOf(last))) return;
    if (last && page.after > lastOf(last)) this.#forget(this.#breaks);
    this.#pages.push(page);
    this.#weight += page.weight;
    while (this.#weight > KEPT && this.#pages.length > 1) this.#weight -= this.#pages.shift()?.weight ?? 0;
  }

  #isEnd(position: Position, { ticket }: Moment): boolean {
    const end = this.#end;
    return end?.position === position && end.ticket === ticket && performance.now() - end.lookedAt < this.apartMs;
  }

  #forget(breaks: number): void {
    this.#pages = [];
    this.#weight = 0;
    this.#breaks = breaks;
    this.#looking = undefined;
    this.#end = undefined;
  }
}

const lastOf = ({ after, events }: Page): Position => events.at(-1)?.position ?? after;
