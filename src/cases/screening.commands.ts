import type { PartnerCountry as Partner } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import { Bool, Code, Interpreter, Language, OccurredAt, OneOf, Optional, PartnerCountry, ShortText, Text, Uuid } from '../fields/fields.js';
import type { Outcome } from './case.events.js';

export class StartScreening extends Act {
  static readonly type = 'StartScreening';

  @PartnerCountry()
  readonly country!: Partner;

  @Language({ example: 'es' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;
}

export class ServeNotice extends Act {
  static readonly type = 'ServeNotice';

  @ShortText({ example: 'Notice of transfer to Guatemala' })
  readonly notice!: string;

  @Language({ example: 'es-HN' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;

  @Bool({ title: 'Read back to the person' })
  readonly readBack!: boolean;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordFearInquiry extends Act {
  static readonly type = 'RecordFearInquiry';

  @Bool({ title: 'Fears the partner country' })
  readonly fearsPartnerCountry!: boolean;

  @Language({ example: 'es' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;

  @Optional()
  @Text({ personal: true })
  readonly account?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ExpressFear extends Act {
  static readonly type = 'ExpressFear';

  @PartnerCountry()
  readonly country!: Partner;

  @Optional()
  @Text({ personal: true })
  readonly account?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class EstablishException extends Act {
  static readonly type = 'EstablishException';

  @Code({ example: 'public-interest' })
  readonly ground!: string;

  @Text({ personal: true })
  readonly evidence!: string;
}

export class AssessFear extends Act {
  static readonly type = 'AssessFear';

  @Bool()
  readonly persecution!: boolean;

  @Bool()
  readonly torture!: boolean;

  @Text({ personal: true })
  readonly reasons!: string;
}

export class SubmitDetermination extends Act {
  static readonly type = 'SubmitDetermination';

  @OneOf(['amenable', 'not-amenable'])
  readonly outcome!: Outcome;

  @Text({ personal: true })
  readonly reasons!: string;
}

export class ConfirmDetermination extends Act {
  static readonly type = 'ConfirmDetermination';

  @Uuid({ title: 'Determination' })
  readonly determinationId!: string;

  @Optional()
  @Text({ personal: true })
  readonly reasons?: string;
}

export class ReturnDetermination extends Act {
  static readonly type = 'ReturnDetermination';

  @Uuid({ title: 'Determination' })
  readonly determinationId!: string;

  @Optional()
  @Text({ personal: true })
  readonly reasons?: string;
}

export class ReferToUsProcedure extends Act {
  static readonly type = 'ReferToUsProcedure';

  @Code({ example: 'fear-established' })
  readonly ground!: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class ReferToProgramme extends Act {
  static readonly type = 'ReferToProgramme';

  @OneOf(['central-american-minors', 'resettlement'])
  readonly programme!: 'central-american-minors' | 'resettlement';

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class AnswerProtectionAlert extends Act {
  static readonly type = 'AnswerProtectionAlert';

  @Uuid({ title: 'Alert' })
  readonly alertId!: string;

  @Text({ personal: true })
  readonly answer!: string;
}
