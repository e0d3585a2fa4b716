import { Act } from '../event-store/act.js';
import { Optional, PersonId, Reason, Uuid } from '../fields/fields.js';

export class OrderReassignment extends Act {
  static readonly type = 'OrderReassignment';

  @Optional()
  @Uuid()
  readonly reassignmentId?: string;

  @PersonId({ title: 'Caseworker who has the cases', example: 'cw-ana' })
  readonly from!: string;

  @PersonId({ title: 'Caseworker who takes them over', example: 'cw-beto' })
  readonly to!: string;

  @Reason({ example: 'left-the-office' })
  readonly reasonCode!: string;
}
