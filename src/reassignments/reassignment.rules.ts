import { DomainError } from '../event-store/domain-error.js';
import { misfit, type Rule, type RuleBook } from '../event-store/rule.js';
import type { OrderReassignment } from './reassignment.commands.js';
import type { ReassignmentEvent } from './reassignment.events.js';
import type { Reassignment } from './reassignment.state.js';

export const reassignmentRuleBook = {} satisfies RuleBook;

export const orderReassignment: Rule<OrderReassignment, Reassignment, ReassignmentEvent> = {
  unfit: ({ from, to }, _, { actor }) => {
    if (from === to) return misfit('/to', 'invalid', 'must be somebody else than `from`');
    return actor.office === null && new DomainError('other-office', 'Cases are reassigned in an office.');
  },
  events: ({ from, to, reasonCode }, _, { actor }) => [
    { type: 'ReassignmentOrdered', data: { office: actor.office ?? '', from, to, reasonCode } },
  ],
};
