import { Act } from '../event-store/act.js';
import { HOLD_KINDS, type HoldKind } from '../cases/case.events.js';
import { CaseIdList, OneOf, Optional, Reference, Uuid } from '../fields/fields.js';

export class IssueHoldOrder extends Act {
  static readonly type = 'IssueHoldOrder';

  @Optional()
  @Uuid()
  readonly holdOrderId?: string;

  @OneOf(HOLD_KINDS, { example: 'court-order' })
  readonly kind!: HoldKind;

  @Reference({ personal: true, example: 'No. 1:20-cv-00123, order of 2020-01-10' })
  readonly reference!: string;

  /** A larger class takes several orders: each is decided on all its cases at once. */
  @CaseIdList({ min: 1, max: 1000, title: 'Cases' })
  readonly caseIds!: string[];
}
