import { Act } from '../event-store/act.js';
import {
  AlienNumber,
  AlienNumberList,
  Bool,
  Clearable,
  Code,
  CodeList,
  Country,
  CountryList,
  Day,
  Instant,
  LanguageList,
  Matching,
  Name,
  Nested,
  NestedList,
  OccurredAt,
  Office,
  OneAtLeast,
  OneOf,
  Optional,
  PersonId,
  Reference,
  ShortText,
  Text,
  Uuid,
  UuidList,
  WholeNumber,
} from '../fields/fields.js';
import type { Company, Encounter, Protection, TravelDocuments } from './case.events.js';

const COMPANY = ['none', 'parent', 'legal-guardian', 'other-relative', 'other-adult'] as const;
const DOCUMENTS = ['none', 'valid-visa', 'admission-document', 'visa-not-required', 'transit-only'] as const;
const MANNERS = ['port-of-entry', 'between-ports'] as const;

/** An alias or a former name. */
@OneAtLeast<OtherNameBody>('givenNames', 'familyName')
export class OtherNameBody {
  @Optional()
  @Name({ personal: true, example: 'Lucha' })
  readonly givenNames?: string;

  @Optional()
  @Name({ personal: true, example: 'Synthetic-0002' })
  readonly familyName?: string;
}

@OneAtLeast<ApplicantBody>('givenNames', 'familyName')
export class ApplicantBody {
  @Optional()
  @Name({ personal: true, example: 'Ana Lucía' })
  readonly givenNames?: string;

  @Optional()
  @Name({ personal: true, example: 'Synthetic-0001' })
  readonly familyName?: string;

  @Optional()
  @NestedList(() => OtherNameBody, { max: 20 })
  readonly otherNames?: OtherNameBody[];

  @Day({ personal: true, notInFuture: true, example: '1990-05-17' })
  readonly birthDate!: string;

  @Optional()
  @Text({ personal: true, example: 'female' })
  readonly sex?: string;

  @Optional()
  @AlienNumber({ personal: true, example: 'A200000001', description: 'As people write it; kept as `A` and nine digits.' })
  readonly alienNumber?: string;

  @Optional()
  @AlienNumberList({ personal: true, max: 20, example: ['A200000002'] })
  readonly otherAlienNumbers?: string[];

  /** None: stateless. */
  @CountryList({ max: 20, example: ['HN'] })
  readonly nationalities!: string[];

  @Optional()
  @Bool()
  readonly nationalityUnknown?: boolean;

  @Optional()
  @Country({ example: 'HN' })
  readonly habitualResidence?: string;

  @LanguageList({ max: 20, example: ['es'] })
  readonly languages!: string[];

  @OneOf(COMPANY)
  readonly accompaniedBy!: Company;

  /** The birth date is a guess: who may be under 18 counts as such until the age is decided. */
  @Optional()
  @Bool()
  readonly birthDateEstimated?: boolean;

  /** How the person can be reached. */
  @Optional()
  @Text({ personal: true })
  readonly contact?: string;

  /** Where the person is held. */
  @Optional()
  @Code({ example: 'county-jail' })
  readonly heldAt?: string;
}

export class EncounterBody {
  @Instant({ notInFuture: true, example: '2020-01-12T15:00:00Z' })
  readonly at!: string;

  /** The local calendar day. */
  @Day({ notInFuture: true, example: '2020-01-12' })
  readonly day!: string;

  @ShortText({ example: 'Paso del Norte' })
  readonly place!: string;

  @OneOf(MANNERS)
  readonly manner!: Encounter['manner'];
}

export class OpenCase extends Act {
  static readonly type = 'OpenCase';

  @Optional()
  @Uuid()
  readonly caseId?: string;

  @Optional()
  @UuidList({ max: 50 })
  readonly previousCaseIds?: string[];

  @Nested(() => ApplicantBody)
  readonly applicant!: ApplicantBody;

  @Nested(() => EncounterBody)
  readonly encounter!: EncounterBody;

  @OneOf(DOCUMENTS)
  readonly documents!: TravelDocuments;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordProtectionClaim extends Act {
  static readonly type = 'RecordProtectionClaim';

  @OneOf(['asylum', 'withholding', 'convention-against-torture'])
  readonly protection!: Protection;

  @Optional()
  @Text({ personal: true })
  readonly statement?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AssignCase extends Act {
  static readonly type = 'AssignCase';

  /** The `sub` of the caseworker. */
  @PersonId()
  readonly caseworkerId!: string;

  /** Set by the system alone: who has the case, or nothing is to be done. */
  readonly insteadOf?: string;

  /** Set by the system alone: the order that it answers. */
  readonly reassignmentId?: string;
}

export class ReleaseCase extends Act {
  static readonly type = 'ReleaseCase';

  @PersonId()
  readonly caseworkerId!: string;
}

export class HandOverCase extends Act {
  static readonly type = 'HandOverCase';

  @Office({ example: 'LRD' })
  readonly toOffice!: string;

  @Code({ example: 'moved' })
  readonly reasonCode!: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class RecordRepresentative extends Act {
  static readonly type = 'RecordRepresentative';

  @Name({ max: 20_000, personal: true })
  readonly name!: string;

  @Text({ personal: true })
  readonly contact!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordConsent extends Act {
  static readonly type = 'RecordConsent';

  @ShortText({ example: 'consulate' })
  readonly recipient!: string;

  @CodeList({ min: 1, max: 50, example: ['identity'] })
  readonly categories!: string[];

  @Optional()
  @Bool()
  readonly withdrawn?: boolean;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordVulnerability extends Act {
  static readonly type = 'RecordVulnerability';

  @Code({ example: 'medical-condition' })
  readonly kind!: string;

  @Optional()
  @Text({ personal: true })
  readonly detail?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordEvidence extends Act {
  static readonly type = 'RecordEvidence';

  @Uuid()
  readonly evidenceId!: string;

  @Text({ personal: true })
  readonly description!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ReturnEvidence extends Act {
  static readonly type = 'ReturnEvidence';

  @Uuid()
  readonly evidenceId!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AttachDocument extends Act {
  static readonly type = 'AttachDocument';

  @Uuid()
  readonly documentId!: string;

  @Reference({ personal: true, example: 'birth-certificate.pdf' })
  readonly name!: string;

  @Matching(/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/, 'Must be a media type.', { example: 'application/pdf' })
  readonly mediaType!: string;

  @WholeNumber({ example: 48_213 })
  readonly byteLength!: number;

  @Matching(/^[0-9a-f]{64}$/i, 'Must be 64 hexadecimal digits.', {
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly sha256!: string;

  @Reference({ personal: true, example: 'vault://documents/0001' })
  readonly location!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AddNote extends Act {
  static readonly type = 'AddNote';

  @Text({ personal: true, example: 'Asked for a Garifuna interpreter.' })
  readonly text!: string;
}

export class ApplicantCorrection {
  @Clearable()
  @Name({ personal: true })
  readonly givenNames?: string | null;

  @Clearable()
  @Name({ personal: true })
  readonly familyName?: string | null;

  @Optional()
  @NestedList(() => OtherNameBody, { max: 20 })
  readonly otherNames?: OtherNameBody[];

  @Optional()
  @Day({ personal: true, notInFuture: true })
  readonly birthDate?: string;

  @Clearable()
  @Text({ personal: true })
  readonly sex?: string | null;

  @Clearable()
  @AlienNumber({ personal: true })
  readonly alienNumber?: string | null;

  @Optional()
  @AlienNumberList({ personal: true, max: 20 })
  readonly otherAlienNumbers?: string[];

  @Optional()
  @CountryList({ max: 20 })
  readonly nationalities?: string[];

  @Optional()
  @Bool()
  readonly nationalityUnknown?: boolean;

  @Clearable()
  @Country()
  readonly habitualResidence?: string | null;

  @Optional()
  @LanguageList({ max: 20 })
  readonly languages?: string[];

  @Optional()
  @OneOf(COMPANY)
  readonly accompaniedBy?: Company;

  @Clearable()
  @Bool()
  readonly birthDateEstimated?: boolean | null;

  @Clearable()
  @Text({ personal: true })
  readonly contact?: string | null;

  @Clearable()
  @Code({ example: 'county-jail' })
  readonly heldAt?: string | null;
}

export class EncounterCorrection {
  @Optional()
  @Instant({ notInFuture: true })
  readonly at?: string;

  @Optional()
  @Day({ notInFuture: true })
  readonly day?: string;

  @Optional()
  @ShortText()
  readonly place?: string;

  @Optional()
  @OneOf(MANNERS)
  readonly manner?: Encounter['manner'];
}

export class CorrectApplicant extends Act {
  static readonly type = 'CorrectApplicant';

  @Optional()
  @Nested(() => ApplicantCorrection)
  readonly applicant?: ApplicantCorrection;

  @Optional()
  @Nested(() => EncounterCorrection)
  readonly encounter?: EncounterCorrection;

  @Optional()
  @OneOf(DOCUMENTS)
  readonly documents?: TravelDocuments;

  @Code({ example: 'typing-error' })
  readonly reasonCode!: string;
}

export class DisputeAge extends Act {
  static readonly type = 'DisputeAge';

  @Text({ personal: true })
  readonly basis!: string;
}

export class DecideAge extends Act {
  static readonly type = 'DecideAge';

  @Bool()
  readonly minor!: boolean;

  @Text({ personal: true })
  readonly basis!: string;
}

export class RecordDisclosure extends Act {
  static readonly type = 'RecordDisclosure';

  @ShortText({ example: 'consulate' })
  readonly recipient!: string;

  @CodeList({ min: 1, max: 50, example: ['identity'] })
  readonly categories!: string[];

  @Code({ example: 'written-consent' })
  readonly basis!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RetractEntry extends Act {
  static readonly type = 'RetractEntry';

  /** Of the entry that was made in error. */
  @Uuid()
  readonly eventId!: string;

  @Code({ example: 'other-person' })
  readonly reasonCode!: string;
}

export class MarkAsDuplicate extends Act {
  static readonly type = 'MarkAsDuplicate';

  /** The case of the same person that goes on. */
  @Uuid()
  readonly of!: string;
}

export class RecordDeath extends Act {
  static readonly type = 'RecordDeath';

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class CloseCase extends Act {
  static readonly type = 'CloseCase';

  @Code({ example: 'procedure-ended' })
  readonly reasonCode!: string;
}

export class ReopenCase extends Act {
  static readonly type = 'ReopenCase';

  @Code({ example: 'closed-in-error' })
  readonly reasonCode!: string;
}
