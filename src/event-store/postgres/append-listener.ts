import type { Database, Session } from '../../database/database.js';
import type { Wake } from './wake.js';

const RECONNECT_MS = 1_000;

/** Passes on other processes' hints that something was appended, while anyone subscribes. A lost hint only costs a poll. */
export class AppendListener {
  #users = 0;
  #session: Promise<Session | undefined> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly wake: Wake,
  ) {}

  enter(): void {
    this.#users += 1;
    if (this.#users === 1) this.#connect();
  }

  async leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    clearTimeout(this.#retry);
    const session = this.#session;
    this.#session = undefined;
    await (await session)?.close();
  }

  #connect(): void {
    this.#session = this.#listen().catch(() => {
      this.#reconnectLater();
      return undefined;
    });
  }

  async #listen(): Promise<Session> {
    const session = await this.database.session(() => this.#reconnectLater());
    try {
      await session.listen('ledger_appended', () => this.wake.call());
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  #reconnectLater(): void {
    clearTimeout(this.#retry);
    if (this.#users > 0) this.#retry = setTimeout(() => this.#connect(), RECONNECT_MS).unref();
  }
}
