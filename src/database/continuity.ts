import type { ClientBase } from 'pg';

// A copy that was put in place, a standby that took over, a server that was started again: each differs in one of these.
// The start is told to the microsecond, so that no control data needs to be read, for which some providers give no right;
// the table is looked up in the catalogue, which may be read before any right in the schema was given, or when it was taken.
const IDENTITY = `SELECT concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()),
  (SELECT oid FROM pg_database WHERE datname = current_database()),
  (SELECT oid FROM pg_class WHERE relname = 'events' AND relnamespace = (SELECT oid FROM pg_namespace
  WHERE nspname = 'ledger'))) AS identity`;

const LOST = 'lost';

/** Whether the database that answers is still the one that answered before. If not, it may lack what was acknowledged. */
export class Continuity {
  #identity: string | undefined;
  #breaks = 0;
  readonly #listeners = new Set<() => void>();

  /** How often it was broken so far. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Calls `listener` before anything is asked of a database that may lack what is remembered of it. Returns a function that ends it. */
  onBreak(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at who answers on a connection that has just been made. */
  async verify(client: ClientBase): Promise<void> {
    const {
      rows: [row],
    } = await client.query<{ identity: string }>(IDENTITY);
    const known = this.#identity;
    this.#identity = row?.identity;
    if (known === undefined || known === this.#identity) return;
    this.#breaks += 1;
    for (const listener of this.#listeners) listener();
  }

  /** A connection was lost: whoever answers next counts as another. */
  lost(): void {
    this.#identity &&= LOST;
  }
}
