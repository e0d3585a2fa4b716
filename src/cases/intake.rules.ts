import { DomainError } from '../event-store/domain-error.js';
import type { Actor } from '../event-store/event-store.js';
import { misfit, notThere, together } from '../event-store/rule.js';
import { isAfter, isBefore } from '../fields/time.js';
import { dayMisfit, factsOf, identityOf, numberMisfit } from './applicant.rules.js';
import type { ApplicantFacts, ApplicantIdentity } from './case.events.js';
import { isMinorOn, newInformation, outOfOrder, seatOf, sealed, type CaseRule } from './case.rules.js';
import type { AsylumCase } from './case.state.js';
import { countsAsMinor } from './standing.state.js';
import type { DecideAge, DisputeAge } from './applicant.commands.js';
import type {
  AddNote,
  AssignCase,
  AttachDocument,
  CloseCase,
  HandOverCase,
  MarkAsDuplicate,
  OpenCase,
  RecordConsent,
  RecordDeath,
  RecordDisclosure,
  RecordEvidence,
  RecordProtectionClaim,
  RecordRepresentative,
  RecordVulnerability,
  ReleaseCase,
  ReopenCase,
  ReturnEvidence,
} from './intake.commands.js';

/** A file of no office could never be worked on. @throws DomainError `other-office` */
function officeOf({ office }: Actor): string {
  if (office === null) throw new DomainError('other-office', 'A case is opened in an office.');
  return office;
}

export interface AtOpening {
  readonly possibleDuplicates: readonly string[];
  /** Which of the previous cases that are named there are. */
  readonly previous: ReadonlySet<string>;
}

export const openCase: CaseRule<OpenCase, AtOpening> = {
  unfit: ({ encounter, applicant, previousCaseIds = [] }, _, { previous }) => {
    const misfits = together(dayMisfit(encounter), numberMisfit(applicant));
    const unknown = previousCaseIds.flatMap((caseId, index) => (previous.has(caseId) ? [] : [`/previousCaseIds/${index}`]));
    return misfits ?? (unknown.length > 0 && notThere(...unknown));
  },
  asked: ({ encounter }, _, { occurredAt }) => [isBefore(occurredAt, encounter.at) && 'date-out-of-order'],
  events: ({ applicant, encounter, documents, previousCaseIds = [] }, _, { actor, possibleDuplicates }) => [
    {
      type: 'CaseOpened',
      data: {
        office: officeOf(actor),
        previousCaseIds,
        applicant: factsOf(applicant) as ApplicantFacts,
        encounter: { ...encounter },
        documents,
        minorAtEncounter: isMinorOn(applicant.birthDate, encounter.day, applicant.birthDateEstimated),
        possibleDuplicates,
      },
      personal: { applicant: identityOf(applicant) as ApplicantIdentity },
    },
  ],
};

export const recordProtectionClaim: CaseRule<RecordProtectionClaim> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ protection, statement }) => [{ type: 'ProtectionClaimRecorded', data: { protection }, ...sealed({ statement }) }],
};

export const assignCase: CaseRule<AssignCase> = {
  events: ({ caseworkerId, insteadOf, reassignmentId }, { assignedTo }) =>
    assignedTo === caseworkerId || (insteadOf && assignedTo !== insteadOf)
      ? []
      : [{ type: 'CaseAssigned', data: { caseworkerId, ...(reassignmentId && { reassignmentId }) } }],
};

export const releaseCase: CaseRule<ReleaseCase> = {
  events: ({ caseworkerId }, { assignedTo }) => (assignedTo === caseworkerId ? [{ type: 'CaseReleased', data: { caseworkerId } }] : []),
};

export const handOverCase: CaseRule<HandOverCase> = {
  events: ({ toOffice, reasonCode, note }, { office }) =>
    toOffice === office ? [] : [{ type: 'CaseHandedOver', data: { fromOffice: office, toOffice, reasonCode }, ...sealed({ note }) }],
};

export const recordRepresentative: CaseRule<RecordRepresentative> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ name, contact }) => [{ type: 'RepresentativeRecorded', data: {}, personal: { name, contact } }],
};

export const recordConsent: CaseRule<RecordConsent> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ recipient, categories, withdrawn = false }) => [{ type: 'ConsentRecorded', data: { recipient, categories, withdrawn } }],
};

export const recordVulnerability: CaseRule<RecordVulnerability> = {
  events: ({ kind, detail }, asylumCase, moment) => [
    { type: 'VulnerabilityRecorded', data: { kind }, ...sealed({ detail }) },
    ...newInformation(asylumCase, moment, 'vulnerability'),
  ],
};

export const recordEvidence: CaseRule<RecordEvidence> = {
  asked: ({ evidenceId }, { evidence }) => [evidence.some(piece => piece.evidenceId === evidenceId) && 'already-exists'],
  events: ({ evidenceId, description }) => [{ type: 'EvidenceReceived', data: { evidenceId }, personal: { description } }],
};

export const returnEvidence: CaseRule<ReturnEvidence> = {
  unfit: ({ evidenceId }, { evidence }) => !evidence.some(piece => piece.evidenceId === evidenceId) && notThere('/evidenceId'),
  asked: ({ evidenceId }, asylumCase, moment) => [
    outOfOrder(asylumCase, moment, ...asylumCase.evidence.filter(piece => piece.evidenceId === evidenceId).map(piece => piece.receivedAt)),
  ],
  events: ({ evidenceId }, { evidence }) =>
    evidence.some(piece => piece.evidenceId === evidenceId && piece.returnedAt === null)
      ? [{ type: 'EvidenceReturned', data: { evidenceId } }]
      : [],
};

export const attachDocument: CaseRule<AttachDocument> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: ({ documentId, name, mediaType, byteLength, sha256, location }) => [
    { type: 'DocumentAttached', data: { documentId, mediaType, byteLength, sha256: sha256.toLowerCase() }, personal: { name, location } },
  ],
};

export const addNote: CaseRule<AddNote> = {
  events: ({ text }) => [{ type: 'NoteAdded', data: {}, personal: { text } }],
};

export const recordDisclosure: CaseRule<RecordDisclosure> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: (command, asylumCase, { occurredAt }) => {
    const { recipient, categories, basis } = command;
    const unconsented = basis === 'written-consent' && !isConsentedTo(command, asylumCase, occurredAt);
    return [{ type: 'DisclosureMade', data: { recipient, categories, basis, ...(unconsented && { unconsented }) } }];
  },
};

/** Whether for every category the newest word of the person by then, on that recipient, was yes. */
const isConsentedTo = ({ recipient, categories }: RecordDisclosure, { consents }: AsylumCase, instant: string): boolean =>
  categories.every(category => {
    const said = consents.filter(
      consent => consent.recipient === recipient && consent.categories.includes(category) && !isAfter(consent.at, instant),
    );
    const newest = said.reduce<(typeof said)[number] | undefined>(
      (last, one) => (last && isBefore(one.at, last.at) ? last : one),
      undefined,
    );
    return newest?.withdrawn === false;
  });

export const disputeAge: CaseRule<DisputeAge> = {
  events: ({ basis }, asylumCase, moment) =>
    asylumCase.ageDisputed
      ? []
      : [{ type: 'AgeDisputed', data: {}, personal: { basis } }, ...newInformation(asylumCase, moment, 'age-dispute')],
};

export const decideAge: CaseRule<DecideAge> = {
  events: ({ minor, basis }, asylumCase, moment) => {
    if (!asylumCase.ageDisputed && asylumCase.decidedMinor === minor) return [];
    return [
      { type: 'AgeDecided', data: { minor }, personal: { basis } },
      ...(minor && !countsAsMinor(asylumCase) ? newInformation(asylumCase, moment, 'age-decision') : []),
    ];
  },
};

/** The case that is said to go on; null where there is none of that id. */
export interface WithOriginal {
  readonly original: AsylumCase | null;
}

export const markAsDuplicate: CaseRule<MarkAsDuplicate, WithOriginal> = {
  unfit: ({ of, streamId }, _, { original }) => {
    if (of === streamId) return misfit('/of', 'invalid', 'A case is no duplicate of itself.');
    if (!original) return notThere('/of');
    // Of one person at least one file must go on.
    return original.duplicateOf !== null && misfit('/of', 'invalid', 'That case is itself closed as a duplicate.');
  },
  events: ({ of }) => [{ type: 'MarkedAsDuplicate', data: { of } }],
};

export const recordDeath: CaseRule<RecordDeath> = {
  asked: (_, asylumCase, moment) => [outOfOrder(asylumCase, moment)],
  events: (_, asylumCase) => [{ type: 'DeathRecorded', data: seatOf(asylumCase) }],
};

export const closeCase: CaseRule<CloseCase> = {
  events: ({ reasonCode }) => [{ type: 'CaseClosed', data: { reasonCode } }],
};

export const reopenCase: CaseRule<ReopenCase> = {
  events: ({ reasonCode }) => [{ type: 'CaseReopened', data: { reasonCode } }],
};
