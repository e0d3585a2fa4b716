import { notThere, type Rule, type RuleBook } from '../event-store/rule.js';
import type { IssueHoldOrder } from './hold-order.commands.js';
import type { HoldOrderEvent } from './hold-order.events.js';
import type { HoldOrder } from './hold-order.state.js';

export const holdOrderRuleBook = {} satisfies RuleBook;

/** Which of the cases that the order names there are, of whichever office. */
export interface WithCases {
  readonly known: ReadonlySet<string>;
}

export const issueHoldOrder: Rule<IssueHoldOrder, HoldOrder, HoldOrderEvent, WithCases> = {
  unfit: ({ caseIds }, _, { known }) => {
    const unknown = caseIds.flatMap((caseId, index) => (known.has(caseId) ? [] : [`/caseIds/${index}`]));
    return unknown.length > 0 && notThere(...unknown);
  },
  events: ({ kind, reference, caseIds }) => [{ type: 'HoldOrderIssued', data: { kind, caseIds }, personal: { reference } }],
};
