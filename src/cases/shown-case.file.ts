import {
  ANY_NUMBER,
  AnyText,
  Bool,
  Code,
  Country,
  CountryList,
  Day,
  DurationList,
  Instant,
  LanguageList,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Rows,
  TextList,
  Uuid,
  UuidList,
  WholeNumber,
} from '../fields/fields.js';
import {
  HOLD_KINDS,
  type AlertCause,
  type Company,
  type Encounter,
  type HoldKind,
  type Protection,
  type TravelDocuments,
} from './case.events.js';
import { ShownAsylum, ShownException, ShownFearElsewhere, ShownScreening, ShownSource, ShownTransfer } from './shown-procedure.file.js';
import { STATUSES, type Status } from './case.status.js';

const COMPANIES = ['none', 'parent', 'legal-guardian', 'other-relative', 'other-adult'] as const satisfies readonly Company[];
const DOCUMENTS = [
  'none',
  'valid-visa',
  'admission-document',
  'visa-not-required',
  'transit-only',
] as const satisfies readonly TravelDocuments[];
const PROTECTIONS = ['asylum', 'withholding', 'convention-against-torture'] as const satisfies readonly Protection[];
const MANNERS = ['port-of-entry', 'between-ports'] as const satisfies readonly Encounter['manner'][];
const CAUSES = [
  'fear',
  'vulnerability',
  'exception',
  'age-dispute',
  'age-decision',
  'correction',
  'hold',
  'us-procedure',
  'irregular-departure',
] as const satisfies readonly AlertCause[];

export class ShownName {
  @AnyText({ personal: true }) @Optional() readonly givenNames?: string;
  @AnyText({ personal: true }) @Optional() readonly familyName?: string;
}

export class ShownApplicant {
  @AnyText({ personal: true }) @Optional() readonly givenNames?: string;
  @AnyText({ personal: true }) @Optional() readonly familyName?: string;
  @Rows(() => ShownName, { description: 'Aliases and former names.' }) @Optional() readonly otherNames?: readonly ShownName[];
  @Day({ personal: true }) @Optional() readonly birthDate?: string;
  @AnyText({ personal: true }) @Optional() readonly sex?: string;
  @AnyText({ personal: true, description: '`A` and nine digits.' }) @Optional() readonly alienNumber?: string;
  @TextList({ ...ANY_NUMBER, personal: true }) @Optional() readonly otherAlienNumbers?: readonly string[];
  @CountryList(ANY_NUMBER) readonly nationalities!: readonly string[];
  @Bool() @Optional() readonly nationalityUnknown?: boolean;
  @Country() @Optional() readonly habitualResidence?: string;
  @LanguageList(ANY_NUMBER) readonly languages!: readonly string[];
  @OneOf(COMPANIES) readonly accompaniedBy!: Company;
  @Bool({ description: 'The birth date is a guess.' }) @Optional() readonly birthDateEstimated?: boolean;
  @AnyText({ personal: true, description: 'How the person can be reached.' }) @Optional() readonly contact?: string;
  @Code({ description: 'Where the person is held.' }) @Optional() readonly heldAt?: string;
}

export class ShownEncounter {
  @Instant() readonly at!: string;
  @Day({ description: 'The local calendar day.' }) readonly day!: string;
  @AnyText() readonly place!: string;
  @OneOf(MANNERS) readonly manner!: Encounter['manner'];
}

export class ShownRepresentative {
  @AnyText({ personal: true }) @Nullable() readonly name!: string | null;
  @AnyText({ personal: true }) @Nullable() readonly contact!: string | null;
}

export class ShownConsent {
  @AnyText() readonly recipient!: string;
  @TextList(ANY_NUMBER) readonly categories!: readonly string[];
  @Bool() readonly withdrawn!: boolean;
  @Instant() readonly at!: string;
}

export class ShownClaim {
  @OneOf(PROTECTIONS) readonly protection!: Protection;
  @AnyText({ personal: true }) @Nullable() readonly statement!: string | null;
  @Instant() readonly recordedAt!: string;
}

export class ShownHold {
  @Uuid() readonly holdId!: string;
  @OneOf(HOLD_KINDS) readonly kind!: HoldKind;
  @Instant() readonly placedAt!: string;
  @AnyText() readonly placedBy!: string;
  @AnyText({ personal: true }) @Nullable() readonly note!: string | null;
  @Nested(() => ShownSource) @Optional() readonly from?: ShownSource;
}

export class ShownVulnerability {
  @AnyText() readonly kind!: string;
  @AnyText({ personal: true }) @Nullable() readonly detail!: string | null;
  @Instant() readonly at!: string;
  @Nested(() => ShownSource) @Optional() readonly from?: ShownSource;
}

export class ShownEvidence {
  @Uuid() readonly evidenceId!: string;
  @AnyText({ personal: true }) @Nullable() readonly description!: string | null;
  @Instant() readonly receivedAt!: string;
  @Instant() @Nullable() readonly returnedAt!: string | null;
  @Nested(() => ShownSource) @Optional() readonly from?: ShownSource;
}

export class ShownAttachment {
  @Uuid() readonly documentId!: string;
  @AnyText({ personal: true }) @Nullable() readonly name!: string | null;
  @AnyText() readonly mediaType!: string;
  @WholeNumber() readonly byteLength!: number;
  @AnyText() readonly sha256!: string;
  @AnyText({ personal: true }) @Nullable() readonly location!: string | null;
}

export class ShownNote {
  @AnyText({ personal: true }) @Nullable() readonly text!: string | null;
  @Instant() readonly at!: string;
  @AnyText() readonly by!: string;
}

export class ShownRemark {
  @AnyText({ description: 'Type of the event that it was written with.' }) readonly event!: string;
  @AnyText({ personal: true }) readonly text!: string;
  @Instant() readonly at!: string;
  @AnyText() readonly by!: string;
}

export class ShownCorrection {
  @TextList(ANY_NUMBER) readonly fields!: readonly string[];
  @Code() readonly reasonCode!: string;
  @Instant() readonly at!: string;
  @AnyText() readonly by!: string;
}

export class ShownDisclosure {
  @AnyText() readonly recipient!: string;
  @TextList(ANY_NUMBER) readonly categories!: readonly string[];
  @AnyText() readonly basis!: string;
  @Bool({ description: 'There where it was to be by written consent, and none stood that covers it.' })
  @Optional()
  readonly unconsented?: boolean;
  @Instant() readonly at!: string;
}

export class ShownProgramme {
  @AnyText() readonly programme!: string;
  @Instant() readonly at!: string;
}

export class ShownFollowUp {
  @DurationList({ ...ANY_NUMBER, description: 'The milestones, after the arrival.' }) readonly overdue!: readonly string[];
}

export class ShownOnwardDeparture {
  @Country() readonly toCountry!: string;
  @AnyText() readonly manner!: string;
  @Instant() readonly at!: string;
}

export class ShownWhereabouts {
  @Bool() readonly known!: boolean;
  @Instant() readonly since!: string;
  @Code() readonly sourceCode!: string;
}

export class ShownWithdrawal {
  @Instant() readonly withdrawnAt!: string;
  @Instant() @Nullable() readonly revokedAt!: string | null;
  @AnyText({ personal: true }) @Nullable() readonly statement!: string | null;
}

export class ShownAlert {
  @Uuid() readonly alertId!: string;
  @OneOf(CAUSES) readonly cause!: AlertCause;
  @Instant() readonly raisedAt!: string;
  @Instant() @Nullable() readonly answeredAt!: string | null;
  @AnyText({ personal: true }) @Nullable() readonly answer!: string | null;
}

class ShownLegalHold {
  @AnyText({ personal: true }) @Nullable() readonly reference!: string | null;
  @Instant() readonly placedAt!: string;
  @AnyText() readonly placedBy!: string;
}

class ShownErasureRequest {
  @AnyText() readonly legalBasis!: string;
  @Instant() readonly requestedAt!: string;
  @AnyText() readonly requestedBy!: string;
}

/** The case file, but for what other streams give. */
export class CaseFile {
  @Uuid() readonly caseId!: string;
  @WholeNumber() readonly revision!: number;
  @OneOf(STATUSES) readonly status!: Status;
  @AnyText({ example: 'ELP' }) readonly office!: string;
  @AnyText({ description: 'The caseworker.' }) @Nullable() readonly assignedTo!: string | null;
  @Instant() readonly openedAt!: string;
  @UuidList(ANY_NUMBER) readonly previousCaseIds!: readonly string[];
  @Nested(() => ShownApplicant, { description: 'Null after an erasure.' }) @Nullable() readonly applicant!: ShownApplicant | null;
  @Bool() readonly minorAtEncounter!: boolean;
  @Bool() readonly ageDisputed!: boolean;
  @Nested(() => ShownEncounter) readonly encounter!: ShownEncounter;
  @OneOf(DOCUMENTS) readonly documents!: TravelDocuments;
  @Nested(() => ShownRepresentative) @Nullable() readonly representative!: ShownRepresentative | null;
  @Rows(() => ShownConsent) readonly consents!: readonly ShownConsent[];
  @Nested(() => ShownClaim) @Nullable() readonly claim!: ShownClaim | null;
  @Nested(() => ShownScreening) @Nullable() readonly screening!: ShownScreening | null;
  @Rows(() => ShownFearElsewhere, { description: 'Of countries that the screening is not of, or told before there is one.' })
  readonly fears!: readonly ShownFearElsewhere[];
  @Rows(() => ShownException, { description: 'Established while there is no screening: each that follows counts them, and then has them.' })
  readonly exceptions!: readonly ShownException[];
  @Nested(() => ShownTransfer, { description: 'The last one, until the next request.' })
  @Nullable()
  readonly transfer!: ShownTransfer | null;
  @Nested(() => ShownAsylum) @Nullable() readonly asylum!: ShownAsylum | null;
  @Rows(() => ShownHold, { description: 'Those that stand.' }) readonly holds!: readonly ShownHold[];
  @Rows(() => ShownVulnerability) readonly vulnerabilities!: readonly ShownVulnerability[];
  @Rows(() => ShownEvidence) readonly evidence!: readonly ShownEvidence[];
  @Rows(() => ShownAttachment) readonly attachments!: readonly ShownAttachment[];
  @Rows(() => ShownNote) readonly notes!: readonly ShownNote[];
  @WholeNumber({ description: 'Of all notes; the file has the newest of them.' }) readonly noteCount!: number;
  @Rows(() => ShownRemark, {
    description: 'Reasons of returns, confirmations and assessments, bases of age, notes of hand-overs, referrals and aborts.',
  })
  readonly remarks!: readonly ShownRemark[];
  @Rows(() => ShownCorrection) readonly corrections!: readonly ShownCorrection[];
  @Rows(() => ShownDisclosure) readonly disclosures!: readonly ShownDisclosure[];
  @Rows(() => ShownProgramme) readonly programmes!: readonly ShownProgramme[];
  @Nested(() => ShownFollowUp) readonly followUp!: ShownFollowUp;
  @Rows(() => ShownOnwardDeparture) readonly onwardDepartures!: readonly ShownOnwardDeparture[];
  @Nested(() => ShownWhereabouts) @Nullable() readonly whereabouts!: ShownWhereabouts | null;
  @Nested(() => ShownWithdrawal) @Nullable() readonly withdrawal!: ShownWithdrawal | null;
  @Rows(() => ShownAlert) readonly protectionAlerts!: readonly ShownAlert[];
  @Uuid({ description: 'Closed as a duplicate of that case.' }) @Nullable() readonly duplicateOf!: string | null;
  @Instant({ description: 'As far as is known.' }) @Nullable() readonly diedAt!: string | null;
  @UuidList({ ...ANY_NUMBER, description: 'Files that were closed as duplicates of this one.' }) readonly merged!: readonly string[];
  @Nested(() => ShownLegalHold, { description: 'While it stands nothing is erased.' })
  @Nullable()
  readonly legalHold!: ShownLegalHold | null;
  @Nested(() => ShownErasureRequest, { description: 'It waits for another supervisor.' })
  @Nullable()
  readonly erasureRequest!: ShownErasureRequest | null;
  @Instant({ description: 'What is personal in what was recorded before is gone for good.' }) @Nullable() readonly erasedAt!: string | null;
}
