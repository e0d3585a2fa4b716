interface Asking<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** One question for all who wait: while one is on its way, those who come share the next. */
export class Gathering<Asked, Answer = void> {
  private waiting: Asking<Asked, Answer>[] = [];
  private running = false;

  /** @param forAll asks for all of them at once, and tells how each is answered from what came */
  constructor(private readonly forAll: (asked: readonly Asked[]) => Promise<(one: Asked) => Answer>) {}

  /** @throws what the question throws, as do all that shared it */
  ask(asked: Asked): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.waiting.push({ asked, answer, fail });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    // Who asks in the same turn shares the first question already.
    await Promise.resolve();
    for (let asking = this.take(); asking.length > 0; asking = this.take()) {
      try {
        const answerOf = await this.forAll(asking.map(({ asked }) => asked));
        for (const { asked, answer } of asking) answer(answerOf(asked));
      } catch (error) {
        for (const { fail } of asking) fail(error);
      }
    }
    this.running = false;
  }

  private take(): Asking<Asked, Answer>[] {
    return this.waiting.splice(0);
  }
}
