/** What a start has opened so far, to be closed where it is refused: then nothing of it may be left running. */
export class Opened {
  private readonly closings: (() => Promise<unknown>)[] = [];

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
