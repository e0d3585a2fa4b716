import type { HoldKind } from '../cases/case.events.js';
import type { Fact } from '../event-store/stream-kind.js';

export type HoldOrderEvent =
  | Fact<'HoldOrderIssued', { kind: HoldKind; caseIds: readonly string[] }, { reference: string }>;

export const holdOrderEvents: Readonly<Record<HoldOrderEvent['type'], number>> = { HoldOrderIssued: 1 };
