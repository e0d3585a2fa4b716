import type { Client } from './clients.js';
import { inTime } from './faults.js';

interface Held {
  readonly client: Client;
  users: number;
  retired: boolean;
}

const DISPOSE_WITHIN_MS = 1_000;

/** One client object at a time, made when it is first needed; replaced where a client does not recover by itself. */
export class Connection {
  #held: Held | undefined;
  #closed = false;

  constructor(private readonly connect: () => Client) {}

  /** Runs the work on the present client, which is not disposed of before the work ends. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const lease = this.lease();
    try {
      return await work(lease.client);
    } finally {
      await lease.release();
    }
  }

  /** The same for work that is not one promise. */
  lease(): { readonly client: Client; release(): Promise<void> } {
    const held = (this.#held ??= { client: this.connect(), users: 0, retired: false });
    held.users += 1;
    return {
      client: held.client,
      release: async () => {
        held.users -= 1;
        if ((held.retired || this.#closed) && held.users === 0) await dispose(held);
      },
    };
  }

  /**
   * The next work gets a new client. The old one is disposed of once it is out of use: a disposed client ends readings
   * without an error, as if there were no more to read.
   */
  async retire(): Promise<void> {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    held.retired = true;
    if (held.users === 0) await dispose(held);
  }

  /** An undisposed client keeps the process alive. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#held) await dispose(this.#held);
  }
}

async function dispose({ client }: Held): Promise<void> {
  await inTime(() => client.dispose(), DISPOSE_WITHIN_MS).catch(() => undefined);
}
