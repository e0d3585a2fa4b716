import { text, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

/** Every open case of the office that one caseworker has by then goes to another. */
export type ReassignmentEvent = DomainEvent<'ReassignmentOrdered', { office: string; from: string; to: string; reasonCode: string }>;

export const reassignmentEvents: Described<ReassignmentEvent> = {
  ReassignmentOrdered: [{ office: text, from: text, to: text, reasonCode: text }],
};
