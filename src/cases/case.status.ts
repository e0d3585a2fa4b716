/*
 * The procedure:
 *
 *   opened → screening → awaiting-review → amenable → transfer-requested → transfer-accepted
 *     → transfer-scheduled → in-transit → transferred
 *     → asylum-pending → asylum-granted | asylum-denied | asylum-abandoned
 *
 *   awaiting-review → screening (returned) | screened-out (not amenable)     screened-out → screening (another agreement)
 *   awaiting-review … transfer-scheduled → screening (reopened by new information)
 *   transfer-requested → amenable (refused, lapsed)    transfer-accepted | transfer-scheduled → amenable (aborted)
 *   transfer-scheduled → transfer-accepted (unscheduled)    in-transit | transferred → screening (returned to the US)
 *   asylum-denied → asylum-granted (appeal)    asylum-abandoned → asylum-pending
 *   opened … transfer-scheduled, screened-out → us-procedure | withdrawn     withdrawn → screening (revoked)
 *   us-procedure | withdrawn | screened-out | transferred | asylum-* → closed     closed → the status before (reopened)
 *   opened … amenable, screened-out, us-procedure, withdrawn → closed (a duplicate)
 *   any → closed (a death); a transfer under way is `amenable` when that is reopened
 *   any before departure, closed too → in-transit: who has left has left
 *
 * Holds, whereabouts, an age dispute, legal hold and erasure are facts beside the status.
 */
export const STATUSES = [
  'opened',
  'screening',
  'awaiting-review',
  'amenable',
  'transfer-requested',
  'transfer-accepted',
  'transfer-scheduled',
  'in-transit',
  'transferred',
  'asylum-pending',
  'asylum-granted',
  'asylum-denied',
  'asylum-abandoned',
  'screened-out',
  'us-procedure',
  'withdrawn',
  'closed',
] as const;
export type Status = (typeof STATUSES)[number];

/** `opened` to `transfer-scheduled`: the person is still here and the procedure runs. */
export const RUNNING = STATUSES.slice(0, 7);
/** Before the person left, wherever the procedure stands. */
export const BEFORE_DEPARTURE: readonly Status[] = [...RUNNING, 'screened-out', 'us-procedure', 'withdrawn'];
/** From submission to departure: what is learned now returns the case to `screening`. */
export const UNDER_DETERMINATION = STATUSES.slice(2, 7);
/** Asked for, accepted or scheduled. */
export const UNDER_WAY = STATUSES.slice(4, 7);
/** The asylum procedure of the partner country. */
export const ASYLUM = STATUSES.slice(9, 13);
export const ABROAD: readonly Status[] = ['in-transit', 'transferred', ...ASYLUM];
export const NOT_CLOSED = STATUSES.filter(status => status !== 'closed');
