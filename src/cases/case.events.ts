import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

/*
 * The facts of a case, under the names in which they are stored for good.
 * The third part of each is personal: it is sealed before it reaches any store.
 */

export type Company = 'none' | 'parent' | 'legal-guardian' | 'other-relative' | 'other-adult';
export type TravelDocuments = 'none' | 'valid-visa' | 'admission-document' | 'visa-not-required' | 'transit-only';
export type Protection = 'asylum' | 'withholding' | 'convention-against-torture';
export const HOLD_KINDS = [
  'court-order',
  'medical',
  'new-information',
  'family',
  'agreement-suspended',
  'disclosure-breach',
  'other',
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];
export type Outcome = 'amenable' | 'not-amenable';
export type Reopening = 'fear' | 'vulnerability' | 'exception' | 'age-dispute' | 'age-decision' | 'correction';
/** What somebody must answer of a person who has left: what was learned, what stood against the transfer, or the breach itself. */
export type AlertCause = Reopening | 'hold' | 'us-procedure' | 'irregular-departure';

/** What of the person may stand in the open. */
export interface ApplicantFacts {
  readonly nationalities: readonly string[];
  readonly nationalityUnknown?: boolean;
  readonly habitualResidence?: string;
  /** BCP 47, as language ranges: `es` covers what is written in `es-SV`. */
  readonly languages: readonly string[];
  readonly accompaniedBy: Company;
  /** The birth date is a guess. */
  readonly birthDateEstimated?: boolean;
  /** Where the person is held. */
  readonly heldAt?: string;
}

/** Who has one name has one of the two. */
export interface PersonName {
  readonly givenNames?: string;
  readonly familyName?: string;
}

/** What of the person is sealed. Alien numbers are `A` and nine digits. */
export interface ApplicantIdentity extends PersonName {
  /** Aliases and former names. */
  readonly otherNames?: readonly PersonName[];
  readonly birthDate: string;
  readonly sex?: string;
  readonly alienNumber?: string;
  readonly otherAlienNumbers?: readonly string[];
  /** How the person can be reached. */
  readonly contact?: string;
}

/** What is said anew; `null` takes away what was there. */
type Corrected<T, Clearable extends keyof T> = { readonly [Name in keyof T]?: T[Name] | (Name extends Clearable ? null : never) };
export type CorrectedFacts = Corrected<ApplicantFacts, 'habitualResidence' | 'birthDateEstimated' | 'heldAt'>;
export type CorrectedIdentity = Corrected<ApplicantIdentity, 'givenNames' | 'familyName' | 'sex' | 'alienNumber' | 'contact'>;

export interface Encounter {
  readonly at: string;
  /** The local calendar day: it decides about age and about the agreement's beginning. */
  readonly day: string;
  readonly place: string;
  readonly manner: 'port-of-entry' | 'between-ports';
}

/** How something was said so that it was understood. */
interface Understood {
  readonly language: string;
  readonly interpreterId?: string;
}

/** Of what came from a file that was closed as a duplicate: where it was told, and where its texts are. */
export interface Source {
  readonly caseId: string;
  readonly eventId: string;
}
/** A fact that protects the person, told in this file or carried over from one that was merged with it. */
interface Protective {
  readonly from?: Source;
}

export type IntakeEvent =
  | DomainEvent<
      'CaseOpened',
      {
        office: string;
        previousCaseIds: readonly string[];
        applicant: ApplicantFacts;
        encounter: Encounter;
        documents: TravelDocuments;
        minorAtEncounter: boolean;
        /** As found then; the case file shows those of today. */
        possibleDuplicates: readonly string[];
      },
      { applicant: ApplicantIdentity }
    >
  | DomainEvent<'ProtectionClaimRecorded', { protection: Protection }, { statement: string }>
  /** `reassignmentId`: where all cases of one caseworker were handed on at once. */
  | DomainEvent<'CaseAssigned', { caseworkerId: string; reassignmentId?: string }>
  | DomainEvent<'CaseReleased', { caseworkerId: string }>
  | DomainEvent<'CaseHandedOver', { fromOffice: string; toOffice: string; reasonCode: string }, { note: string }>
  | DomainEvent<'RepresentativeRecorded', object, { name: string; contact: string }>
  | DomainEvent<'ConsentRecorded', { recipient: string; categories: readonly string[]; withdrawn: boolean }>
  | DomainEvent<'VulnerabilityRecorded', { kind: string } & Protective, { detail: string }>
  | DomainEvent<'EvidenceReceived', { evidenceId: string } & Protective, { description: string }>
  | DomainEvent<'EvidenceReturned', { evidenceId: string }>
  | DomainEvent<
      'DocumentAttached',
      { documentId: string; mediaType: string; byteLength: number; sha256: string },
      { name: string; location: string }
    >
  | DomainEvent<'NoteAdded', object, { text: string }>
  | DomainEvent<
      'ApplicantCorrected',
      {
        applicant: CorrectedFacts;
        encounter?: Partial<Encounter>;
        documents?: TravelDocuments;
        /** Which fields changed, the sealed ones too: `applicant.birthDate`, `encounter.day`, `documents`. */
        fields: readonly string[];
        reasonCode: string;
        minorAtEncounter: boolean;
      },
      { applicant: CorrectedIdentity }
    >
  | DomainEvent<'AgeDisputed', Protective, { basis: string }>
  | DomainEvent<'AgeDecided', { minor: boolean }, { basis: string }>
  /** `unconsented`: it says that the person consented in writing, and no consent stood that covers it. */
  | DomainEvent<'DisclosureMade', { recipient: string; categories: readonly string[]; basis: string; unconsented?: boolean }>
  /** Entered in error: from here on the case is folded without that event. */
  | DomainEvent<'EntryRetracted', { eventId: string; reasonCode: string }>
  /** And the case is closed with it. `of`: the case that goes on. */
  | DomainEvent<'MarkedAsDuplicate', { of: string }>
  /** And the case is closed with it. `manifestId`: the flight that the transfer was scheduled on. */
  | DomainEvent<'DeathRecorded', { manifestId?: string }>
  | DomainEvent<'CaseClosed', { reasonCode: string }>
  | DomainEvent<'CaseReopened', { reasonCode: string }>;

export type ScreeningEvent =
  | DomainEvent<'ScreeningStarted', { screeningId: string; country: PartnerCountry } & Understood>
  | DomainEvent<'NoticeServed', { screeningId: string; notice: string; readBack: boolean } & Understood>
  | DomainEvent<'FearInquiryMade', { screeningId: string; fearsPartnerCountry: boolean } & Understood, { account: string }>
  | DomainEvent<'FearExpressed', { country: PartnerCountry } & Protective, { account: string }>
  | DomainEvent<'ExceptionEstablished', { screeningId: string | null; ground: string } & Protective, { evidence: string }>
  | DomainEvent<
      'FearAssessed',
      { screeningId: string; country: PartnerCountry; persecution: boolean; torture: boolean; established: boolean },
      { reasons: string }
    >
  | DomainEvent<
      'DeterminationSubmitted',
      { determinationId: string; screeningId: string; country: PartnerCountry; outcome: Outcome },
      { reasons: string }
    >
  | DomainEvent<'DeterminationConfirmed', { determinationId: string; outcome: Outcome }, { reasons: string }>
  | DomainEvent<'DeterminationReturned', { determinationId: string }, { reasons: string }>
  | DomainEvent<'DeterminationReopened', { determinationId: string; cause: Reopening }>
  | DomainEvent<'ProtectionAlertRaised', { alertId: string; cause: AlertCause }>
  | DomainEvent<'ProtectionAlertAnswered', { alertId: string }, { answer: string }>
  /** `manifestId`, here and below: the flight that the transfer was scheduled on. */
  | DomainEvent<'ReferredToUsProcedure', { ground: string; manifestId?: string }, { note: string }>
  | DomainEvent<'ReferredToProgramme', { programme: 'central-american-minors' | 'resettlement' }, { note: string }>;

export type TransferEvent =
  | DomainEvent<'TransferRequested', { requestId: string; country: PartnerCountry; replyDueAt: string }>
  | DomainEvent<'TransferAccepted', { requestId: string; acceptanceId: string; validUntil: string }, { reference: string }>
  | DomainEvent<'TransferRefused', { requestId: string; reasonCode: string | null }, { reference: string }>
  | DomainEvent<'TransferRequestLapsed', { requestId: string }>
  | DomainEvent<'TransferScheduled', { manifestId: string; placeWeek: string; departsAt: string }>
  | DomainEvent<'TransferUnscheduled', { manifestId: string; cause: string }>
  | DomainEvent<'DestinationTold', { country: PartnerCountry } & Understood>
  /** `reopening`: placed with a reopened determination, released by its next confirmation. `cause`: the member who cannot go. */
  | DomainEvent<
      'TransferHoldPlaced',
      { holdId: string; kind: HoldKind; reopening?: boolean; cause?: string } & Protective,
      { reference?: string; note?: string }
    >
  | DomainEvent<'TransferHoldReleased', { holdId: string }, { reference?: string; note?: string }>
  | DomainEvent<'BoardingCleared', { manifestId: string; expiresAt: string }>
  | DomainEvent<'DepartureBlocked', { command: 'ClearForBoarding' | 'RecordDeparture'; failedChecks: readonly string[] }>
  /** `manifestId`: of the flight whose own departure says so; without it the person left on that of the schedule, or on none. */
  | DomainEvent<
      'ApplicantDeparted',
      { flight: string; manifestId?: string; irregular?: boolean; failedChecks?: readonly string[] },
      { explanation: string }
    >
  | DomainEvent<'TransferredToElSalvador', Arrival, { receivedBy: string }>
  | DomainEvent<'TransferredToGuatemala', Arrival, { receivedBy: string }>
  | DomainEvent<'TransferredToHonduras', Arrival, { receivedBy: string }>
  | DomainEvent<'TransferAborted', { reasonCode: string; manifestId?: string }, { note: string }>
  | DomainEvent<'ReturnRecorded', { reasonCode: string }>
  | DomainEvent<'ClaimWithdrawn', Understood & { manifestId?: string }, { statement: string }>
  | DomainEvent<'WithdrawalRefused', { code: string; codes: readonly string[] } & Understood, { statement: string }>
  | DomainEvent<'WithdrawalRevoked', object, { statement: string }>;

/** `transferId` names this arrival for what counts from it. */
interface Arrival {
  readonly transferId: string;
  readonly country: PartnerCountry;
}

export type AftercareEvent =
  | DomainEvent<'AsylumIntentionExpressed', { country: PartnerCountry }>
  | DomainEvent<'AsylumApplied', { country: PartnerCountry; authority: string }, { reference: string }>
  | DomainEvent<'AsylumGranted', { final: boolean }, { reference: string }>
  | DomainEvent<'AsylumDenied', { final: boolean }, { reference: string }>
  | DomainEvent<'OtherProtectionGranted', { final: boolean }, { reference: string }>
  | DomainEvent<'AsylumApplicationAbandoned', { reasonCode: string }>
  | DomainEvent<
      'OnwardDepartureReported',
      { toCountry: string; manner: 'voluntary' | 'assisted' | 'removed' | 'unknown'; sourceCode: string }
    >
  /** `transferId`: the arrival that the milestone counts from. */
  | DomainEvent<'FollowUpOverdue', { transferId: string; milestone: string }>
  | DomainEvent<'WhereaboutsUnknown', { sourceCode: string }>
  | DomainEvent<'ContactReestablished', { sourceCode: string }>;

export type MergingEvent =
  /** `caseId`: that file was closed as a duplicate of this one, and what protects its person is carried over. */
  | DomainEvent<'DuplicateMerged', { caseId: string }>
  /** It goes on by itself again; what was carried over stays. */
  | DomainEvent<'DuplicateReopened', { caseId: string }>
  /** `caseId` bears a number of this person; `sharedBy`: the opening or correction, of either file, since which it does. */
  | DomainEvent<'PossibleDuplicateFlagged', { caseId: string; sharedBy: string }>
  /** Not the same person, although numbers were shared since these openings or corrections. */
  | DomainEvent<'DuplicateDismissed', { caseId: string; reasonCode: string; sharedBy?: readonly string[] }>;

export type ErasureEvent =
  /** While it stands nothing of the file is erased. */
  | DomainEvent<'LegalHoldPlaced', object, { reference: string }>
  | DomainEvent<'LegalHoldReleased', object, { reference: string }>
  | DomainEvent<'ErasureRequested', { legalBasis: string }>
  /** And the keys of all that is personal in the case up to here are destroyed. */
  | DomainEvent<'PersonalDataErased'>;

export type CaseEvent = ErasureEvent | MergingEvent | IntakeEvent | ScreeningEvent | TransferEvent | AftercareEvent;
