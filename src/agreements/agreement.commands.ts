import { Act } from '../event-store/act.js';
import { CodeList, CountryList, Day, DayOrInstant, DurationList, OneOf, Optional, Reason, WholeNumber } from '../fields/fields.js';

export class Sign extends Act {
  static readonly type = 'Sign';

  @Day({ notInFuture: true, title: 'Signed on', example: '2019-07-26' })
  readonly on!: string;
}

export class PublishRules extends Act {
  static readonly type = 'PublishRules';

  @WholeNumber({ min: 1, max: 365, title: 'Days to reply to a request', example: 14 })
  readonly replyDays!: number;

  @WholeNumber({ min: 1, max: 3650, title: 'Days that an acceptance counts', example: 60 })
  readonly acceptanceValidDays!: number;

  @WholeNumber({ min: 1, max: 720, title: 'Hours that a clearance counts', example: 24 })
  readonly clearanceValidHours!: number;

  @DurationList({ min: 0, max: 20, title: 'Followed up after the arrival', example: ['PT72H', 'P30D', 'P90D'] })
  readonly followUp!: string[];

  @Optional()
  @CountryList({ min: 1, max: 249, example: ['HN', 'SV'] })
  readonly acceptedNationalities?: string[];

  @Optional()
  @CodeList({ min: 0, max: 50, title: 'Further exceptions', example: ['family-in-united-states'] })
  readonly additionalExceptionGrounds?: string[];
}

export class AgreeImplementationPlan extends Act {
  static readonly type = 'AgreeImplementationPlan';

  @Day({ notInFuture: true, title: 'Agreed on', example: '2019-11-15' })
  readonly on!: string;
}

export class BringIntoForce extends Act {
  static readonly type = 'BringIntoForce';

  @DayOrInstant({ example: '2019-11-15' })
  readonly from!: string;
}

export class Suspend extends Act {
  static readonly type = 'Suspend';

  @DayOrInstant({ example: '2021-02-06' })
  readonly from!: string;

  @OneOf(['all', 'transfers'])
  readonly scope!: 'all' | 'transfers';

  @Reason({ example: 'policy-review' })
  readonly reasonCode!: string;
}

export class Reinstate extends Act {
  static readonly type = 'Reinstate';

  @DayOrInstant({ example: '2021-05-06' })
  readonly from!: string;
}

export class GiveTerminationNotice extends Act {
  static readonly type = 'GiveTerminationNotice';

  @DayOrInstant({ example: '2021-08-06' })
  readonly effectiveOn!: string;
}
