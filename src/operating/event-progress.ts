import cliProgress from 'cli-progress';

/** How many events have passed: a counter on a terminal, a line for every hundred thousand elsewhere. */
export class EventProgress {
  private count = 0;
  private readonly bar = process.stdout.isTTY
    ? new cliProgress.SingleBar({ format: `${this.what}: {value} ${this.unit}, {duration_formatted}` })
    : undefined;

  constructor(
    private readonly what: string,
    private readonly unit = 'events',
  ) {
    this.bar?.start(0, 0);
  }

  add(events: number): void {
    const before = this.count;
    this.count += events;
    this.bar?.update(this.count);
    if (!this.bar && Math.floor(before / 100_000) < Math.floor(this.count / 100_000)) this.line();
  }

  end(): void {
    this.bar?.stop();
    if (!this.bar) this.line();
  }

  private line(): void {
    process.stdout.write(`${this.what}: ${this.count} ${this.unit}\n`);
  }
}
