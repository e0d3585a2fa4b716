import type { PartnerCountry as Partner } from '../agreements/agreement.events.js';
import { Act } from '../event-store/act.js';
import { Bool, Code, Interpreter, Language, OccurredAt, OneOf, Optional, PartnerCountry, ShortText, Text, Uuid } from '../fields/fields.js';
import type { Outcome } from './case.events.js';

export class StartScreening extends Act {
  @PartnerCountry()
  readonly country!: Partner;

  @Language({ example: 'es' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;
}

export class ServeNotice extends Act {
  @ShortText({ example: 'transfer-to-gt' })
  readonly notice!: string;

  @Language({ example: 'es-HN' })
  readonly language!: string;

  @Interpreter()
  readonly interpreterId?: string;

  @Bool()
  readonly readBack!: boolean;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordFearInquiry extends Act {
  @Bool()
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
  @PartnerCountry()
  readonly country!: Partner;

  @Optional()
  @Text({ personal: true })
  readonly account?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class EstablishException extends Act {
  @Code({ example: 'public-interest' })
  readonly ground!: string;

  @Text({ personal: true })
  readonly evidence!: string;
}

export class AssessFear extends Act {
  @Bool()
  readonly persecution!: boolean;

  @Bool()
  readonly torture!: boolean;

  @Text({ personal: true })
  readonly reasons!: string;
}

export class SubmitDetermination extends Act {
  @OneOf(['amenable', 'not-amenable'])
  readonly outcome!: Outcome;

  @Text({ personal: true })
  readonly reasons!: string;
}

export class ConfirmDetermination extends Act {
  @Uuid()
  readonly determinationId!: string;

  @Optional()
  @Text({ personal: true })
  readonly reasons?: string;
}

export class ReturnDetermination extends Act {
  @Uuid()
  readonly determinationId!: string;

  @Optional()
  @Text({ personal: true })
  readonly reasons?: string;
}

export class ReferToUsProcedure extends Act {
  @Code({ example: 'fear-established' })
  readonly ground!: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class ReferToProgramme extends Act {
  @OneOf(['central-american-minors', 'resettlement'])
  readonly programme!: 'central-american-minors' | 'resettlement';

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class AnswerProtectionAlert extends Act {
  @Uuid()
  readonly alertId!: string;

  @Text({ personal: true })
  readonly answer!: string;
}
