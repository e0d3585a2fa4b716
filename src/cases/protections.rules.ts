import { foldHistory, retractedBy, type Recorded } from '../event-store/stream-kind.js';
import type { CaseEvent, HoldKind, Source } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';
import type { CarriedFact } from './merging.commands.js';

/** A fact that protects the person in one file, as another may take it over. */
export interface Protection {
  readonly from: Source;
  readonly fact: CarriedFact;
  /** Of what was reported, when it happened. */
  readonly occurredAt?: string;
}

/** Each follows from something that is carried over itself, from the other file's own family or from its own agreement. */
const OF_THIS_FILE: readonly HoldKind[] = ['family', 'agreement-suspended', 'new-information'];

/** Whether a hold of that kind is one of its own file's alone, and not carried over; one that came from another file is. */
export const staysInFile = ({ kind, from }: { readonly kind: HoldKind; readonly from?: Source }): boolean =>
  from === undefined && OF_THIS_FILE.includes(kind);

/** What protects the person in that file and stands, each with where it was told first. */
export function protectionsIn(history: readonly Recorded<CaseEvent>[], caseId: string): readonly Protection[] {
  const retracted = retractedBy(caseStream, history);
  const known = { asylumCase: foldHistory(caseStream, history), standing: history.filter(({ id }) => !retracted.has(id)) };
  return known.standing.flatMap(event => {
    const fact = carried(event, known);
    const from = (event.data as { from?: Source }).from ?? { caseId, eventId: event.id };
    return fact ? [{ from, fact, ...(isReport(event) && { occurredAt: event.metadata.occurredAt }) }] : [];
  });
}

const isReport = ({ type }: Recorded<CaseEvent>): boolean =>
  type === 'FearExpressed' || type === 'VulnerabilityRecorded' || type === 'EvidenceReceived';

interface Known {
  readonly asylumCase: AsylumCase;
  readonly standing: readonly Recorded<CaseEvent>[];
}

function carried(event: Recorded<CaseEvent>, { asylumCase, standing }: Known): CarriedFact | undefined {
  const isNewest = (sameAs: (other: Recorded<CaseEvent>) => boolean): boolean => standing.findLast(sameAs) === event;
  switch (event.type) {
    case 'FearExpressed':
      return { type: event.type, data: { country: event.data.country } };
    case 'FearAssessed': {
      const { country, established } = event.data;
      const counts = established && isNewest(({ type, data }) => type === 'FearAssessed' && data.country === country);
      return counts ? { type: 'TransferHoldPlaced', data: { kind: 'new-information' } } : undefined;
    }
    case 'VulnerabilityRecorded':
      return { type: event.type, data: { kind: event.data.kind } };
    case 'ExceptionEstablished':
      return { type: event.type, data: { ground: event.data.ground } };
    case 'EvidenceReceived': {
      const { evidenceId } = event.data;
      const isKept = asylumCase.evidence.some(piece => piece.evidenceId === evidenceId && piece.returnedAt === null);
      return isKept ? { type: event.type, data: { evidenceId } } : undefined;
    }
    case 'AgeDisputed':
      return asylumCase.ageDisputed && isNewest(({ type }) => type === 'AgeDisputed') ? { type: event.type, data: {} } : undefined;
    case 'TransferHoldPlaced': {
      const { holdId, kind } = event.data;
      const counts = asylumCase.holds.some(hold => hold.holdId === holdId) && !staysInFile(event.data);
      return counts ? { type: event.type, data: { kind } } : undefined;
    }
    default:
      return undefined;
  }
}

/** The file as it was before the event at that revision. */
export const asBefore = (history: readonly Recorded<CaseEvent>[], revision: number): AsylumCase =>
  foldHistory(
    caseStream,
    history.filter(event => event.revision < revision),
  );
