import type { StreamKind } from '../event-store/stream-kind.js';
import { reassignmentEvents, type ReassignmentEvent } from './reassignment.events.js';

export interface Reassignment {
  readonly office: string;
  readonly from: string;
  readonly to: string;
}

export const reassignmentStream: StreamKind<Reassignment, ReassignmentEvent> = {
  category: 'reassignment',
  events: reassignmentEvents,
  initial: { office: '', from: '', to: '' },
  evolve: (_, { data: { office, from, to } }) => ({ office, from, to }),
};
