import type { PartnerCountry as Partner } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import { Bool, Code, Country, Duration, OccurredAt, OneOf, PartnerCountry, Reason, Reference, ShortText, Uuid } from '../fields/fields.js';

export class RecordAsylumIntention extends Act {
  static readonly type = 'RecordAsylumIntention';

  @PartnerCountry()
  readonly country!: Partner;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordAsylumApplication extends Act {
  static readonly type = 'RecordAsylumApplication';

  @PartnerCountry()
  readonly country!: Partner;

  @ShortText({ example: 'national asylum office' })
  readonly authority!: string;

  @Reference({ personal: true, example: 'A-2020-0001' })
  readonly reference!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordAsylumDecision extends Act {
  static readonly type = 'RecordAsylumDecision';

  @OneOf(['granted', 'denied', 'other-protection'])
  readonly outcome!: 'granted' | 'denied' | 'other-protection';

  @Bool()
  readonly final!: boolean;

  @Reference({ personal: true, example: 'D-2020-0001' })
  readonly reference!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordAbandonment extends Act {
  static readonly type = 'RecordAbandonment';

  @Reason({ example: 'left-the-country' })
  readonly reasonCode!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ReportOnwardDeparture extends Act {
  static readonly type = 'ReportOnwardDeparture';

  @Country({ example: 'HN' })
  readonly toCountry!: string;

  @OneOf(['voluntary', 'assisted', 'removed', 'unknown'])
  readonly manner!: 'voluntary' | 'assisted' | 'removed' | 'unknown';

  @Code({ title: 'Source', description: 'Who told it.', example: 'family' })
  readonly sourceCode!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

/** Of the system alone: nothing was heard for as long as a milestone of the agreement's rules. */
export class RecordFollowUpOverdue extends Act {
  static readonly type = 'RecordFollowUpOverdue';

  @Uuid()
  readonly transferId!: string;

  @Duration()
  readonly milestone!: string;
}

export class RecordWhereaboutsUnknown extends Act {
  static readonly type = 'RecordWhereaboutsUnknown';

  @Code({ title: 'Source', description: 'Who told it.', example: 'shelter' })
  readonly sourceCode!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordContact extends Act {
  static readonly type = 'RecordContact';

  @Code({ title: 'Source', description: 'Who told it.', example: 'family' })
  readonly sourceCode!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}
