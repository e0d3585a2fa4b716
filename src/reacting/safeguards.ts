import { Injectable } from '@nestjs/common';
import { EventStore, type Position } from '../event-store/event-store.js';
import { Refused } from '../event-store/refused.js';
import { pause } from '../projecting/back-off.js';
import { ProcessInbox } from './process-inbox.js';
import { Processes } from './process.js';

/** How long a command waits for processes, in milliseconds. */
const PATIENCE_MS = 5_000;
const POLL_MS = 20;
const RETRY_AFTER_S = 2;
/** How far one safeguard leads to the next: an order holds a closed file, that one holds the file that goes on, and that one the family. */
const FOLLOWS = 2;

const WHY = {
  pending:
    'What was stored before may protect this person, and has not been answered yet. Nothing was stored; the same request may be ' +
    'sent again.',
  failed: 'What was stored before may protect this person, and a process failed to answer it: an operator has to look. Nothing was stored.',
} as const;

/** Processes have not answered all that was stored before: a safeguard may be on its way. */
export class SafeguardsBehind extends Refused {
  constructor(why: keyof typeof WHY) {
    super('safeguards-behind', WHY[why], RETRY_AFTER_S);
    this.name = 'SafeguardsBehind';
  }
}

/** The gate's patience: nobody is cleared, and nobody leaves as cleared, while a safeguard is on its way. */
@Injectable()
export class Safeguards {
  constructor(
    private readonly store: EventStore,
    private readonly inbox: ProcessInbox,
    private readonly processes: Processes,
  ) {}

  /**
   * Resolves once processes, whoever runs them, have answered all that is stored now, and what followed from it. Timers are asked by the
   * rules.
   * @throws SafeguardsBehind after 5 s, and at once where one failed; StoreUnavailable, DatabaseUnavailable
   */
  async answered(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    let answered: Position | undefined;
    for (let follows = 0; follows <= FOLLOWS; follows++) {
      const newest = await this.store.newest();
      if (newest === answered) return;
      await this.answeredUpTo(newest, deadline);
      answered = newest;
    }
  }

  private async answeredUpTo(position: Position, deadline: number): Promise<void> {
    const names = this.processes.all().map(({ name }) => name);
    const never = new AbortController().signal;
    for (;;) {
      const unanswered = await this.inbox.unanswered(position, names, () => this.store.head());
      if (unanswered === undefined) return;
      if (unanswered === 'failed' || performance.now() > deadline) throw new SafeguardsBehind(unanswered);
      await pause(POLL_MS, never);
    }
  }
}
