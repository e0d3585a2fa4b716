/** How often something was reached. */
export class Tally {
  readonly statuses = new Map<string, number>();
  readonly events = new Map<string, number>();
  readonly codes = new Map<string, number>();
  readonly commands = new Map<string, number>();
  readonly faults = new Map<string, number>();
  steps = 0;
  histories = 0;

  static count(counts: Map<string, number>, what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
}
