import { PROBED } from '../../../src/event-store/eventstoredb/writing-probe.js';

/** What befalls one append; each is used once, by the next append to one of the service's streams. */
export type AppendFault =
  /** The connection breaks before anything is stored. */
  | 'cut-before'
  /** It is stored, and the connection breaks instead of an answer. */
  | 'cut-after'
  /** It is stored, and no answer ever comes. */
  | 'silent'
  /** It is stored at once and answered late, maybe after the caller gave up. */
  | { readonly answerAfterMs: number }
  /** It times out at the server, as without a majority, and is stored later all the same. */
  | { readonly timesOutAndStoredAfterMs: number }
  /** Answered with a timeout, and not stored. */
  | 'times-out'
  /** Answered with an error that means nothing. */
  | 'unknown'
  /** The whole call breaks, for everything in flight on it; this one is not stored. */
  | 'breaks-call'
  /** The whole call breaks, and this one was stored. */
  | 'stored-and-breaks-call';

/** What a test does to a server. */
export class Faults {
  readonly #appends: AppendFault[] = [];
  /** Appends that always break the call they are in, by the id of an event. */
  readonly poison = new Set<string>();
  /** Until then every call is refused as UNAVAILABLE. */
  unavailableUntil = 0;
  /** Reads are answered, and nothing is stored. */
  withoutMajority = false;
  /** Sent as the first mark of every subscription instead of where it is. */
  firstMark: bigint | undefined;
  #thawed: Promise<void> | undefined;
  #thaw: () => void = () => undefined;

  next(...faults: AppendFault[]): void {
    this.#appends.push(...faults);
  }

  takeFor(stream: string): AppendFault | undefined {
    if (this.withoutMajority) return 'times-out';
    return stream.startsWith('$') || stream === PROBED ? undefined : this.#appends.shift();
  }

  get unused(): number {
    return this.#appends.length;
  }

  get unavailable(): boolean {
    return Date.now() < this.unavailableUntil;
  }

  /** Connections stay, and nothing is answered: a process that was stopped. */
  freeze(): void {
    this.#thawed ??= new Promise(resolve => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#thawed = undefined;
    this.#thaw();
  }

  /** Undefined while it runs, so that what runs is not delayed. */
  get frozen(): Promise<void> | undefined {
    return this.#thawed;
  }
}
