import type { StoredEvent } from '../event-store/event-store.js';
import { reasonOf } from '../projecting/stopping.js';

/** Told one by one; beyond them, only how many. */
const TOLD = 20;

/** What is not as it should be, a line each: where and why, and nothing personal. */
export class Findings {
  private count = 0;
  private readonly told: string[] = [];

  say(line: string): void {
    this.count += 1;
    if (this.count <= TOLD) this.told.push(line);
  }

  add({ stream, revision }: Pick<StoredEvent, 'stream' | 'revision'>, reason: string): void {
    this.say(`${stream} at revision ${revision}: ${reason}`);
  }

  /** What `look` throws is a finding. */
  async of(event: Pick<StoredEvent, 'stream' | 'revision'>, look: () => Promise<unknown> | void): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.add(event, reasonOf(error));
    }
  }

  /** Asked for only where it is told. */
  async sayLater(line: () => Promise<string>): Promise<void> {
    this.say(this.count < TOLD ? await line() : '');
  }

  get lines(): readonly string[] {
    return this.count > TOLD ? [...this.told, `and ${this.count - TOLD} more`] : this.told;
  }
}
