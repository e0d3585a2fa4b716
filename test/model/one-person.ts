import type { CaseEvent } from '../../src/cases/case.events.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';

/*
 * Files of one person, known from the events alone: what protects in one that was merged must protect in the other, one
 * file of a ring stays open, and nobody is cleared while a file with the same number is neither merged nor dismissed.
 */

type Must = (holds: unknown, what: string) => asserts holds;
type Event = Recorded<CaseEvent>;
interface Applicant {
  readonly alienNumber?: string | null;
  readonly otherAlienNumbers?: readonly string[] | null;
}

class Known {
  readonly history: Event[] = [];
  readonly retracted = new Set<string>();
  /** Closed as a duplicate of that file. */
  of: string | null = null;
  open = true;
  /** Whose numbers nobody knows, nor learns any more. */
  erased = false;
  applicant: Applicant = {};
  readonly merged = new Set<string>();
  /** What came from other files, by the event that told it first. */
  readonly arrived = new Set<string>();
  /** Of other files, whether the last word was that it is another's. */
  readonly isAnothers = new Map<string, boolean>();
  /** When that was said. */
  readonly dismissed = new Map<string, number>();
  readonly flags = new Set<string>();
  /** Since which event each number is there. */
  readonly numbers = new Map<string, { readonly id: string; readonly place: number }>();

  get standing(): Event[] {
    return this.history.filter(({ id }) => !this.retracted.has(id));
  }
}

const originOf = ({ id, data }: Event): string => (data as { from?: { eventId: string } }).from?.eventId ?? id;
const KEPT_HERE = ['family', 'agreement-suspended', 'new-information'];

export class OnePerson {
  private readonly files = new Map<string, Known>();
  private place = 0;

  private file(caseId: string): Known {
    const file = this.files.get(caseId) ?? new Known();
    this.files.set(caseId, file);
    return file;
  }

  /** @param isBehind whether what the event was decided on was older than what stood there */
  judge(caseId: string, event: Event, isBehind: () => boolean, must: Must): void {
    const file = this.file(caseId);
    this.place++;
    const { from } = event.data as { from?: { caseId: string; eventId: string } };
    if (from) {
      must(event.metadata.actor.id === 'system' && event.personal === null, 'carried over by a person, or with its texts');
      must(
        from.caseId !== caseId && this.file(from.caseId).history.some(({ id }) => id === from.eventId),
        'carried over from where it was not told',
      );
      must(!file.arrived.has(from.eventId), 'carried over twice');
      file.arrived.add(from.eventId);
    }
    file.history.push(event);
    switch (event.type) {
      case 'CaseOpened':
      case 'ApplicantCorrected':
        if (!file.erased) file.applicant = { ...file.applicant, ...defined(event.personal?.applicant ?? {}) };
        this.number(file, event.id);
        break;
      case 'PersonalDataErased':
        file.applicant = {};
        file.erased = true;
        this.number(file, event.id);
        break;
      case 'EntryRetracted':
        file.retracted.add(event.data.eventId);
        break;
      case 'MarkedAsDuplicate':
        must(this.file(event.data.of).of === null || isBehind(), 'a duplicate of a file that is one itself');
        Object.assign(file, { of: event.data.of, open: false });
        break;
      case 'CaseClosed':
      case 'DeathRecorded':
        file.open = false;
        break;
      case 'CaseReopened':
        must(event.metadata.actor.id !== 'system' || file.of !== null, 'the system reopened a file that is no duplicate');
        Object.assign(file, { of: null, open: true });
        break;
      case 'ApplicantDeparted':
        Object.assign(file, { of: null, open: true });
        break;
      case 'DuplicateMerged':
        must(!file.merged.has(event.data.caseId), 'merged twice');
        file.merged.add(event.data.caseId);
        break;
      case 'DuplicateReopened':
        must(file.merged.delete(event.data.caseId), 'a file goes on that was not merged');
        break;
      case 'PossibleDuplicateFlagged': {
        const flag = `${event.data.caseId} ${event.data.sharedBy}`;
        must(!file.flags.has(flag), 'flagged twice for one event');
        file.flags.add(flag);
        file.isAnothers.set(event.data.caseId, false);
        break;
      }
      case 'DuplicateDismissed':
        file.isAnothers.set(event.data.caseId, true);
        file.dismissed.set(event.data.caseId, this.place);
        break;
      case 'BoardingCleared':
        must(!this.isUnresolved(caseId) || isBehind(), 'cleared while another open file bears the number');
        break;
      default:
    }
  }

  private number(file: Known, eventId: string): void {
    const { alienNumber, otherAlienNumbers } = file.applicant;
    const numbers = [...(alienNumber ? [alienNumber] : []), ...(otherAlienNumbers ?? [])];
    for (const number of file.numbers.keys()) if (!numbers.includes(number)) file.numbers.delete(number);
    for (const number of numbers) if (!file.numbers.has(number)) file.numbers.set(number, { id: eventId, place: this.place });
  }

  private isUnresolved(caseId: string): boolean {
    const file = this.file(caseId);
    return [...file.isAnothers].some(([other, isAnothers]) => {
      const found = this.file(other);
      const isShared = [...file.numbers.keys()].some(number => found.numbers.has(number));
      return isShared && found.open && !(isAnothers && found.isAnothers.get(caseId) === true);
    });
  }

  /** What processes owe, once they have nothing left to do. */
  atRest(must: Must): void {
    for (const [caseId, file] of this.files) {
      const goesOn = this.chainFrom(caseId, must);
      for (const merged of file.merged)
        must(this.chainFrom(merged, must).slice(1).includes(caseId), `${merged} is said to be merged with ${caseId}`);
      for (const survivor of goesOn.slice(1))
        must(this.file(survivor).merged.has(caseId), `${survivor} does not say that ${caseId} is merged`);
      if (file.of !== null) this.isCarried(file, this.file(file.of), file.of, must);
      for (const other of this.files.keys()) if (other !== caseId) this.isFlagged(caseId, other, must);
    }
  }

  /** From one file to what it is a duplicate of, up to the one that goes on. */
  private chainFrom(caseId: string, must: Must): readonly string[] {
    const chain = [caseId];
    for (let next = this.file(caseId).of; next !== null; next = this.file(next).of) {
      must(!chain.includes(next), `all of ${chain.join(', ')} are closed as duplicates of each other`);
      chain.push(next);
    }
    return chain;
  }

  private isCarried(file: Known, survivor: Known, to: string, must: Must): void {
    for (const event of protections(file.standing)) {
      const from = (event.data as { from?: { caseId: string } }).from?.caseId;
      must(from === to || survivor.arrived.has(originOf(event)), `${event.type} of a merged file did not reach ${to}`);
    }
  }

  private isFlagged(caseId: string, other: string, must: Must): void {
    const [file, found] = [this.file(caseId), this.file(other)];
    const dismissed = Math.max(file.dismissed.get(other) ?? 0, found.dismissed.get(caseId) ?? 0);
    for (const [number, since] of file.numbers) {
      const also = found.numbers.get(number);
      const last = also && since.place > also.place ? since : also;
      if (!last || dismissed > last.place) continue;
      must(file.flags.has(`${other} ${last.id}`) || this.isToldTogether(file, found, other, last.id), `${other} bears the number too`);
    }
  }

  /** One event may give several numbers; that which became shared last is told. */
  private isToldTogether(file: Known, found: Known, other: string, eventId: string): boolean {
    const together = [...file.numbers].flatMap(([number, since]) => {
      const also = found.numbers.get(number);
      return also && (since.id === eventId || also.id === eventId) ? [(since.place > also.place ? since : also).id] : [];
    });
    return together.some(id => file.flags.has(`${other} ${id}`));
  }
}

const defined = (applicant: object): object => Object.fromEntries(Object.entries(applicant).filter(([, value]) => value !== undefined));

/** What of a file protects its person and is not of this file alone. */
function protections(events: readonly Event[]): Event[] {
  const kept = new Set<string>();
  const holds = new Set<string>();
  const assessed = new Map<string, Event>();
  let disputed: Event | null = null;
  for (const event of events) {
    if (event.type === 'EvidenceReceived') kept.add(event.data.evidenceId);
    if (event.type === 'EvidenceReturned') kept.delete(event.data.evidenceId);
    if (event.type === 'TransferHoldPlaced') holds.add(event.data.holdId);
    if (event.type === 'TransferHoldReleased') holds.delete(event.data.holdId);
    if (event.type === 'FearAssessed') assessed.set(event.data.country, event);
    if (event.type === 'AgeDisputed') disputed = event;
    if (event.type === 'AgeDecided') disputed = null;
  }
  return events.filter(event => {
    switch (event.type) {
      case 'FearExpressed':
      case 'VulnerabilityRecorded':
      case 'ExceptionEstablished':
        return true;
      case 'FearAssessed':
        return event.data.established && assessed.get(event.data.country) === event;
      case 'EvidenceReceived':
        return kept.has(event.data.evidenceId);
      case 'AgeDisputed':
        return disputed === event;
      case 'TransferHoldPlaced':
        return holds.has(event.data.holdId) && (event.data.from !== undefined || !KEPT_HERE.includes(event.data.kind));
      default:
        return false;
    }
  });
}
