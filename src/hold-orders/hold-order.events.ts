import { HOLD_KINDS, type HoldKind } from '../cases/case.events.js';
import { list, oneOf, uuid, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

export type HoldOrderEvent = DomainEvent<'HoldOrderIssued', { kind: HoldKind; caseIds: readonly string[] }, { reference: string }>;

export const holdOrderEvents: Described<HoldOrderEvent> = { HoldOrderIssued: [{ kind: oneOf(HOLD_KINDS), caseIds: list(uuid) }] };
