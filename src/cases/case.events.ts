import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Fact } from '../event-store/stream-kind.js';

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
}

/** What of the person is sealed. */
export interface ApplicantIdentity {
  readonly givenNames: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly sex?: string;
  readonly alienNumber?: string;
}

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

export type IntakeEvent =
  | Fact<
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
  | Fact<'ProtectionClaimRecorded', { protection: Protection }, { statement: string }>
  | Fact<'CaseAssigned', { caseworkerId: string }>
  | Fact<'CaseReleased', { caseworkerId: string }>
  | Fact<'CaseHandedOver', { fromOffice: string; toOffice: string; reasonCode: string }, { note: string }>
  | Fact<'RepresentativeRecorded', object, { name: string; contact: string }>
  | Fact<'ConsentRecorded', { recipient: string; categories: readonly string[]; withdrawn: boolean }>
  | Fact<'VulnerabilityRecorded', { kind: string }, { detail: string }>
  | Fact<'EvidenceReceived', { evidenceId: string }, { description: string }>
  | Fact<'EvidenceReturned', { evidenceId: string }>
  | Fact<
      'DocumentAttached',
      { documentId: string; mediaType: string; byteLength: number; sha256: string },
      { name: string; location: string }
    >
  | Fact<'NoteAdded', object, { text: string }>
  | Fact<
      'ApplicantCorrected',
      {
        applicant: Partial<ApplicantFacts>;
        encounter?: Partial<Encounter>;
        documents?: TravelDocuments;
        reasonCode: string;
        minorAtEncounter: boolean;
      },
      { applicant: Partial<ApplicantIdentity> }
    >
  | Fact<'AgeDisputed', object, { basis: string }>
  | Fact<'AgeDecided', { minor: boolean }, { basis: string }>
  | Fact<'DisclosureMade', { recipient: string; categories: readonly string[]; basis: string }>
  /** Entered in error: from here on the case is folded without that event. */
  | Fact<'EntryRetracted', { eventId: string; reasonCode: string }>
  /** And the case is closed with it. `of`: the case that goes on. */
  | Fact<'MarkedAsDuplicate', { of: string }>
  | Fact<'CaseClosed', { reasonCode: string }>
  | Fact<'CaseReopened', { reasonCode: string }>;

export type ScreeningEvent =
  | Fact<'ScreeningStarted', { screeningId: string; country: PartnerCountry } & Understood>
  | Fact<'NoticeServed', { screeningId: string; notice: string; readBack: boolean } & Understood>
  | Fact<'FearInquiryMade', { screeningId: string; fearsPartnerCountry: boolean } & Understood, { account: string }>
  | Fact<'FearExpressed', { country: PartnerCountry }, { account: string }>
  | Fact<'ExceptionEstablished', { screeningId: string | null; ground: string }, { evidence: string }>
  | Fact<
      'FearAssessed',
      { screeningId: string; country: PartnerCountry; persecution: boolean; torture: boolean; established: boolean },
      { reasons: string }
    >
  | Fact<
      'DeterminationSubmitted',
      { determinationId: string; screeningId: string; country: PartnerCountry; outcome: Outcome },
      { reasons: string }
    >
  | Fact<'DeterminationConfirmed', { determinationId: string; outcome: Outcome }, { reasons: string }>
  | Fact<'DeterminationReturned', { determinationId: string }, { reasons: string }>
  | Fact<'DeterminationReopened', { determinationId: string; cause: Reopening }>
  | Fact<'ProtectionAlertRaised', { alertId: string; cause: AlertCause }>
  | Fact<'ProtectionAlertAnswered', { alertId: string }, { answer: string }>
  /** `manifestId`, here and below: the flight that the transfer was scheduled on. */
  | Fact<'ReferredToUsProcedure', { ground: string; manifestId?: string }, { note: string }>
  | Fact<'ReferredToProgramme', { programme: 'central-american-minors' | 'resettlement' }, { note: string }>;

export type TransferEvent =
  | Fact<'TransferRequested', { requestId: string; country: PartnerCountry; replyDueAt: string }>
  | Fact<'TransferAccepted', { requestId: string; acceptanceId: string; validUntil: string }, { reference: string }>
  | Fact<'TransferRefused', { requestId: string; reasonCode: string | null }, { reference: string }>
  | Fact<'TransferRequestLapsed', { requestId: string }>
  | Fact<'TransferScheduled', { manifestId: string; placeWeek: string; departsAt: string }>
  | Fact<'TransferUnscheduled', { manifestId: string; cause: string }>
  | Fact<'DestinationTold', { country: PartnerCountry } & Understood>
  /** `reopening`: placed with a reopened determination, released by its next confirmation. `cause`: the member who cannot go. */
  | Fact<
      'TransferHoldPlaced',
      { holdId: string; kind: HoldKind; reopening?: boolean; cause?: string },
      { reference?: string; note?: string }
    >
  | Fact<'TransferHoldReleased', { holdId: string }, { reference?: string; note?: string }>
  | Fact<'BoardingCleared', { manifestId: string; expiresAt: string }>
  | Fact<'DepartureBlocked', { command: 'ClearForBoarding' | 'RecordDeparture'; failedChecks: readonly string[] }>
  /** `manifestId`: of the flight whose own departure says so; without it the person left on that of the schedule, or on none. */
  | Fact<
      'ApplicantDeparted',
      { flight: string; manifestId?: string; irregular?: boolean; failedChecks?: readonly string[] },
      { explanation: string }
    >
  | Fact<'TransferredToElSalvador', Arrival, { receivedBy: string }>
  | Fact<'TransferredToGuatemala', Arrival, { receivedBy: string }>
  | Fact<'TransferredToHonduras', Arrival, { receivedBy: string }>
  | Fact<'TransferAborted', { reasonCode: string; manifestId?: string }, { note: string }>
  | Fact<'ReturnRecorded', { reasonCode: string }>
  | Fact<'ClaimWithdrawn', Understood & { manifestId?: string }, { statement: string }>
  | Fact<'WithdrawalRefused', { code: string; codes: readonly string[] } & Understood, { statement: string }>
  | Fact<'WithdrawalRevoked', object, { statement: string }>;

/** `transferId` names this arrival for what counts from it. */
interface Arrival {
  readonly transferId: string;
  readonly country: PartnerCountry;
}

export type AftercareEvent =
  | Fact<'AsylumIntentionExpressed', { country: PartnerCountry }>
  | Fact<'AsylumApplied', { country: PartnerCountry; authority: string }, { reference: string }>
  | Fact<'AsylumGranted', { final: boolean }, { reference: string }>
  | Fact<'AsylumDenied', { final: boolean }, { reference: string }>
  | Fact<'OtherProtectionGranted', { final: boolean }, { reference: string }>
  | Fact<'AsylumApplicationAbandoned', { reasonCode: string }>
  | Fact<'OnwardDepartureReported', { toCountry: string; manner: 'voluntary' | 'assisted' | 'removed' | 'unknown'; sourceCode: string }>
  /** `transferId`: the arrival that the milestone counts from. */
  | Fact<'FollowUpOverdue', { transferId: string; milestone: string }>
  | Fact<'WhereaboutsUnknown', { sourceCode: string }>
  | Fact<'ContactReestablished', { sourceCode: string }>;

export type CaseEvent = IntakeEvent | ScreeningEvent | TransferEvent | AftercareEvent;
