import { PARTNER_COUNTRIES } from '../agreements/agreement.events.js';
import {
  day,
  flag,
  former,
  instant,
  list,
  nullable,
  oneOf,
  optional,
  record,
  text,
  uuid,
  week,
  wholeNumber,
  type Described,
  type Fields,
} from '../event-store/shape.js';
import {
  HOLD_KINDS,
  type AftercareEvent,
  type ApplicantFacts,
  type CorrectedFacts,
  type Encounter,
  type ErasureEvent,
  type IntakeEvent,
  type MergingEvent,
  type ScreeningEvent,
  type Source,
  type TransferEvent,
} from './case.events.js';
import { upcastCorrection, upcastOpening, type ApplicantFactsV1 } from './case.upcasts.js';

/* What the events of a case are as they stand in the store, by schema version. */

const company = oneOf(['none', 'parent', 'legal-guardian', 'other-relative', 'other-adult']);
const documents = oneOf(['none', 'valid-visa', 'admission-document', 'visa-not-required', 'transit-only']);
const manner = oneOf(['port-of-entry', 'between-ports']);
const country = oneOf(PARTNER_COUNTRIES);
const outcome = oneOf(['amenable', 'not-amenable']);
const understood = { language: text, interpreterId: optional(text) };
const manifestId = optional(uuid);
/** Of what was carried over from a merged file. */
const from = optional(record<Source>({ caseId: uuid, eventId: uuid }));

const factsV1: Fields<ApplicantFactsV1> = {
  nationalities: list(text),
  nationalityUnknown: optional(flag),
  habitualResidence: optional(text),
  languages: list(text),
  accompaniedBy: company,
};
const correctedV1: Fields<Partial<ApplicantFactsV1>> = {
  ...factsV1,
  nationalities: optional(factsV1.nationalities),
  languages: optional(factsV1.languages),
  accompaniedBy: optional(company),
};
const opening = {
  office: text,
  previousCaseIds: list(uuid),
  encounter: record<Encounter>({ at: instant, day, place: text, manner }),
  documents,
  minorAtEncounter: flag,
  possibleDuplicates: list(uuid),
};
const correction = {
  encounter: optional(
    record<Partial<Encounter>>({ at: optional(instant), day: optional(day), place: optional(text), manner: optional(manner) }),
  ),
  documents: optional(documents),
  reasonCode: text,
  minorAtEncounter: flag,
};

export const intakeEvents: Described<IntakeEvent> = {
  CaseOpened: [
    former({ ...opening, applicant: record<ApplicantFactsV1>(factsV1) }, upcastOpening),
    { ...opening, applicant: record<ApplicantFacts>({ ...factsV1, birthDateEstimated: optional(flag), heldAt: optional(text) }) },
  ],
  ProtectionClaimRecorded: [{ protection: oneOf(['asylum', 'withholding', 'convention-against-torture']) }],
  CaseAssigned: [{ caseworkerId: text, reassignmentId: optional(uuid) }],
  CaseReleased: [{ caseworkerId: text }],
  CaseHandedOver: [{ fromOffice: text, toOffice: text, reasonCode: text }],
  RepresentativeRecorded: [{}],
  ConsentRecorded: [{ recipient: text, categories: list(text), withdrawn: flag }],
  VulnerabilityRecorded: [{ kind: text, from }],
  EvidenceReceived: [{ evidenceId: uuid, from }],
  EvidenceReturned: [{ evidenceId: uuid }],
  DocumentAttached: [{ documentId: uuid, mediaType: text, byteLength: wholeNumber, sha256: text }],
  NoteAdded: [{}],
  ApplicantCorrected: [
    former({ ...correction, applicant: record<Partial<ApplicantFactsV1>>(correctedV1) }, upcastCorrection),
    {
      ...correction,
      applicant: record<CorrectedFacts>({
        ...correctedV1,
        habitualResidence: optional(nullable(text)),
        birthDateEstimated: optional(nullable(flag)),
        heldAt: optional(nullable(text)),
      }),
      fields: list(text),
    },
  ],
  AgeDisputed: [{ from }],
  AgeDecided: [{ minor: flag }],
  DisclosureMade: [{ recipient: text, categories: list(text), basis: text, unconsented: optional(flag) }],
  EntryRetracted: [{ eventId: uuid, reasonCode: text }],
  MarkedAsDuplicate: [{ of: uuid }],
  DeathRecorded: [{ manifestId }],
  CaseClosed: [{ reasonCode: text }],
  CaseReopened: [{ reasonCode: text }],
};

export const mergingEvents: Described<MergingEvent> = {
  DuplicateMerged: [{ caseId: uuid }],
  DuplicateReopened: [{ caseId: uuid }],
  PossibleDuplicateFlagged: [{ caseId: uuid, sharedBy: uuid }],
  DuplicateDismissed: [{ caseId: uuid, reasonCode: text, sharedBy: optional(list(uuid)) }],
};

export const erasureEvents: Described<ErasureEvent> = {
  LegalHoldPlaced: [{}],
  LegalHoldReleased: [{}],
  ErasureRequested: [{ legalBasis: text }],
  PersonalDataErased: [{}],
};

const REOPENINGS = ['fear', 'vulnerability', 'exception', 'age-dispute', 'age-decision', 'correction'] as const;

export const screeningEvents: Described<ScreeningEvent> = {
  ScreeningStarted: [{ screeningId: uuid, country, ...understood }],
  NoticeServed: [{ screeningId: uuid, notice: text, readBack: flag, ...understood }],
  FearInquiryMade: [{ screeningId: uuid, fearsPartnerCountry: flag, ...understood }],
  FearExpressed: [{ country, from }],
  ExceptionEstablished: [{ screeningId: nullable(uuid), ground: text, from }],
  FearAssessed: [{ screeningId: uuid, country, persecution: flag, torture: flag, established: flag }],
  DeterminationSubmitted: [{ determinationId: uuid, screeningId: uuid, country, outcome }],
  DeterminationConfirmed: [{ determinationId: uuid, outcome }],
  DeterminationReturned: [{ determinationId: uuid }],
  DeterminationReopened: [{ determinationId: uuid, cause: oneOf(REOPENINGS) }],
  ProtectionAlertRaised: [{ alertId: uuid, cause: oneOf([...REOPENINGS, 'hold', 'us-procedure', 'irregular-departure']) }],
  ProtectionAlertAnswered: [{ alertId: uuid }],
  ReferredToUsProcedure: [{ ground: text, manifestId }],
  ReferredToProgramme: [{ programme: oneOf(['central-american-minors', 'resettlement']) }],
};

const arrival = { transferId: uuid, country };

export const transferEvents: Described<TransferEvent> = {
  TransferRequested: [{ requestId: uuid, country, replyDueAt: instant }],
  TransferAccepted: [{ requestId: uuid, acceptanceId: uuid, validUntil: instant }],
  TransferRefused: [{ requestId: uuid, reasonCode: nullable(text) }],
  TransferRequestLapsed: [{ requestId: uuid }],
  TransferScheduled: [{ manifestId: uuid, placeWeek: week, departsAt: instant }],
  TransferUnscheduled: [{ manifestId: uuid, cause: text }],
  DestinationTold: [{ country, ...understood }],
  TransferHoldPlaced: [{ holdId: uuid, kind: oneOf(HOLD_KINDS), reopening: optional(flag), cause: optional(uuid), from }],
  TransferHoldReleased: [{ holdId: uuid }],
  BoardingCleared: [{ manifestId: uuid, expiresAt: instant }],
  DepartureBlocked: [{ command: oneOf(['ClearForBoarding', 'RecordDeparture']), failedChecks: list(text) }],
  ApplicantDeparted: [{ flight: text, manifestId, irregular: optional(flag), failedChecks: optional(list(text)) }],
  TransferredToElSalvador: [arrival],
  TransferredToGuatemala: [arrival],
  TransferredToHonduras: [arrival],
  TransferAborted: [{ reasonCode: text, manifestId }],
  ReturnRecorded: [{ reasonCode: text }],
  ClaimWithdrawn: [{ ...understood, manifestId }],
  WithdrawalRefused: [{ code: text, codes: list(text), ...understood }],
  WithdrawalRevoked: [{}],
};

export const aftercareEvents: Described<AftercareEvent> = {
  AsylumIntentionExpressed: [{ country }],
  AsylumApplied: [{ country, authority: text }],
  AsylumGranted: [{ final: flag }],
  AsylumDenied: [{ final: flag }],
  OtherProtectionGranted: [{ final: flag }],
  AsylumApplicationAbandoned: [{ reasonCode: text }],
  OnwardDepartureReported: [{ toCountry: text, manner: oneOf(['voluntary', 'assisted', 'removed', 'unknown']), sourceCode: text }],
  FollowUpOverdue: [{ transferId: uuid, milestone: text }],
  WhereaboutsUnknown: [{ sourceCode: text }],
  ContactReestablished: [{ sourceCode: text }],
};
