import { Act } from '../event-store/act.js';
import { Reference, ShortText } from '../fields/fields.js';

export class PlaceLegalHold extends Act {
  static readonly type = 'PlaceLegalHold';

  @Reference({ personal: true, example: 'No. 1:20-cv-00123, preservation order of 2020-02-03' })
  readonly reference!: string;
}

export class ReleaseLegalHold extends Act {
  static readonly type = 'ReleaseLegalHold';

  @Reference({ personal: true, example: 'No. 1:20-cv-00123, order of 2021-05-10' })
  readonly reference!: string;
}

export class RequestErasure extends Act {
  static readonly type = 'RequestErasure';

  @ShortText({ example: 'retention period ended' })
  readonly legalBasis!: string;
}

export class ErasePersonalData extends Act {
  static readonly type = 'ErasePersonalData';
}
