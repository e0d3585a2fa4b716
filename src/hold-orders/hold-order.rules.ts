import { DomainError } from '../event-store/domain-error.js';
import type { Rule, RuleBook } from '../event-store/rule.js';
import type { IssueHoldOrder } from './hold-order.commands.js';
import type { HoldOrderEvent } from './hold-order.events.js';
import type { HoldOrder } from './hold-order.state.js';

export const holdOrderRuleBook = {} satisfies RuleBook;

/** Which of the cases that the order names there are, of whichever office. */
export interface WithCases {
  readonly known: ReadonlySet<string>;
}

const MESSAGE = 'There is no such record.';

export const issueHoldOrder: Rule<IssueHoldOrder, HoldOrder, HoldOrderEvent, WithCases> = {
  unfit: ({ caseIds }, _, { known }) => {
    const unknown = caseIds.flatMap((caseId, index) =>
      known.has(caseId) ? [] : [{ code: 'not-found', message: MESSAGE, pointer: `/caseIds/${index}` }],
    );
    return unknown.length > 0 && new DomainError('not-found', MESSAGE, unknown);
  },
  events: ({ kind, reference, caseIds }) => [{ type: 'HoldOrderIssued', data: { kind, caseIds }, personal: { reference } }],
};
