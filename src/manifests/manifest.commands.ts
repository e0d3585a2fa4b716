import type { PartnerCountry as Partner } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import {
  CaseId,
  CaseIdList,
  Instant,
  OccurredAt,
  Optional,
  PartnerCountry,
  Reason,
  Reference,
  Text,
  Uuid,
  Week,
  WholeNumber,
} from '../fields/fields.js';

export class DraftManifest extends Act {
  static readonly type = 'DraftManifest';

  @Optional()
  @Uuid()
  readonly manifestId?: string;

  @PartnerCountry()
  readonly country!: Partner;

  @Reference({ max: 200, example: 'GT101' })
  readonly flight!: string;

  @Instant({ example: '2020-01-18T15:00:00Z' })
  readonly departsAt!: string;

  @Week({ example: '2020-W03' })
  readonly week!: string;
}

export class AddPassenger extends Act {
  static readonly type = 'AddPassenger';

  @CaseId({ title: 'Person' })
  readonly caseId!: string;
}

export class RemovePassenger extends Act {
  static readonly type = 'RemovePassenger';

  @CaseId({ title: 'Person' })
  readonly caseId!: string;

  @Reason({ example: 'ill' })
  readonly reasonCode!: string;
}

export class Approve extends Act {
  static readonly type = 'Approve';

  @WholeNumber({ description: 'Of the manifest that the supervisor saw.', example: 3 })
  readonly revision!: number;
}

export class OpenBoarding extends Act {
  static readonly type = 'OpenBoarding';
}

export class Depart extends Act {
  static readonly type = 'Depart';

  @CaseIdList({ max: 1_000, unique: true, title: 'On board' })
  readonly boarded!: string[];

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ConfirmArrival extends Act {
  static readonly type = 'ConfirmArrival';

  @CaseIdList({ min: 1, max: 1_000, unique: true })
  readonly arrived!: string[];

  @Text({ personal: true, example: 'arrivals desk' })
  readonly receivedBy!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class Cancel extends Act {
  static readonly type = 'Cancel';

  @Reason({ example: 'weather' })
  readonly reasonCode!: string;
}

export class VoidApproval extends Act {
  static readonly type = 'VoidApproval';

  /** The passenger of whose family something was corrected. */
  readonly caseId!: string;

  readonly cause!: string;

  readonly familyUnitId!: string;

  /** The revision of the family at which it was corrected. */
  readonly correctedAt!: number;

  /** The revision of the passenger's membership at which it joined the family. */
  readonly joinedAt!: number;
}
