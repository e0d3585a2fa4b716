import * as fc from 'fast-check';
import { Draw } from './draw.js';
import { Breach } from './safeguards.js';
import type { Tally } from './tally.js';
import { Walk } from './walk.js';

/** A history is a beginning and steps, each drawn from a seed of its own, so that a failing one can be shortened. */
export interface History {
  readonly beginning: number;
  readonly steps: readonly number[];
}

const seed = fc.noBias(fc.integer());
export const histories = (longest: number): fc.Arbitrary<History> =>
  fc.record({ beginning: seed, steps: fc.array(seed, { minLength: Math.min(20, longest), maxLength: longest, size: 'max' }) });

/**
 * @param idle a process that answers nothing
 * @throws Error with all that happened, where something must not be
 */
export async function goThrough({ beginning, steps }: History, tally: Tally, idle?: string): Promise<void> {
  const walk = new Walk(tally, idle);
  let taken = 0;
  try {
    await walk.begin(new Draw(beginning));
    for (; taken < steps.length; taken++) await walk.step(new Draw(steps[taken] as number));
    await walk.end(new Draw(beginning));
  } catch (error) {
    const why = error instanceof Breach ? error.message : (error as Error).stack;
    const history: History = { beginning, steps: steps.slice(0, taken + 1) };
    throw new Error(`${why}\nafter\n${walk.trail.join('\n')}\nof the history\n${JSON.stringify(history)}`, { cause: error });
  }
}
