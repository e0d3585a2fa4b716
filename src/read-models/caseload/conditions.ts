/** What a WHERE clause is made of; values are only ever parameters. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly all: string[] = [];

  /** A `?` in the condition stands for each of the values in turn. */
  add(condition: string, ...values: readonly unknown[]): void {
    const rest = [...values];
    this.all.push(condition.replaceAll('?', () => this.value(rest.shift())));
  }

  /** The parameter that stands for one more value. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  where(): string {
    return this.all.length > 0 ? `WHERE ${this.all.join(' AND ')}` : '';
  }
}
