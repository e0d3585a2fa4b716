import type { PartnerCountry } from '../../src/agreements/agreement.events.js';
import type { ApplicantFacts, CaseEvent } from '../../src/cases/case.events.js';
import type { Recorded } from '../../src/event-store/stream-kind.js';
import { isAfter, isBefore } from '../../src/fields/time.js';

/* What the model knows of a case, a flight, a family and a week, from the events alone. */

interface Standing {
  readonly kind: string;
  readonly cause: string | null;
}
interface FearKnown {
  everExpressed: boolean;
  open: boolean;
  established: boolean;
}

/** What is known of a case. */
export class File {
  status = '';
  office: string | null = null;
  givenBy: string | null = null;
  assignedTo: string | null = null;
  /** Ordered away from whoever has the case. */
  toBeHandedOn = false;
  statusBeforeClosing: string | null = null;
  claimed = false;
  minor = false;
  disputed = false;
  applicant: ApplicantFacts = { nationalities: [], languages: [], accompaniedBy: 'none' };
  documents = 'none';
  encounterDay = '';
  readonly holds = new Map<string, Standing>();
  readonly everHeld = new Set<string>();
  /** Causes of family holds that a person released. */
  readonly letGo = new Set<string>();
  /** Those of them for whom the person is to be held anew, each with who came back to the family. */
  readonly letGoUntil = new Map<string, string>();
  readonly fears = new Map<string, FearKnown>();
  readonly evidenceKept = new Set<string>();
  screening: {
    country: PartnerCountry;
    officers: Set<string>;
    readBack: boolean;
    asked: boolean;
    exceptions: number;
    /** In what the notice was last served, and the inquiry made; null where somebody interpreted. */
    spoken: { notice?: string | null; inquiry?: string | null };
  } | null = null;
  determination: { id: string; outcome: string; state: 'submitted' | 'confirmed' | 'returned' | 'reopened' } | null = null;
  request: { id: string; country: PartnerCountry; replyDueAt: string; validUntil: string | null; told: boolean } | null = null;
  /** With whether somebody has left from it: whoever is back may be scheduled on the same flight anew. */
  scheduled: { manifestId: string; week: string; used: boolean } | null = null;
  /** While it stands: from when it was given until it runs out. */
  clearance: {
    readonly manifestId: string;
    readonly from: string;
    readonly until: string;
    /** The revision of the agreement that it was given under. */
    readonly under: number;
  } | null = null;
  /** On a flight that has left, and the file does not say so yet: whether the clearance stood then, and how many events the file had. */
  aboard: { readonly manifestId: string; readonly regular: boolean; readonly at: string; readonly events: number } | null = null;
  /** What protects the person from being transferred, as far as it stands. */
  readonly protections: { readonly revision: number; readonly recordedAt: string; readonly cause: string }[] = [];
  /** Of the departure that was stored last: the alerts that must come with it. */
  owed: { readonly commandId: string; readonly causes: Set<string> } | null = null;
  /** The last one, with the flight that it was on. */
  departure: { readonly at: string; readonly manifestId: string | null } | null = null;
  /** Manifests whose seat and place the person used. */
  readonly flown = new Set<string>();
  arrival: { transferId: string; at: string; recordedAt: string; country: PartnerCountry; heardOf: boolean; overdue: Set<string> } | null =
    null;
  /** Whether the determination was reopened, and not drawn up again since. */
  reopened = false;
  /** Established without a screening: they count in every one that follows. */
  earlierExceptions = 0;
  duplicate = false;
  died = false;
  legalHold = false;
  /** Who asked for the erasure that nobody has carried out. */
  toBeErasedBy: string | null = null;
  erased = false;
  readonly history: Recorded<CaseEvent>[] = [];

  get current(): string {
    return this.statusBeforeClosing ?? this.status;
  }

  get left(): boolean {
    return ABROAD.includes(this.current);
  }

  get travels(): boolean {
    return !this.left && !this.duplicate && !this.died;
  }

  fear(country: string): FearKnown {
    const known = this.fears.get(country) ?? { everExpressed: false, open: false, established: false };
    this.fears.set(country, known);
    return known;
  }

  /** Whether a clearance that nothing in the file voided had been given by then, and neither it nor the acceptance had run out. */
  hasClearanceAt(instant: string, now: string): boolean {
    const { clearance, request } = this;
    return (
      clearance !== null &&
      !isBefore(instant, clearance.from) &&
      !isAfter(instant, clearance.until) &&
      !isAfter(now, request?.validUntil ?? now)
    );
  }

  get otherHolds(): Standing[] {
    return [...this.holds.values()].filter(({ kind }) => kind !== 'family');
  }

  /** Why the rest of the family is held. */
  get isCause(): boolean {
    return (
      this.travels && (['screened-out', 'withdrawn', 'us-procedure'].includes(this.current) || this.reopened || this.otherHolds.length > 0)
    );
  }

  get isOnTheWay(): boolean {
    return ['transfer-accepted', 'transfer-scheduled'].includes(this.status) && this.otherHolds.length === 0;
  }
}

export interface Flight {
  country: PartnerCountry;
  week: string;
  draftedBy: string;
  status: string;
  passengers: string[];
  boarded: readonly string[];
  readonly arrived: string[];
  departedAt: string | null;
  /** Passengers of whose family something was corrected since the approval. */
  readonly doubtful: Set<string>;
}
export interface Unit {
  members: { caseId: string; guardian: boolean }[];
  separations: { id: string; caseIds: readonly string[]; by: string; authorised: boolean; doubtful?: boolean | 'maybe' }[];
}
export interface Week {
  declared: number;
  places: Set<string>;
}

const ABROAD = ['in-transit', 'transferred', 'asylum-pending', 'asylum-granted', 'asylum-denied', 'asylum-abandoned'];
export const RUNNING = [
  'opened',
  'screening',
  'awaiting-review',
  'amenable',
  'transfer-requested',
  'transfer-accepted',
  'transfer-scheduled',
];
const BEFORE_DEPARTURE = [...RUNNING, 'screened-out', 'us-procedure', 'withdrawn'];
export const UNDER_AGREEMENT = RUNNING.slice(1);
const ASYLUM = ABROAD.slice(2);

/** In which status a fact can be stored, and to which it leads. What is not here is stored in any, and leads nowhere. */
export const PROCEDURE: Readonly<Partial<Record<CaseEvent['type'], readonly [from: readonly string[], to?: string]>>> = {
  ScreeningStarted: [['opened', 'screened-out'], 'screening'],
  NoticeServed: [['screening']],
  FearInquiryMade: [['screening']],
  FearAssessed: [['screening']],
  ExceptionEstablished: [['screening', ...UNDER_AGREEMENT, ...ABROAD]],
  DeterminationSubmitted: [['screening'], 'awaiting-review'],
  DeterminationConfirmed: [['awaiting-review']],
  DeterminationReturned: [['awaiting-review'], 'screening'],
  DeterminationReopened: [UNDER_AGREEMENT.slice(1), 'screening'],
  ReferredToUsProcedure: [[...RUNNING, 'screened-out'], 'us-procedure'],
  TransferRequested: [['amenable'], 'transfer-requested'],
  TransferAccepted: [['transfer-requested'], 'transfer-accepted'],
  TransferRefused: [['transfer-requested'], 'amenable'],
  TransferRequestLapsed: [['transfer-requested'], 'amenable'],
  TransferScheduled: [['transfer-accepted'], 'transfer-scheduled'],
  DestinationTold: [['transfer-requested', 'transfer-accepted', 'transfer-scheduled']],
  BoardingCleared: [['transfer-scheduled']],
  DepartureBlocked: [BEFORE_DEPARTURE],
  ApplicantDeparted: [[...BEFORE_DEPARTURE, 'closed'], 'in-transit'],
  TransferredToElSalvador: [['in-transit'], 'transferred'],
  TransferredToGuatemala: [['in-transit'], 'transferred'],
  TransferredToHonduras: [['in-transit'], 'transferred'],
  ReturnRecorded: [['in-transit', 'transferred']],
  ClaimWithdrawn: [[...RUNNING, 'screened-out'], 'withdrawn'],
  WithdrawalRefused: [[...RUNNING, 'screened-out']],
  WithdrawalRevoked: [['withdrawn']],
  AsylumIntentionExpressed: [['transferred', 'asylum-abandoned']],
  AsylumApplied: [['transferred', 'asylum-abandoned'], 'asylum-pending'],
  AsylumGranted: [['asylum-pending', 'asylum-denied'], 'asylum-granted'],
  AsylumDenied: [['asylum-pending', 'asylum-denied'], 'asylum-denied'],
  OtherProtectionGranted: [['asylum-pending', 'asylum-denied'], 'asylum-granted'],
  AsylumApplicationAbandoned: [['asylum-pending'], 'asylum-abandoned'],
  FollowUpOverdue: [['transferred']],
  OnwardDepartureReported: [['transferred', ...ASYLUM]],
  WhereaboutsUnknown: [['transferred', ...ASYLUM]],
  ContactReestablished: [['transferred', ...ASYLUM]],
};
export const ENDS_CLEARANCE: readonly string[] = [
  'TransferHoldPlaced',
  'DeterminationReopened',
  'TransferAborted',
  'TransferUnscheduled',
  'TransferScheduled',
  'TransferRequested',
  'ClaimWithdrawn',
  'ReferredToUsProcedure',
  'ReturnRecorded',
  'DeathRecorded',
  'PossibleDuplicateFlagged',
];
/** Who did one of these took part in the screening. */
export const BY_OFFICERS: readonly string[] = [
  'ScreeningStarted',
  'NoticeServed',
  'FearInquiryMade',
  'ExceptionEstablished',
  'FearAssessed',
  'DeterminationSubmitted',
];
