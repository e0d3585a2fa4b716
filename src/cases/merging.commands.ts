import type { PartnerCountry } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import { CaseId, Reason } from '../fields/fields.js';
import type { HoldKind, Source } from './case.events.js';

/** What protects a person, as it is carried from one file to another: without its texts, and without what only counts there. */
export type CarriedFact =
  | { readonly type: 'FearExpressed'; readonly data: { readonly country: PartnerCountry } }
  | { readonly type: 'VulnerabilityRecorded'; readonly data: { readonly kind: string } }
  | { readonly type: 'ExceptionEstablished'; readonly data: { readonly ground: string } }
  | { readonly type: 'EvidenceReceived'; readonly data: { readonly evidenceId: string } }
  | { readonly type: 'AgeDisputed'; readonly data: object }
  | { readonly type: 'TransferHoldPlaced'; readonly data: { readonly kind: HoldKind } };

/** Of the system: what protects the person in a file that was closed as a duplicate counts here as if it had been told here. */
export class CarryOver extends Act {
  static readonly type = 'CarryOver';

  readonly from!: Source;
  readonly fact!: CarriedFact;
}

/** Of the system: that file was closed as a duplicate of this one. */
export class NoteMerged extends Act {
  static readonly type = 'NoteMerged';

  readonly caseId!: string;
}

/** Of the system: that file goes on by itself again. */
export class NoteReopened extends Act {
  static readonly type = 'NoteReopened';

  readonly caseId!: string;
}

/** Of the system: of files that were closed as duplicates of each other one goes on. */
export class ReopenDuplicate extends Act {
  static readonly type = 'ReopenDuplicate';

  /** What this one was closed as a duplicate of when the ring was found. */
  readonly of!: string;
}

/** Of the system: that file bears a number of this person since that event, of either file. */
export class FlagPossibleDuplicate extends Act {
  static readonly type = 'FlagPossibleDuplicate';

  readonly caseId!: string;
  readonly sharedBy!: string;
}

export class DismissDuplicate extends Act {
  static readonly type = 'DismissDuplicate';

  /** Set by the system alone: by which events numbers became shared that the dismissal of the other file knew of. */
  readonly known?: readonly string[];

  @CaseId({ title: 'Other file', description: 'The case of another person.' })
  readonly of!: string;

  @Reason({ example: 'another-person' })
  readonly reasonCode!: string;
}
