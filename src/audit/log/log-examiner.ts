import { setTimeout as sleep } from 'node:timers/promises';
import { NotCanonical } from '../../event-store/canonical-json.js';
import type { EventStore, StoredEvent } from '../../event-store/event-store.js';
import type { Examiner } from '../../operating/examiners.js';
import { Findings } from '../../operating/findings.js';
import { leafOf } from './leaf.js';
import type { LogState, MerkleLog } from './merkle-log.js';
import type { Witnesses } from './witnesses.js';

/** After so many milliseconds a log that is behind must have moved. */
const LOOK_AGAIN_MS = 3_000;

/** Compares every stored event with its leaf: what was altered since it was numbered is named, though nothing else may show it. */
export class LogExaminer implements Examiner {
  readonly name = 'log';
  private readonly findings = new Findings();
  private state?: LogState;
  private seen = 0;
  private numbered = 0;
  private last = -1;

  constructor(
    private readonly log: MerkleLog,
    private readonly store: EventStore,
    private readonly witnesses: Witnesses,
  ) {}

  async see(batch: readonly StoredEvent[]): Promise<void> {
    // What is stored after this moment may be numbered meanwhile, or not yet.
    this.state ??= await this.log.state();
    const entries = await this.log.entriesOf(batch);
    for (const [at, event] of batch.entries()) {
      const entry = entries[at];
      const due = this.state !== undefined && event.position <= this.state.position;
      if (entry && !sameLeaf(event, entry.leaf)) this.findings.add(event, 'is not what the log has of it: it was altered');
      else if (entry && entry.place < this.last) this.findings.add(event, 'stands elsewhere than in the log: it was moved');
      else if (!entry && due) this.findings.add(event, 'is not in the log, which has passed it: it was put in later');
      this.last = Math.max(this.last, entry?.place ?? -1);
      if (entry && entry.place < (this.state?.size ?? 0)) this.numbered += 1;
    }
    this.seen += batch.length;
  }

  async end(): Promise<{ findings: readonly string[]; allWell: string }> {
    const lines = [...this.findings.lines];
    const { state } = this;
    const size = state?.size ?? 0;
    const fault = await this.log.fault();
    if (fault !== undefined) lines.push(fault);
    for (const { witness, failure, late } of await this.witnesses.status())
      if (failure ?? late) lines.push(`its heads do not reach ${witness}: ${failure ?? 'none for more than two minutes'}`);
    if (this.numbered < size) lines.push(`${size - this.numbered} of its ${size} entries are of events that are gone`);
    if (!(await this.getsOn())) lines.push(`has taken in ${size} of ${this.seen} events, and does not get on: does a service run?`);
    return { findings: lines, allWell: `each of its ${size} entries is what is stored` };
  }

  private async getsOn(): Promise<boolean> {
    const [before, newest] = [await this.log.state(), await this.store.newest()];
    if (before && before.position >= newest) return true;
    await sleep(LOOK_AGAIN_MS);
    const after = await this.log.state();
    return after !== undefined && (after.position >= newest || after.position !== before?.position);
  }
}

function sameLeaf(event: StoredEvent, leaf: Buffer | undefined): boolean {
  try {
    return leaf !== undefined && leafOf(event).equals(leaf);
  } catch (error) {
    if (error instanceof NotCanonical) return false;
    throw error;
  }
}
