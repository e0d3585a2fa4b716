import type { Moment } from '../event-store/rule.js';
import type { Recorded } from '../event-store/stream-kind.js';
import type { AlertCause, CaseEvent } from './case.events.js';
import { isMaterial, outOfOrder, type CaseRule } from './case.rules.js';
import type { AsylumCase } from './case.state.js';
import { countryOf, countsAsMinor, hasLeft } from './standing.state.js';
import { departureChecks, type DepartureCheck, type GateFacts } from './gate.rules.js';
import type { RecordDeparture } from './transfer.commands.js';

export interface Learned {
  readonly before: AsylumCase;
  readonly event: Recorded<CaseEvent>;
}

/** What is asked of the other streams, and of the time between the departure and now. */
export interface DepartureFacts extends GateFacts {
  /** Where a flight has left with the person on board: what failed when that was stored; nothing where the clearance stood. */
  readonly failedWhenLeft?: readonly DepartureCheck[];
  /** The departure was recorded by hand before that of the flight. */
  readonly hadLeft?: boolean;
  /** What was recorded of the case after the person left, and stands; each with what was known before it. */
  readonly since: readonly Learned[];
}

export const recordDeparture: CaseRule<RecordDeparture, DepartureFacts> = {
  foreseen: (asylumCase, facts) => departureChecks(asylumCase, facts),
  asked: ({ irregular }, asylumCase, facts) => {
    const tooEarly = !facts.failedWhenLeft && outOfOrder(asylumCase, facts);
    return tooEarly ? [tooEarly, ...(irregular ? [] : departureChecks(asylumCase, facts))] : [];
  },
  events: ({ flight, irregular, manifestId }, asylumCase, facts) => {
    const { since, failedWhenLeft, hadLeft } = facts;
    if (failedWhenLeft) {
      // Recorded by hand before or meanwhile, maybe the return too: then the flight tells nothing new. Who was back when it left is new.
      const isKnown = hadLeft || since.some(({ event: { type } }) => type === 'ApplicantDeparted');
      if (hasLeft(asylumCase) || isKnown) return [];
      const breach = failedWhenLeft.length > 0;
      return [
        { type: 'ApplicantDeparted', data: { flight, manifestId, ...(breach && { irregular: true, failedChecks: failedWhenLeft }) } },
        ...alerts([...(breach ? ['irregular-departure' as const] : []), ...protectedBy(since)], facts),
      ];
    }
    const failed = departureChecks(asylumCase, facts);
    if (irregular) {
      return [
        {
          type: 'ApplicantDeparted',
          data: { flight, irregular: true, failedChecks: failed },
          personal: { explanation: irregular.explanation },
        },
        ...alerts(protectedBy(since), facts),
      ];
    }
    if (failed.length > 0) return [{ type: 'DepartureBlocked', data: { command: 'RecordDeparture', failedChecks: failed } }];
    return [{ type: 'ApplicantDeparted', data: { flight } }];
  },
};

const alerts = (causes: readonly AlertCause[], { newId, now }: Moment): CaseEvent[] =>
  [...new Set(causes)].map(cause => ({
    type: 'ProtectionAlertRaised',
    data: { alertId: newId(`alert ${cause}`), cause },
    occurredAt: now,
  }));

const protectedBy = (learned: readonly Learned[]): AlertCause[] =>
  learned.map(protection).filter((cause): cause is AlertCause => cause !== null);

/** What of this would have kept the person from leaving, had it been recorded in time. */
function protection({ before, event: { type, data } }: Learned): AlertCause | null {
  const country = countryOf(before);
  switch (type) {
    case 'FearExpressed':
      return country === null || data.country === country ? 'fear' : null;
    case 'VulnerabilityRecorded':
      return 'vulnerability';
    case 'ExceptionEstablished':
      return 'exception';
    case 'AgeDisputed':
      return before.ageDisputed ? null : 'age-dispute';
    case 'AgeDecided':
      return data.minor && !countsAsMinor(before) ? 'age-decision' : null;
    case 'ApplicantCorrected':
      return isMaterial(before, data) ? 'correction' : null;
    case 'DeterminationReopened':
      return data.cause;
    // The hold that comes with a reopening is told by its cause.
    case 'TransferHoldPlaced':
      return data.reopening ? null : 'hold';
    case 'ReferredToUsProcedure':
      return 'us-procedure';
    default:
      return null;
  }
}
