import { PARTNER_COUNTRIES, type PartnerCountry as PartnerOf } from '../agreements/agreement.events.js';
import {
  ANY_NUMBER,
  AnyText,
  Bool,
  Code,
  CodeList,
  Instant,
  Language,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Rows,
  Uuid,
  Week,
} from '../fields/fields.js';
import type { Outcome } from './case.events.js';
import type { AsylumCase, Determination, Transfer } from './case.state.js';

type AsylumOutcome = NonNullable<AsylumCase['asylum']>['outcome'];
const OUTCOMES = ['amenable', 'not-amenable'] as const satisfies readonly Outcome[];
const DETERMINED = ['submitted', 'confirmed', 'returned', 'reopened'] as const satisfies readonly Determination['status'][];
const REPLIES = ['accepted', 'refused', 'lapsed'] as const satisfies readonly Transfer['reply'][];
const DECIDED = ['granted', 'denied', 'other-protection'] as const satisfies readonly AsylumOutcome[];

/** Where it was told: in a file that was closed as a duplicate. Its texts are there. */
export class ShownSource {
  @Uuid() readonly caseId!: string;
  @Uuid() readonly eventId!: string;
}

export class ShownNotice {
  @AnyText() readonly notice!: string;
  @Language() readonly language!: string;
  @Bool() readonly readBack!: boolean;
  @Instant() readonly servedAt!: string;
}

export class ShownInquiry {
  @Bool() readonly fearsPartnerCountry!: boolean;
  @Language() readonly language!: string;
  @AnyText({ personal: true }) @Nullable() readonly account!: string | null;
  @Instant() readonly askedAt!: string;
}

export class ShownAccount {
  @Instant() readonly at!: string;
  @AnyText({ personal: true }) @Nullable() readonly account!: string | null;
  @Nested(() => ShownSource) @Optional() readonly from?: ShownSource;
}

export class ShownFear {
  @Bool() readonly expressed!: boolean;
  @Bool() @Nullable() readonly established!: boolean | null;
  @Rows(() => ShownAccount) readonly accounts!: readonly ShownAccount[];
}

export class ShownFearElsewhere {
  @OneOf(PARTNER_COUNTRIES) readonly country!: PartnerOf;
  @Bool() @Nullable() readonly established!: boolean | null;
  @Rows(() => ShownAccount) readonly accounts!: readonly ShownAccount[];
}

export class ShownException {
  @Code() readonly ground!: string;
  @AnyText({ personal: true }) @Nullable() readonly evidence!: string | null;
  @Instant() readonly establishedAt!: string;
  @Nested(() => ShownSource) @Optional() readonly from?: ShownSource;
}

export class ShownDetermination {
  @Uuid() readonly determinationId!: string;
  @OneOf(OUTCOMES) readonly outcome!: Outcome;
  @OneOf(DETERMINED) readonly status!: Determination['status'];
  @AnyText() readonly submittedBy!: string;
  @Instant() readonly submittedAt!: string;
  @AnyText() @Nullable() readonly confirmedBy!: string | null;
  @AnyText({ personal: true }) @Nullable() readonly reasons!: string | null;
}

export class ShownScreening {
  @Uuid() readonly screeningId!: string;
  @OneOf(PARTNER_COUNTRIES) readonly country!: PartnerOf;
  @Instant() readonly startedAt!: string;
  @Nested(() => ShownNotice) @Nullable() readonly notice!: ShownNotice | null;
  @Nested(() => ShownInquiry) @Nullable() readonly fearInquiry!: ShownInquiry | null;
  @Nested(() => ShownFear) readonly fear!: ShownFear;
  @Rows(() => ShownException) readonly exceptions!: readonly ShownException[];
  @Nested(() => ShownDetermination) @Nullable() readonly determination!: ShownDetermination | null;
}

export class ShownBlock {
  @Instant() readonly at!: string;
  @CodeList(ANY_NUMBER) readonly failedChecks!: readonly string[];
}

export class ShownTransfer {
  @OneOf(PARTNER_COUNTRIES, { description: 'Null where a departure was blocked before any request.' })
  @Nullable()
  readonly country!: PartnerOf | null;
  @Instant() @Nullable() readonly requestedAt!: string | null;
  @Instant() @Nullable() readonly replyDueAt!: string | null;
  @OneOf(REPLIES) @Nullable() readonly reply!: Transfer['reply'];
  @Instant() @Nullable() readonly validUntil!: string | null;
  @Uuid() @Nullable() readonly manifestId!: string | null;
  @Week() @Nullable() readonly placeWeek!: string | null;
  @Instant() @Nullable() readonly departsAt!: string | null;
  @Instant() @Nullable() readonly clearedUntil!: string | null;
  @Instant() @Nullable() readonly departedAt!: string | null;
  @Instant() @Nullable() readonly arrivedAt!: string | null;
  @Bool() @Nullable() readonly irregular!: boolean | null;
  @Nested(() => ShownBlock) @Nullable() readonly lastBlocked!: ShownBlock | null;
}

export class ShownAsylum {
  @OneOf(PARTNER_COUNTRIES) readonly country!: PartnerOf;
  @Instant() @Nullable() readonly intentionAt!: string | null;
  @Instant() @Nullable() readonly appliedAt!: string | null;
  @OneOf(DECIDED) @Nullable() readonly outcome!: AsylumOutcome;
  @Bool() @Nullable() readonly final!: boolean | null;
}
