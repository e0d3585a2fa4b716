/** Work under one name, one after another in the order in which it was asked for; under different names side by side. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** @throws what the work throws, which keeps nobody behind it from a turn */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    let done = (): void => undefined;
    const turn = new Promise<void>(resolve => {
      done = resolve;
    });
    this.last.set(name, turn);
    await before;
    try {
      return await work();
    } finally {
      done();
      if (this.last.get(name) === turn) this.last.delete(name);
    }
  }
}
