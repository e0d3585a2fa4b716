import { type Asked, DAY_MS, isIn, type RawCases, type RawEvent } from './raw-event.js';

/** After these nobody waits for an answer, nor to use one, any more. */
const ENDS_REQUEST = new Set([
  'TransferRefused',
  'TransferRequestLapsed',
  'TransferAborted',
  'ApplicantDeparted',
  'DeterminationReopened',
  'ReferredToUsProcedure',
  'ClaimWithdrawn',
  'DeathRecorded',
]);
/** Heard of in any of these ways, whoever arrived is not silent. */
const HEARD = new Set([
  'AsylumIntentionExpressed',
  'AsylumApplied',
  'AsylumGranted',
  'ContactReestablished',
  'OnwardDepartureReported',
  'ReturnRecorded',
]);

interface Standing {
  readonly office: string;
  readonly caseworker: string | null;
  readonly country: unknown;
  readonly open: boolean;
  readonly overdueBy: (now: number) => boolean;
}

function standingOf(events: readonly RawEvent[]): Standing {
  let [office, caseworker, open, isDead] = ['', null as string | null, true, false];
  let [screened, transfer] = [undefined as unknown, undefined as unknown];
  let [due, arrived, overdue] = [Infinity, false, false];
  const alerts = new Set<unknown>();
  for (const { type, data } of events) {
    if (type === 'CaseOpened') office = String(data['office']);
    if (type === 'CaseAssigned') caseworker = String(data['caseworkerId']);
    if (type === 'CaseReleased') caseworker = null;
    if (type === 'CaseHandedOver') [office, caseworker] = [String(data['toOffice']), null];
    if (type === 'ScreeningStarted') screened = data['country'];
    if (type === 'TransferRequested') [transfer, due] = [data['country'], Date.parse(String(data['replyDueAt']))];
    if (type === 'TransferAccepted') due = Date.parse(String(data['validUntil']));
    if (ENDS_REQUEST.has(type)) due = Infinity;
    if (type.startsWith('TransferredTo')) [arrived, overdue] = [true, false];
    if (type === 'FollowUpOverdue') overdue = arrived;
    if (HEARD.has(type)) [arrived, overdue] = [false, false];
    if (type === 'ProtectionAlertRaised') alerts.add(data['alertId']);
    if (type === 'ProtectionAlertAnswered') alerts.delete(data['alertId']);
    if (type === 'DeathRecorded') isDead = true;
    if (type === 'CaseClosed' || type === 'MarkedAsDuplicate' || type === 'DeathRecorded') open = false;
    if (type === 'CaseReopened') [open, isDead] = [true, false];
  }
  const overdueBy = (now: number): boolean => due < now || overdue || (alerts.size > 0 && !isDead);
  return { office, caseworker, country: screened ?? transfer, open, overdueBy };
}

/** @param now when the newest event of a case was recorded, RFC 3339 */
export function recountWorkload(cases: RawCases, asked: Asked, now: string): object[] {
  const desks = new Map<string, { office: string; caseworker: string | null; open: number; oldest: number; overdue: number }>();
  for (const events of cases.values()) {
    const { office, caseworker, country, open, overdueBy } = standingOf(events);
    const openedAt = events[0]?.metadata.recordedAt ?? '';
    if (!open || (asked.country && country !== asked.country) || !isIn(asked, openedAt)) continue;
    const key = `${office} ${caseworker ?? '~'}`;
    const desk = desks.get(key) ?? { office, caseworker, open: 0, oldest: Infinity, overdue: 0 };
    desk.open++;
    desk.oldest = Math.min(desk.oldest, Date.parse(openedAt));
    if (overdueBy(Date.parse(now))) desk.overdue++;
    desks.set(key, desk);
  }
  return [...desks]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { oldest, ...desk }]) => ({ ...desk, oldestDays: Math.floor((Date.parse(now) - oldest) / DAY_MS) }));
}
