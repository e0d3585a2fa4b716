import { Act } from '../event-store/act.js';
import { Code, Optional, PersonId, Uuid } from '../fields/fields.js';

export class OrderReassignment extends Act {
  static readonly type = 'OrderReassignment';

  @Optional()
  @Uuid()
  readonly reassignmentId?: string;

  /** The `sub` of the caseworker who has the cases. */
  @PersonId({ example: 'cw-ana' })
  readonly from!: string;

  /** The `sub` of the caseworker who takes them over. */
  @PersonId({ example: 'cw-beto' })
  readonly to!: string;

  @Code({ example: 'left-the-office' })
  readonly reasonCode!: string;
}
