import { type Position, START, StoreUnavailable } from '../event-store.js';
import { type Identity, StoreExchanged } from './identity.js';

/** How long an answer counts where nothing gave cause for doubt, in milliseconds. */
const KNOWN_MS = 4_000;
/** So old it is asked again, while others go on by it. */
const RENEWED_MS = 2_000;

/**
 * Whether what answers is still the store that answered before: what another one acknowledged, in its place for a while, would be gone
 * once the true one is back.
 */
export class SameStore {
  #provedAt = -Infinity;
  #reach: Position = START;
  #doubts = 0;
  #asking?: Promise<void>;

  constructor(private readonly identity: Pick<Identity, 'same'>) {}

  /** A connection broke: whoever answers next may be another. */
  doubt(): void {
    this.#doubts += 1;
    this.#provedAt = -Infinity;
  }

  /** Stored there, and so to be found there from now on. */
  reached(position: Position): void {
    if (position > this.#reach) this.#reach = position;
  }

  /** @throws StoreUnavailable while another store answers, an older copy, or none */
  assert(): Promise<void> {
    const age = performance.now() - this.#provedAt;
    if (age <= RENEWED_MS) return Promise.resolve();
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    if (age > KNOWN_MS) return this.#asking;
    this.#asking.catch(() => undefined);
    return Promise.resolve();
  }

  async #ask(): Promise<void> {
    for (let doubts = -1; doubts !== this.#doubts;) {
      doubts = this.#doubts;
      const asked = performance.now();
      try {
        await this.identity.same(this.#reach);
      } catch (error) {
        this.#provedAt = -Infinity;
        if (error instanceof StoreExchanged) throw new StoreUnavailable(error.message, { cause: error });
        throw error;
      }
      if (doubts === this.#doubts) this.#provedAt = asked;
    }
  }
}
