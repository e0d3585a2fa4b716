import { CaseHistory } from '../../src/audit/case-history.js';
import { Replays, type Asked } from '../../src/audit/replays.js';
import { replay } from '../../src/cases/case.replay.js';
import type { InMemoryCaseledger } from '../support/in-memory-caseledger.js';
import { Breach } from './safeguards.js';

/** Few enough that most cases have some. */
const APART = 3;

/** What an auditor asks while a case goes on: a service that remembers what it folded says the same as one that never did. */
export class Questions {
  private readonly histories: CaseHistory;
  private readonly remembering: Replays;
  private asked = 0;

  constructor({ durable: { store }, personalData }: InMemoryCaseledger) {
    this.histories = new CaseHistory(store, personalData);
    this.remembering = new Replays(this.histories, personalData, APART);
  }

  /** One question of each kind. @throws Breach */
  async askOf(caseId: string): Promise<void> {
    const history = (await this.histories.read(caseId)).map(({ event }) => event);
    const somewhere = (): number => (this.asked++ * 7) % history.length;
    const instant = (): string => history[somewhere()]?.metadata.recordedAt ?? '';
    const upTo = somewhere();
    const expected: [Asked, typeof history][] = [
      [{ revision: upTo }, history.slice(0, upTo + 1)],
      [{ recordedBy: instant() }, history],
      [{ occurredBy: instant() }, history],
      [{ recordedBy: instant(), occurredBy: instant() }, history],
      [{}, history],
    ];
    for (const [asked, events] of expected) {
      const [answer, folded] = [await this.remembering.of(caseId, asked), replay(events, asked)].map(state => JSON.stringify(state));
      if (answer !== folded) throw new Breach(`case ${caseId} by ${JSON.stringify(asked)} is answered as ${answer} and not ${folded}`);
    }
  }
}
