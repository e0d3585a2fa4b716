import { Act } from '../event-store/act.js';
import { Uuid, Week, WholeNumber } from '../fields/fields.js';

export class DeclareCapacity extends Act {
  static readonly type = 'DeclareCapacity';

  @Week({ example: '2020-W03' })
  readonly week!: string;

  @WholeNumber({ min: 0, max: 100_000, example: 40 })
  readonly places!: number;
}

/** Of the system alone. */
export class ReservePlace extends Act {
  static readonly type = 'ReservePlace';

  @Uuid()
  readonly caseId!: string;

  @Week()
  readonly week!: string;

  @Uuid()
  readonly manifestId!: string;
}

/** Of the system alone; a place that was taken for another flight since stays. */
export class ReleasePlace extends Act {
  static readonly type = 'ReleasePlace';

  @Uuid()
  readonly caseId!: string;

  @Uuid()
  readonly manifestId!: string;
}
