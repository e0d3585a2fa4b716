import type { CaseEvent } from './case.events.js';

type EventType = CaseEvent['type'];

const DECISIONS = ['AsylumGranted', 'AsylumDenied', 'OtherProtectionGranted'] as const;

/** Which entries may be retracted, and what builds on each: while one of these follows that stands, it stays. */
export const buildsOn = {
  ProtectionClaimRecorded: ['ScreeningStarted'],
  RepresentativeRecorded: [],
  DocumentAttached: [],
  NoteAdded: [],
  DisclosureMade: [],
  OnwardDepartureReported: [],
  ContactReestablished: [],
  ConsentRecorded: ['DisclosureMade'],
  VulnerabilityRecorded: ['DeterminationReopened', 'ProtectionAlertRaised'],
  EvidenceReceived: ['EvidenceReturned'],
  EvidenceReturned: ['BoardingCleared', 'ApplicantDeparted'],
  DestinationTold: ['BoardingCleared', 'ApplicantDeparted'],
  NoticeServed: ['DeterminationSubmitted'],
  FearInquiryMade: ['FearExpressed', 'DeterminationSubmitted'],
  FearExpressed: ['FearAssessed', 'DeterminationSubmitted', 'DeterminationReopened', 'ProtectionAlertRaised'],
  AsylumIntentionExpressed: ['AsylumApplied'],
  AsylumApplied: [...DECISIONS, 'AsylumApplicationAbandoned', 'CaseClosed'],
  AsylumGranted: ['CaseClosed'],
  OtherProtectionGranted: ['CaseClosed'],
  AsylumDenied: [...DECISIONS, 'CaseClosed'],
  AsylumApplicationAbandoned: ['AsylumApplied', 'AsylumIntentionExpressed', 'CaseClosed'],
  WhereaboutsUnknown: ['ContactReestablished'],
} as const satisfies Readonly<Partial<Record<EventType, readonly EventType[]>>>;

/** What may be an entry made in error, as long as nothing builds on it. */
export const RETRACTABLE: ReadonlySet<string> = new Set(Object.keys(buildsOn));
