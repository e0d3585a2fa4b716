/** A sequence of choices that follows from its seed alone (mulberry32). */
export class Draw {
  constructor(private seed: number) {}

  /** From 0, below 1. */
  fraction(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** @throws Error where there is nothing to choose from */
  of<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('nothing to choose from');
    return choices[this.below(choices.length)] as T;
  }

  maybe<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : this.of(choices);
  }

  /** Each with a weight of its own. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
    const [, last] = choices.at(-1) as readonly [number, T];
    return choices.find(([weight]) => (left -= weight) < 0)?.[1] ?? last;
  }

  some<T>(choices: readonly T[], probability = 0.5): T[] {
    return choices.filter(() => this.chance(probability));
  }

  uuid(): string {
    const hex = Array.from({ length: 4 }, () =>
      Math.floor(this.fraction() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
