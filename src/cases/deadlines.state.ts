import { isBefore } from '../fields/time.js';
import type { AsylumCase } from './case.state.js';
import { isAccepted } from './standing.state.js';

export type CaseDeadlineKind = 'transfer-reply' | 'acceptance-expiry' | 'protection-alert';

export interface CaseDeadline {
  readonly deadlineId: string;
  readonly kind: CaseDeadlineKind;
  readonly dueAt: string;
}

/** What somebody must do by when, as far as the case alone can tell. An alert is due at once. */
export function deadlinesOf(asylumCase: AsylumCase): CaseDeadline[] {
  const { status, transfer, protectionAlerts, diedAt } = asylumCase;
  if (diedAt !== null) return [];
  const deadlines: CaseDeadline[] = protectionAlerts
    .filter(({ answeredAt }) => answeredAt === null)
    .map(({ alertId, raisedAt }) => ({ deadlineId: alertId, kind: 'protection-alert', dueAt: raisedAt }));
  if (status === 'transfer-requested' && transfer?.requestId && transfer.replyDueAt) {
    deadlines.push({ deadlineId: transfer.requestId, kind: 'transfer-reply', dueAt: transfer.replyDueAt });
  }
  if (isAccepted(asylumCase) && transfer?.acceptanceId && transfer.validUntil) {
    deadlines.push({ deadlineId: transfer.acceptanceId, kind: 'acceptance-expiry', dueAt: transfer.validUntil });
  }
  return deadlines;
}

/** Arrived, and neither an asylum step, an onward departure nor a contact is known of since. */
export function isSilent({ status, transfer, asylum, onwardDepartures, contactedAt }: AsylumCase): boolean {
  const arrivedAt = transfer?.arrivedAt;
  if (status !== 'transferred' || !arrivedAt || asylum || contactedAt) return false;
  return !onwardDepartures.some(({ at }) => !isBefore(at, arrivedAt));
}
