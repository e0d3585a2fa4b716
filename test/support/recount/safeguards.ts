import { type Asked, inHours, isIn, type RawCases, retractedIn } from './raw-event.js';

/** @param now when the newest event of a case was recorded, RFC 3339 */
export function recountSafeguards(cases: RawCases, asked: Asked, now: string): object {
  const counts: Record<string, Record<string, number>> = { refusals: {}, blocked: {}, holds: {}, once: {} };
  const count = (what: keyof typeof counts, code: string): void => {
    counts[what] = { ...counts[what], [code]: (counts[what]?.[code] ?? 0) + 1 };
  };
  const standing: number[] = [];
  for (const events of cases.values()) {
    const gone = retractedIn(events);
    const over = new Set(
      events.flatMap(({ type, data }) =>
        type === 'TransferHoldReleased' ? [data['holdId']] : type === 'ProtectionAlertAnswered' ? [data['alertId']] : [],
      ),
    );
    let [screened, transfer]: [unknown, unknown] = [null, null];
    for (const { id, type, data, metadata } of events) {
      if (type === 'ScreeningStarted') screened = data['country'];
      if (type === 'TransferRequested') transfer = data['country'];
      if ((asked.country && (screened ?? transfer) !== asked.country) || !isIn(asked, metadata.occurredAt)) continue;
      if (type === 'WithdrawalRefused') count('refusals', String(data['code']));
      if (type === 'DepartureBlocked') for (const check of data['failedChecks'] as string[]) count('blocked', check);
      if (type === 'ApplicantDeparted' && data['irregular']) count('once', 'irregular');
      if (type === 'TransferHoldPlaced') count('holds', String(data['kind']));
      if (type === 'TransferHoldPlaced' && !over.has(data['holdId'])) standing.push(Date.parse(metadata.recordedAt));
      if (type === 'ProtectionAlertRaised') count('once', 'raised');
      if (type === 'ProtectionAlertRaised' && !over.has(data['alertId'])) count('once', 'open');
      if (type === 'MarkedAsDuplicate') count('once', 'merged');
      if (type === 'DisclosureMade' && data['unconsented'] === true && !gone.has(id)) count('once', 'unconsented');
    }
  }
  const { raised = 0, open = 0, irregular = 0, merged = 0, unconsented = 0 } = counts['once'] ?? {};
  const longest = standing.reduce((most, since) => Math.max(most, Date.parse(now) - since), 0);
  return {
    refusals: counts['refusals'],
    blockedDepartures: counts['blocked'],
    irregularDepartures: irregular,
    holds: counts['holds'],
    longestOpenHours: standing.length > 0 ? inHours(longest) : null,
    protectionAlerts: { raised, open },
    disclosuresWithoutConsent: unconsented,
    duplicatesMerged: merged,
  };
}
