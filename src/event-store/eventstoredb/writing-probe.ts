import { randomUUID } from 'node:crypto';
import { type AppendResult, StoreUnavailable } from '../event-store.js';
import type { EventToAppend, Expectation } from './clients.js';
import type { StoredAppend } from './stored-form.js';

/** How long what is known counts, in milliseconds. */
const KNOWN_MS = 5_000;
/** Of no category of ours, so that nobody follows it. */
export const PROBED = 'caseledger-writable';

/**
 * Whether events can be stored: a server that is read, and says which revision a stream has, may still have no majority.
 * Only an append tells; where none of the service's own went through lately, one in a stream of which the server keeps the last event.
 */
export class WritingProbe {
  #storedAt = -Infinity;
  #asked?: { answeredAt: number; readonly answer: Promise<void> };
  #bounded = false;

  /** @param push stores an append as any other is stored */
  constructor(private readonly push: (append: StoredAppend) => Promise<AppendResult>) {}

  /** An append has just been stored. */
  stored(): void {
    this.#storedAt = performance.now();
  }

  /** @throws StoreUnavailable while nothing can be stored */
  assert(): Promise<void> {
    const now = performance.now();
    if (now - this.#storedAt <= KNOWN_MS) return Promise.resolve();
    if (this.#asked && now - this.#asked.answeredAt <= KNOWN_MS) return this.#asked.answer;
    const asked = {
      answeredAt: Infinity,
      answer: this.#ask().finally(() => {
        asked.answeredAt = performance.now();
      }),
    };
    this.#asked = asked;
    return asked.answer;
  }

  async #ask(): Promise<void> {
    // Once for ever; a conflict says that it was done before.
    if (!this.#bounded) await this.push(append(`$$${PROBED}`, 'no_stream', '$metadata', { $maxCount: 1 }));
    this.#bounded = true;
    const { outcome } = await this.push(append(PROBED, 'any', 'WritingProbed', {}));
    if (outcome !== 'ok') throw new StoreUnavailable('the event store does not store what it is asked to');
  }
}

function append(stream: string, expected: Expectation, type: string, data: object): StoredAppend {
  const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const event: EventToAppend = { id: randomUUID(), type, data: json(data), metadata: json({}) };
  return { stream, expected, events: [event], bytes: 2 };
}
