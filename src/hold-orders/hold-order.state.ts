import type { HoldKind } from '../cases/case.events.js';
import type { StreamKind } from '../event-store/stream-kind.js';
import { holdOrderEvents, type HoldOrderEvent } from './hold-order.events.js';

/** A court's order for a class of cases, or a breach that concerns them. */
export interface HoldOrder {
  readonly kind: HoldKind | null;
  readonly reference: string | null;
  readonly caseIds: readonly string[];
}

export const holdOrderStream: StreamKind<HoldOrder, HoldOrderEvent> = {
  category: 'order',
  events: holdOrderEvents,
  initial: { kind: null, reference: null, caseIds: [] },
  evolve: (_, { data: { kind, caseIds }, personal }) => ({ kind, reference: personal?.reference ?? null, caseIds }),
};
