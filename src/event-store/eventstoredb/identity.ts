import { type Position, START, StoreUnavailable } from '../event-store.js';
import type { NativeEvent } from './clients.js';
import type { Pages } from './pages.js';
import { toPosition } from './positions.js';

/** The server's own record of who led it, in which order; it survives restarts and is copied with a backup. */
const EPOCHS = '$epoch-information';

interface Epoch {
  readonly id: string;
  readonly revision: bigint;
}

/** What was followed is no longer what is there: another store, a restored copy, or an older one. */
export class StoreExchanged extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreExchanged';
  }
}

/** Whose contents these are. A restored copy keeps the first epoch and differs from some later one. */
export class Identity {
  #first: string | undefined;
  #newest: Epoch | undefined;

  constructor(private readonly pages: Pages) {}

  /** The id of the first epoch. @throws StoreUnavailable */
  async storeId(): Promise<string> {
    if (this.#first === undefined) {
      const [first] = await this.pages.stream(EPOCHS, { from: 0n, direction: 'forwards', maxCount: 1 });
      if (!first) throw new StoreUnavailable('the event store has not elected a leader yet');
      this.#first = epochOf(first).id;
    }
    return this.#first;
  }

  /** The end of everything. @throws StoreUnavailable */
  async head(): Promise<Position> {
    const [last] = await this.pages.all({ from: 'end', direction: 'backwards', maxCount: 1 });
    return last?.position ? toPosition(last.position) : START;
  }

  /**
   * Before anything is followed from there: beyond its end the server would be silent for ever.
   * @throws StoreExchanged; StoreUnavailable
   */
  async check(start: Position): Promise<void> {
    await this.same(start);
    await this.#meet();
  }

  /**
   * Whether the epoch that was met last is still there, and the store reaches as far.
   * @throws StoreExchanged; StoreUnavailable
   */
  async same(reach: Position): Promise<void> {
    const known = this.#newest;
    if (known) {
      const [then] = await this.pages.stream(EPOCHS, { from: known.revision, direction: 'forwards', maxCount: 1 });
      if (!then || epochOf(then).id !== known.id) throw new StoreExchanged('the event store was exchanged, or restored from a backup');
    } else await this.#meet();
    const head = reach === START ? START : await this.head();
    if (reach > head) throw new StoreExchanged(`the event store ends at ${head}, before ${reach}: an older copy was restored`);
  }

  async #meet(): Promise<void> {
    const [latest] = await this.pages.stream(EPOCHS, { from: 'end', direction: 'backwards', maxCount: 1 });
    if (latest) this.#newest = epochOf(latest);
  }
}

function epochOf({ data, revision }: NativeEvent): Epoch {
  const { epochId, EpochId } = data as { epochId?: string; EpochId?: string };
  const id = epochId ?? EpochId;
  if (id === undefined) throw new StoreUnavailable('the event store does not say who it is');
  return { id, revision };
}
