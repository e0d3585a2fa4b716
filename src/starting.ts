/** A start under way: when to give it up, and what it has opened so far. Where it fails, nothing of it may be left running. */
export class Starting {
  private readonly closings: (() => Promise<unknown>)[] = [];

  /** @param signal aborted when the start is to be given up */
  constructor(readonly signal: AbortSignal = new AbortController().signal) {}

  /** Gives the thing back. */
  add<T extends { close(): Promise<unknown> }>(thing: T): T {
    this.closings.push(() => thing.close());
    return thing;
  }

  /** The last first, since it stands on those before it; one that cannot be closed does not keep the others open. */
  async close(): Promise<void> {
    for (const close of this.closings.splice(0).reverse()) await close().catch(() => undefined);
  }
}

/** Aborted by SIGTERM and SIGINT. */
export function whenAskedToStop(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}
