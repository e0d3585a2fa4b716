import { ConfigError } from '../config-error.js';
import { reasonOf } from '../projecting/stopping.js';

export interface Diagnosis {
  readonly lines: readonly string[];
  readonly healthy: boolean;
}

/** What the doctor found by itself: its message is made to be shown. */
export class Unwell extends Error {}

/** A line for each thing that was looked at, and for each that is not well. */
export class Report implements Diagnosis {
  readonly lines: string[] = [];
  healthy = true;

  /** What `look` says; or why it could not be done. Whether it could. */
  async check(name: string, look: () => Promise<string>): Promise<boolean> {
    try {
      this.lines.push(`ok      ${name}: ${await look()}`);
      return true;
    } catch (error) {
      this.healthy = false;
      this.lines.push(`not ok  ${name}: ${error instanceof Unwell || error instanceof ConfigError ? error.message : reasonOf(error)}`);
      return false;
    }
  }

  /** What is there, or nothing and why. */
  async all<T>(name: string, look: () => Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      return await look();
    } catch (error) {
      await this.check(name, () => Promise.reject(error));
      return [];
    }
  }

  /** Each finding is a line of its own. Returns what is left to say. */
  tell(name: string, findings: readonly string[], allWell: string, others: string): string {
    if (findings.length === 0) return allWell;
    this.healthy = false;
    for (const line of findings) this.lines.push(`not ok  ${name}: ${line}`);
    return others;
  }

  say(name: string, findings: readonly string[], allWell: string): void {
    if (this.tell(name, findings, allWell, '') === allWell) this.lines.push(`ok      ${name}: ${allWell}`);
  }
}
