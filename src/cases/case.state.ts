import type { PartnerCountry } from '../agreements/agreement.events.js';
import { Series } from '../event-store/series.js';
import type { Applicant } from './applicant.state.js';
import type {
  AlertCause,
  ApplicantFacts,
  Encounter,
  HoldKind,
  Outcome,
  PersonName,
  Protection,
  Source,
  TravelDocuments,
} from './case.events.js';
import type { Status } from './case.status.js';

export interface Determination {
  readonly determinationId: string;
  readonly outcome: Outcome;
  readonly status: 'submitted' | 'confirmed' | 'returned' | 'reopened';
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly confirmedBy: string | null;
  readonly reasons: string | null;
}

/** What came from a merged file says where it was told, and where its texts are. */
export interface Carried {
  readonly from?: Source;
}

export interface Exception extends Carried {
  readonly ground: string;
  readonly evidence: string | null;
  readonly establishedAt: string;
}

/** How something was said to the person. */
export interface Said {
  readonly language: string;
  readonly interpreted: boolean;
}

export interface Screening {
  readonly screeningId: string;
  readonly country: PartnerCountry;
  readonly startedAt: string;
  /** Everyone who sent a screening command of this screening: none of them may confirm it. */
  readonly officers: readonly string[];
  /** Null again once the languages were corrected to such as it was not given in, without an interpreter; the inquiry likewise. */
  readonly notice: (Said & { readonly notice: string; readonly readBack: boolean; readonly servedAt: string }) | null;
  readonly fearInquiry:
    | (Said & { readonly fearsPartnerCountry: boolean; readonly account: string | null; readonly askedAt: string })
    | null;
  readonly exceptions: readonly Exception[];
  readonly determination: Determination | null;
}

/** What is known of the fear of one country: said at any time, assessed in its screening. */
export interface Fear {
  readonly expressed: boolean;
  /** Since it was last expressed. */
  readonly assessed: boolean;
  readonly established: boolean | null;
  readonly accounts: Series<{ readonly at: string; readonly account: string | null } & Carried>;
}

export interface Transfer {
  readonly requestId: string | null;
  readonly country: PartnerCountry | null;
  readonly requestedAt: string | null;
  readonly replyDueAt: string | null;
  readonly reply: 'accepted' | 'refused' | 'lapsed' | null;
  readonly acceptanceId: string | null;
  readonly validUntil: string | null;
  readonly manifestId: string | null;
  readonly placeWeek: string | null;
  readonly departsAt: string | null;
  /** When the standing clearance was given: it counts from then on. */
  readonly clearedAt: string | null;
  readonly clearedUntil: string | null;
  /** The revision of the agreement that it was given under. */
  readonly clearedUnder: number | null;
  readonly destinationTold: boolean;
  readonly departedAt: string | null;
  readonly transferId: string | null;
  readonly arrivedAt: string | null;
  readonly irregular: boolean | null;
  readonly lastBlocked: { readonly at: string; readonly failedChecks: readonly string[] } | null;
}

export interface Hold extends Carried {
  readonly holdId: string;
  readonly kind: HoldKind;
  readonly placedAt: string;
  readonly placedBy: string;
  /** Placed with a reopened determination: its next confirmation releases it. */
  readonly reopening: boolean;
  /** Of a hold for the family: the case of the member who cannot go. */
  readonly cause: string | null;
  readonly note: string | null;
}

export interface PossibleDuplicate {
  readonly standing: 'open' | 'dismissed';
  /** What is known, or was dismissed, of how numbers became shared: the events by which they did. */
  readonly sharedBy: readonly string[];
}

/** One applicant's file for one encounter, as it adds up from its events. */
export interface AsylumCase {
  readonly status: Status;
  readonly statusBeforeClosing: Status | null;
  readonly office: string;
  readonly openedAt: string;
  /** The office that handed the case over, until somebody of the one that has it wrote to the file. */
  readonly givenBy: string | null;
  readonly assignedTo: string | null;
  readonly previousCaseIds: readonly string[];
  /** Closed as a duplicate of that case. */
  readonly duplicateOf: string | null;
  /** When the person died, as far as is known; the case is closed with it. */
  readonly diedAt: string | null;
  /** Files that were closed as duplicates of this one, and those merged with them before. */
  readonly merged: readonly string[];
  /** Of each alien number, the opening or correction since which the person bears it. */
  readonly numbersSince: Readonly<Record<string, string>>;
  /** Files that may be of the same person, or were said not to be; by the case's id. */
  readonly duplicates: Readonly<Record<string, PossibleDuplicate>>;
  /** The events of merged files that were carried over: none comes twice. */
  readonly carried: Series<string>;
  /** Null before the opening and after an erasure. */
  readonly applicant: Applicant | null;
  /** What of the person stands in the open: it outlives an erasure, as figures must. Absent before the opening. */
  readonly facts?: ApplicantFacts;
  /** What was corrected since, and is current no more: a person is still found by it. */
  readonly formerly: { readonly names: readonly PersonName[]; readonly alienNumbers: readonly string[] };
  readonly encounter: Encounter;
  readonly documents: TravelDocuments;
  readonly minorAtEncounter: boolean;
  readonly ageDisputed: boolean;
  /** Stands until birth date or encounter day is corrected. */
  readonly decidedMinor: boolean | null;
  readonly representative: { readonly name: string | null; readonly contact: string | null } | null;
  readonly consents: Series<{
    readonly recipient: string;
    readonly categories: readonly string[];
    readonly withdrawn: boolean;
    readonly at: string;
  }>;
  readonly claim: { readonly protection: Protection; readonly statement: string | null; readonly recordedAt: string } | null;
  readonly screening: Screening | null;
  /** Established without a screening: each counts in every one that follows. */
  readonly earlierExceptions: readonly Exception[];
  readonly fears: Readonly<Partial<Record<PartnerCountry, Fear>>>;
  readonly transfer: Transfer | null;
  /** The flights that the person was scheduled on when leaving: their places stay used, whatever follows. */
  readonly flownOn: readonly string[];
  readonly asylum: {
    readonly country: PartnerCountry;
    readonly intentionAt: string | null;
    readonly appliedAt: string | null;
    readonly outcome: 'granted' | 'denied' | 'other-protection' | null;
    readonly final: boolean | null;
    readonly decidedAt: string | null;
  } | null;
  readonly holds: Series<Hold>;
  /** Every hold that was ever placed: placing or releasing it again changes nothing. */
  readonly holdIds: Series<string>;
  readonly vulnerabilities: Series<{ readonly kind: string; readonly detail: string | null; readonly at: string } & Carried>;
  readonly evidence: Series<
    {
      readonly evidenceId: string;
      readonly description: string | null;
      readonly receivedAt: string;
      readonly returnedAt: string | null;
    } & Carried
  >;
  readonly attachments: Series<{
    readonly documentId: string;
    readonly name: string | null;
    readonly mediaType: string;
    readonly byteLength: number;
    readonly sha256: string;
    readonly location: string | null;
  }>;
  readonly notes: Series<{ readonly text: string | null; readonly at: string; readonly by: string }>;
  /** Reasons, bases and notes of acts, for whoever works on the case next. */
  readonly remarks: Series<{ readonly event: string; readonly text: string; readonly at: string; readonly by: string }>;
  readonly corrections: Series<{
    readonly fields: readonly string[];
    readonly reasonCode: string;
    readonly at: string;
    readonly by: string;
  }>;
  readonly disclosures: Series<{
    readonly recipient: string;
    readonly categories: readonly string[];
    readonly basis: string;
    readonly unconsented?: boolean;
    readonly at: string;
  }>;
  readonly programmes: Series<{ readonly programme: string; readonly at: string }>;
  readonly followUp: { readonly overdue: readonly string[] };
  readonly whereabouts: { readonly known: boolean; readonly since: string; readonly sourceCode: string } | null;
  /** Since the arrival: silence ends with it for good. */
  readonly contactedAt: string | null;
  readonly onwardDepartures: Series<{ readonly toCountry: string; readonly manner: string; readonly at: string }>;
  readonly withdrawal: { readonly withdrawnAt: string; readonly revokedAt: string | null; readonly statement: string | null } | null;
  readonly protectionAlerts: Series<{
    readonly alertId: string;
    readonly cause: AlertCause;
    readonly raisedAt: string;
    readonly answeredAt: string | null;
    readonly answer: string | null;
  }>;
  /** While it stands nothing is erased. */
  readonly legalHold: { readonly reference: string | null; readonly placedAt: string; readonly placedBy: string } | null;
  /** Another supervisor than this one may erase. */
  readonly erasureRequest: { readonly legalBasis: string; readonly requestedAt: string; readonly requestedBy: string } | null;
  readonly erasedAt: string | null;
}

export const noCase: AsylumCase = {
  status: 'opened',
  statusBeforeClosing: null,
  office: '',
  openedAt: '',
  givenBy: null,
  assignedTo: null,
  previousCaseIds: [],
  duplicateOf: null,
  diedAt: null,
  merged: [],
  numbersSince: {},
  duplicates: {},
  carried: Series.of([]),
  applicant: null,
  formerly: { names: [], alienNumbers: [] },
  encounter: { at: '', day: '', place: '', manner: 'port-of-entry' },
  documents: 'none',
  minorAtEncounter: false,
  ageDisputed: false,
  decidedMinor: null,
  representative: null,
  consents: Series.of([]),
  claim: null,
  screening: null,
  earlierExceptions: [],
  fears: {},
  transfer: null,
  flownOn: [],
  asylum: null,
  holds: Series.of([]),
  holdIds: Series.of([]),
  vulnerabilities: Series.of([]),
  evidence: Series.of([]),
  attachments: Series.of([]),
  notes: Series.of([]),
  remarks: Series.of([]),
  corrections: Series.of([]),
  disclosures: Series.of([]),
  programmes: Series.of([]),
  followUp: { overdue: [] },
  whereabouts: null,
  contactedAt: null,
  onwardDepartures: Series.of([]),
  withdrawal: null,
  protectionAlerts: Series.of([]),
  legalHold: null,
  erasureRequest: null,
  erasedAt: null,
};
