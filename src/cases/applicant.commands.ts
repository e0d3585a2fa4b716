import { Act } from '../event-store/act.js';
import {
  AlienNumber,
  AlienNumberList,
  Bool,
  Clearable,
  ClearableList,
  Code,
  Country,
  CountryList,
  Day,
  Instant,
  LanguageList,
  Name,
  Nested,
  NestedList,
  OneAtLeast,
  OneOf,
  Optional,
  Reason,
  ShortText,
  Text,
} from '../fields/fields.js';
import type { Company, Encounter, TravelDocuments } from './case.events.js';

const COMPANY = ['none', 'parent', 'legal-guardian', 'other-relative', 'other-adult'] as const;
export const DOCUMENTS = ['none', 'valid-visa', 'admission-document', 'visa-not-required', 'transit-only'] as const;
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

  @CountryList({ max: 20, example: ['HN'], description: 'None: stateless.' })
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

  @Optional()
  @Bool({ description: 'The birth date is a guess: who may be under 18 counts as such until the age is decided.' })
  readonly birthDateEstimated?: boolean;

  @Optional()
  @Text({ personal: true, description: 'How the person can be reached.' })
  readonly contact?: string;

  @Optional()
  @Code({ example: 'county-jail', description: 'Where the person is held.' })
  readonly heldAt?: string;
}

export class EncounterBody {
  @Instant({ notInFuture: true, title: 'Time', example: '2020-01-12T15:00:00Z' })
  readonly at!: string;

  @Day({ example: '2020-01-12', description: 'The local calendar day, within one day of the UTC day of `at`.' })
  readonly day!: string;

  @ShortText({ example: 'Paso del Norte' })
  readonly place!: string;

  @OneOf(MANNERS)
  readonly manner!: Encounter['manner'];
}

export class ApplicantCorrection {
  @Clearable()
  @Name({ personal: true })
  readonly givenNames?: string | null;

  @Clearable()
  @Name({ personal: true })
  readonly familyName?: string | null;

  @ClearableList()
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

  @ClearableList()
  @AlienNumberList({ personal: true, max: 20 })
  readonly otherAlienNumbers?: string[];

  @ClearableList()
  @CountryList({ max: 20 })
  readonly nationalities?: string[];

  @Optional()
  @Bool()
  readonly nationalityUnknown?: boolean;

  @Clearable()
  @Country()
  readonly habitualResidence?: string | null;

  @ClearableList()
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
  @Instant({ notInFuture: true, title: 'Time' })
  readonly at?: string;

  @Optional()
  @Day()
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
  @OneOf(DOCUMENTS, { title: 'Travel documents' })
  readonly documents?: TravelDocuments;

  @Reason({ example: 'typing-error' })
  readonly reasonCode!: string;
}

export class DisputeAge extends Act {
  static readonly type = 'DisputeAge';

  @Text({ personal: true })
  readonly basis!: string;
}

export class DecideAge extends Act {
  static readonly type = 'DecideAge';

  @Bool({ title: 'Under 18' })
  readonly minor!: boolean;

  @Text({ personal: true })
  readonly basis!: string;
}
