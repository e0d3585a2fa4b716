import { Series } from '../event-store/series.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { ErasureEvent } from './case.events.js';
import { noCase, type AsylumCase, type Exception, type Screening } from './case.state.js';

/** What must be kept, and what is erased. */
export function evolveErasure(asylumCase: AsylumCase, event: Recorded<ErasureEvent>): AsylumCase {
  const { recordedAt, actor } = event.metadata;
  switch (event.type) {
    case 'LegalHoldPlaced':
      return { ...asylumCase, legalHold: { reference: event.personal?.reference ?? null, placedAt: recordedAt, placedBy: actor.id } };
    case 'LegalHoldReleased':
      return { ...asylumCase, legalHold: null };
    case 'ErasureRequested':
      return { ...asylumCase, erasureRequest: { legalBasis: event.data.legalBasis, requestedAt: recordedAt, requestedBy: actor.id } };
    case 'PersonalDataErased':
      return { ...withoutPersonalData(asylumCase), erasureRequest: null, erasedAt: recordedAt };
  }
}

/** What is left where every event before is read without what is personal in it; before its key is destroyed, too. */
const withoutPersonalData = (asylumCase: AsylumCase): AsylumCase => ({
  ...asylumCase,
  applicant: null,
  formerly: noCase.formerly,
  numbersSince: noCase.numbersSince,
  representative: asylumCase.representative && { name: null, contact: null },
  claim: asylumCase.claim && { ...asylumCase.claim, statement: null },
  screening: asylumCase.screening && screeningWithout(asylumCase.screening),
  earlierExceptions: asylumCase.earlierExceptions.map(exceptionWithout),
  fears: Object.fromEntries(
    Object.entries(asylumCase.fears).map(([country, fear]) => [
      country,
      { ...fear, accounts: Series.of(fear.accounts.map(told => ({ ...told, account: null }))) },
    ]),
  ),
  holds: Series.of(asylumCase.holds.map(hold => ({ ...hold, note: null }))),
  vulnerabilities: Series.of(asylumCase.vulnerabilities.map(one => ({ ...one, detail: null }))),
  evidence: Series.of(asylumCase.evidence.map(piece => ({ ...piece, description: null }))),
  attachments: Series.of(asylumCase.attachments.map(document => ({ ...document, name: null, location: null }))),
  notes: Series.of(asylumCase.notes.map(note => ({ ...note, text: null }))),
  remarks: noCase.remarks,
  withdrawal: asylumCase.withdrawal && { ...asylumCase.withdrawal, statement: null },
  protectionAlerts: Series.of(asylumCase.protectionAlerts.map(alert => ({ ...alert, answer: null }))),
});

const exceptionWithout = (exception: Exception): Exception => ({ ...exception, evidence: null });

const screeningWithout = (screening: Screening): Screening => ({
  ...screening,
  fearInquiry: screening.fearInquiry && { ...screening.fearInquiry, account: null },
  exceptions: screening.exceptions.map(exceptionWithout),
  determination: screening.determination && { ...screening.determination, reasons: null },
});

/** A stream of which the keys are destroyed, up to a revision; all that it names where there is none. */
export interface SealedStream {
  readonly stream: string;
  readonly to?: number;
}

/** What is sealed of a case erased at that revision: what was told to it before, and why anybody read it. */
export const sealedStreamsOf = (caseId: string, erasedAt: number): readonly SealedStream[] => [
  { stream: `case-${caseId}`, to: erasedAt },
  { stream: `access-${caseId}` },
];
