import type { PartnerCountry as Partner } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import {
  Bool,
  Code,
  Instant,
  Interpreter,
  Language,
  Nested,
  OccurredAt,
  OneOf,
  Optional,
  PartnerCountry,
  Reason,
  Reference,
  Text,
  Uuid,
  Week,
} from '../fields/fields.js';
import { HOLD_KINDS, type HoldKind } from './case.events.js';

export class RequestTransfer extends Act {
  static readonly type = 'RequestTransfer';

  @PartnerCountry()
  readonly country!: Partner;
}

export class RecordTransferReply extends Act {
  static readonly type = 'RecordTransferReply';

  @OneOf(['accepted', 'refused'])
  readonly reply!: 'accepted' | 'refused';

  @Reference({ personal: true, example: 'GT-2020-0001' })
  readonly reference!: string;

  @Optional()
  @Reason({ example: 'capacity' })
  readonly reasonCode?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

/** Of the system alone: nobody answered in time. */
export class LapseTransferRequest extends Act {
  static readonly type = 'LapseTransferRequest';

  @Uuid()
  readonly requestId!: string;
}

/** Of the system alone. */
export class ScheduleTransfer extends Act {
  static readonly type = 'ScheduleTransfer';

  @Uuid()
  readonly manifestId!: string;

  @Week()
  readonly placeWeek!: string;

  @Instant()
  readonly departsAt!: string;
}

/** Of the system alone. */
export class UnscheduleTransfer extends Act {
  static readonly type = 'UnscheduleTransfer';

  @Uuid()
  readonly manifestId!: string;

  @Code()
  readonly cause!: string;
}

export class TellDestination extends Act {
  static readonly type = 'TellDestination';

  @PartnerCountry()
  readonly country!: Partner;

  @Language({ example: 'es' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class PlaceHold extends Act {
  static readonly type = 'PlaceHold';

  /** Set by the system alone: of a hold for the family, the case of the member who cannot go. */
  readonly cause?: string;

  @Optional()
  @Uuid()
  readonly holdId?: string;

  @OneOf(HOLD_KINDS)
  readonly kind!: HoldKind;

  @Optional()
  @Reference({ personal: true })
  readonly reference?: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class ReleaseHold extends Act {
  static readonly type = 'ReleaseHold';

  @Uuid({ title: 'Hold' })
  readonly holdId!: string;

  @Optional()
  @Reference({ personal: true, description: 'Required where a court ordered the hold.' })
  readonly reference?: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class ClearForBoarding extends Act {
  static readonly type = 'ClearForBoarding';

  @Uuid({ title: 'Flight' })
  readonly manifestId!: string;
}

export class IrregularDeparture {
  @Text({ personal: true })
  readonly explanation!: string;
}

export class RecordDeparture extends Act {
  static readonly type = 'RecordDeparture';

  /** Set by the system alone: the flight whose departure, with this person on board, is on record. It is never refused. */
  readonly manifestId?: string;

  @Reference({ max: 200, example: 'GT101' })
  readonly flight!: string;

  @Optional()
  @Nested(() => IrregularDeparture, {
    title: 'Departed against the rules',
    description: 'The person left although the gate was not passed: the record follows the world, and the breach is counted.',
  })
  readonly irregular?: IrregularDeparture;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ConfirmArrival extends Act {
  static readonly type = 'ConfirmArrival';

  /** Set by the system alone: the flight whose arrival, with this person, is on record. It is never refused. */
  readonly manifestId?: string;

  @PartnerCountry()
  readonly country!: Partner;

  @Text({ personal: true, example: 'arrivals desk' })
  readonly receivedBy!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AbortTransfer extends Act {
  static readonly type = 'AbortTransfer';

  /** Set by the system alone: the acceptance that has run out. */
  readonly acceptanceId?: string;

  @Reason({ example: 'travel-impossible' })
  readonly reasonCode!: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class RecordReturn extends Act {
  static readonly type = 'RecordReturn';

  @Reason({ example: 'flight-turned-back' })
  readonly reasonCode!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class WithdrawClaim extends Act {
  static readonly type = 'WithdrawClaim';

  @Bool()
  readonly voluntary!: boolean;

  @Language({ example: 'es' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;

  @Optional()
  @Text({ personal: true })
  readonly statement?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RevokeWithdrawal extends Act {
  static readonly type = 'RevokeWithdrawal';

  @Optional()
  @Text({ personal: true })
  readonly statement?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}
