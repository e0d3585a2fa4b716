import { setImmediate as turn } from 'node:timers/promises';
import { sqlStateOf } from './database-unavailable.js';

// Data exceptions and integrity violations.
const OF_THE_DATA = /^2[23]/;

export interface GatheringLimits {
  /** Questions on their way at a time; 1 unless told otherwise. */
  readonly atOnce?: number;
  /** Who share one question at most. */
  readonly together?: number;
  /** Who are answered in one turn of the event loop at most, where each has much to do with its answer; all unless told otherwise. */
  readonly inATurn?: number;
}

interface Asking<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** One question for all who wait: while one is on its way, those who come share the next. It is asked only after they came. */
export class Gathering<Asked, Answer = void> {
  private waiting: Asking<Asked, Answer>[] = [];
  private running = 0;
  private readonly atOnce: number;
  private readonly together: number;
  private readonly inATurn: number;

  /** @param forAll asks for all of them at once, and tells how each is answered from what came */
  constructor(
    private readonly forAll: (asked: readonly Asked[]) => Promise<(one: Asked) => Answer>,
    { atOnce = 1, together = Infinity, inATurn = Infinity }: GatheringLimits = {},
  ) {
    this.atOnce = atOnce;
    this.together = together;
    this.inATurn = inATurn;
  }

  /** @throws what the question throws, as do all that shared it, but for what is wrong with one of them alone */
  ask(asked: Asked): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.waiting.push({ asked, answer, fail });
      if (this.running < this.atOnce) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running++;
    // Who asks in the same turn shares the first question already.
    await turn();
    for (let asking = this.take(); asking.length > 0; asking = this.take()) await this.answerAll(asking);
    this.running--;
  }

  private async answerAll(asking: readonly Asking<Asked, Answer>[]): Promise<void> {
    try {
      const answerOf = await this.forAll(asking.map(({ asked }) => asked));
      for (const [index, { asked, answer }] of asking.entries()) {
        if (index > 0 && index % this.inATurn === 0) await turn();
        answer(answerOf(asked));
      }
    } catch (error) {
      if (asking.length > 1 && OF_THE_DATA.test(sqlStateOf(error) ?? '')) for (const one of asking) await this.answerAll([one]);
      else for (const { fail } of asking) fail(error);
    }
  }

  private take(): Asking<Asked, Answer>[] {
    return this.waiting.splice(0, this.together);
  }
}
