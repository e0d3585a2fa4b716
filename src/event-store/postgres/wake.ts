/** Wakes what waits for new events; what was called out between two waits is not missed. */
export class Wake {
  #calls = 0;
  readonly #sleepers = new Set<() => void>();

  /** Taken before looking for news, given to `sleep` when there was none. */
  get ticket(): number {
    return this.#calls;
  }

  call(): void {
    this.#calls += 1;
    this.#rouse();
  }

  #rouse(): void {
    for (const wakeUp of this.#sleepers) wakeUp();
  }

  /**
   * Until the next call after the ticket, `ms` have passed here or for another, or the signal aborts; never throws.
   * Those who look together share what they read.
   */
  sleep(ticket: number, ms: number, signal: AbortSignal): Promise<void> {
    if (ticket !== this.#calls || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wakeUp);
        this.#sleepers.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(() => this.#rouse(), ms);
      signal.addEventListener('abort', wakeUp, { once: true });
      this.#sleepers.add(wakeUp);
    });
  }
}
