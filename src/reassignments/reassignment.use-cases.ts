import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases } from '../http/use-cases.js';
import { OrderReassignment } from './reassignment.commands.js';
import type { ReassignmentEvent } from './reassignment.events.js';
import { orderReassignment, reassignmentRuleBook } from './reassignment.rules.js';
import { reassignmentStream, type Reassignment } from './reassignment.state.js';

const reassignments: CommandedStream<Reassignment, ReassignmentEvent, never, never> = {
  kind: reassignmentStream,
  book: reassignmentRuleBook,
  resource: { path: 'v1/reassignments', id: 'reassignmentId', ids: 'uuid' },
};

export const reassignmentUseCases = useCases(reassignments, [
  linesOf(reassignments)({
    command: OrderReassignment,
    rule: orderReassignment,
    in: 'always',
    leadsTo: ['ReassignmentOrdered'],
    creates: true,
    roles: ['supervisor'],
    summary: 'Assign all open cases that a caseworker of the own office has to another',
  }),
]);
