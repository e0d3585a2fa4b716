import { setTimeout as sleep } from 'node:timers/promises';
import { NotCanonical } from '../../event-store/canonical-json.js';
import { START, type EventStore, type StoredEvent } from '../../event-store/event-store.js';
import type { Examiner } from '../../operating/examiners.js';
import { Findings } from '../../operating/findings.js';
import { leafOf } from './leaf.js';
import type { LogEvidence } from './log-evidence.js';
import type { LogKeys } from './log-keys.js';
import type { LogState, MerkleLog } from './merkle-log.js';
import { SeenPlaces } from './seen-places.js';
import { VerifierKey } from './signed-note.js';
import type { Witnesses } from './witnesses.js';

/** After so many milliseconds a log that is behind must have moved. */
const LOOK_AGAIN_MS = 3_000;
/** Entries of which the event is gone, told one by one. */
const TOLD = 20;

interface Tools {
  readonly log: MerkleLog;
  readonly evidence: LogEvidence;
  readonly keys: LogKeys;
  readonly store: EventStore;
  readonly witnesses: Witnesses;
}

/**
 * Compares every stored event with its leaf, and what else is kept of the log with its leaves: what was altered since is named, though
 * nothing else may show it.
 */
export class LogExaminer implements Examiner {
  readonly name = 'log';
  private readonly findings = new Findings();
  private readonly met = new SeenPlaces();
  private state?: LogState;
  private seen = 0;
  private last = -1;

  constructor(private readonly tools: Tools) {}

  async see(batch: readonly StoredEvent[]): Promise<void> {
    const { log } = this.tools;
    // What is stored after this moment may be numbered meanwhile, or not yet.
    this.state ??= await log.state();
    const { position = START, size = 0 } = this.state ?? {};
    const entries = await log.entriesOf(batch);
    for (const [at, event] of batch.entries()) {
      const entry = entries[at];
      const due = event.position <= position;
      if (entry && !sameLeaf(event, entry.leaf)) this.findings.add(event, 'is not what the log has of it: it was altered');
      else if (entry && entry.place < this.last) this.findings.add(event, 'stands elsewhere than in the log: it was moved');
      else if (entry && due && entry.place >= size) this.findings.add(event, 'stands beyond the end of the log: that was put back');
      else if (!entry && due) this.findings.add(event, 'is not in the log, which has passed it: it was put in later');
      this.last = Math.max(this.last, entry?.place ?? -1);
      if (entry && entry.place >= 0) this.met.add(entry.place);
    }
    this.seen += batch.length;
  }

  async end(): Promise<{ findings: readonly string[]; allWell: string }> {
    const { log, store, witnesses } = this.tools;
    const lines = [...this.findings.lines];
    const now = await log.state();
    const isEmptied = this.seen === 0 && (await store.newest()) === START;
    const size = (isEmptied ? now : this.state)?.size ?? 0;
    lines.push(...(await this.gone(size)), ...(await this.kept(size, now)));
    const fault = await log.fault();
    if (fault !== undefined) lines.push(fault);
    for (const { witness, failure, late } of await witnesses.status())
      if (failure ?? late) lines.push(`its heads do not reach ${witness}: ${failure ?? 'none for more than two minutes'}`);
    if (!(await this.getsOn())) lines.push(`has taken in ${size} of ${this.seen} events, and does not get on: does a service run?`);
    return {
      findings: lines,
      allWell: `each of its ${size} entries is what is stored, and each of its tiles and heads what follows from them`,
    };
  }

  /** Entries of which no event was seen. */
  private async gone(size: number): Promise<readonly string[]> {
    const { first, count } = this.met.missing(size, TOLD);
    if (count === 0) return [];
    const events = await this.tools.evidence.eventsAt(first);
    const told = first.map(place => {
      const event = events.get(place);
      return event === undefined
        ? `entry ${place}: neither its event is there, nor of which it was`
        : `${event}: is entry ${place} of the log, and gone from the store`;
    });
    return count > TOLD ? [...told, `and ${count - TOLD} more of its ${size} entries are of events that are gone`] : told;
  }

  private async kept(size: number, now: LogState | undefined): Promise<readonly string[]> {
    const { evidence, keys } = this.tools;
    const tiles = await this.told(evidence.wrongTiles(size));
    // What heads should be, only right tiles tell.
    if (tiles.length > 0 || !now) return tiles;
    return this.told(evidence.wrongHeads(now, size, await keys.known(VerifierKey.of(now.origin, now.publicKey))));
  }

  private async told(wrong: AsyncIterable<string>): Promise<readonly string[]> {
    const findings = new Findings();
    for await (const line of wrong) findings.say(line);
    return findings.lines;
  }

  private async getsOn(): Promise<boolean> {
    const { log, store } = this.tools;
    const [before, newest] = [await log.state(), await store.newest()];
    if (before && before.position >= newest) return true;
    await sleep(LOOK_AGAIN_MS);
    const after = await log.state();
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
