import { setImmediate as turn } from 'node:timers/promises';

/** Fewer would share too few statements, and cost everybody more. */
const LEAST = 64;
const MOST = 128;
const STEP = 4;
/** Turns of the event loop in milliseconds: from this on others wait too long, and below that there is room for more. */
const LONG = 20;
const SHORT = 10;
const MEASURED_APART_MS = 20;

/** How much may be worked on side by side, so that what people ask meanwhile finds its turn. */
export class Pace {
  private measured = -Infinity;
  private most = LEAST;

  get limit(): number {
    return this.most;
  }

  /** Resolves at once, or after the one turn that it measures. */
  async measure(): Promise<void> {
    const begun = performance.now();
    if (begun - this.measured < MEASURED_APART_MS) return;
    this.measured = begun;
    await turn();
    this.adapt(performance.now() - begun);
  }

  /** @param milliseconds of one turn of the event loop */
  adapt(milliseconds: number): void {
    if (milliseconds >= LONG) this.most = Math.max(LEAST, this.most >> 1);
    else if (milliseconds < SHORT) this.most = Math.min(MOST, this.most + STEP);
  }
}
