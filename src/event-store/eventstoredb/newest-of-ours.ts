import { Gathering } from '../../database/gathering.js';
import { type Position, START } from '../event-store.js';
import type { NativePosition } from './clients.js';
import type { Pages } from './pages.js';
import { toPosition } from './positions.js';
import { isOurs } from './stored-form.js';

const FIRST_PAGE = 16;
const LARGEST_PAGE = 1_000;

/** Looks backwards for our newest event, no further than where it looked before: the server's own events, and others', may be many. */
export class NewestOfOurs {
  #newest: Position = START;
  #examined: Position = START;
  /** The first look may go a long way, on which many would only hinder each other. */
  readonly #looks = new Gathering<undefined, Position>(async () => {
    const found = await this.#look();
    return () => found;
  });

  constructor(private readonly pages: Pick<Pages, 'all'>) {}

  /** As of a moment after it was asked. @throws StoreUnavailable */
  find(): Promise<Position> {
    return this.#looks.ask(undefined);
  }

  async #look(): Promise<Position> {
    let end: Position | undefined;
    let from: NativePosition | 'end' = 'end';
    for (let size = FIRST_PAGE; ; size = Math.min(4 * size, LARGEST_PAGE)) {
      const page = await this.pages.all({ from, direction: 'backwards', maxCount: size });
      end ??= page[0]?.position && toPosition(page[0].position);
      for (const event of page) {
        const position = event.position && toPosition(event.position);
        if (position === undefined || position <= this.#examined) return this.#found(this.#newest, end);
        if (isOurs(event)) return this.#found(position, end);
        from = event.position!;
      }
      if (page.length < size) return this.#found(this.#newest, end);
    }
  }

  #found(newest: Position, end: Position | undefined): Position {
    if (newest > this.#newest) this.#newest = newest;
    if (end !== undefined && end > this.#examined) this.#examined = end;
    return this.#newest;
  }
}
