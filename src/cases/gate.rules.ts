import type { AgreementFacts } from '../agreements/agreement.facts.js';
import type { Broken, Moment } from '../event-store/rule.js';
import { isAfter } from '../fields/time.js';
import type { GateCheck } from './case.rule-book.js';
import type { AsylumCase } from './case.state.js';
import { countryOf, exceptionsOf, fearOf, isClearedAt, isConfirmedAmenable, underWay } from './standing.state.js';

/** What the gate asks of other streams, read fresh. */
export interface GateFacts {
  /** With the country of the transfer, else of the screening. */
  readonly agreement: AgreementFacts | null;
  /** The flight that the transfer is scheduled on is approved with this passenger on it. */
  readonly approvedFlight: boolean;
  /** A place is kept for the person in the week of the flight. */
  readonly placeReserved: boolean;
  /** An open file bears a number of the person, and nobody has said in both that it is another's. */
  readonly duplicateUnresolved: boolean;
}

/**
 * Everything that must hold before a person is moved, checked from scratch; every check that fails, in order.
 * @param manifestId the flight in question; without one, that which the transfer is scheduled on
 */
export function failedChecks(
  asylumCase: AsylumCase,
  { agreement, approvedFlight, placeReserved, duplicateUnresolved, now }: GateFacts & Moment,
  manifestId?: string,
): GateCheck[] {
  const { holds, evidence, status } = asylumCase;
  const transfer = underWay(asylumCase);
  const country = countryOf(asylumCase);
  const fear = fearOf(asylumCase, country ?? undefined);
  const valid = transfer?.reply === 'accepted' && Boolean(transfer.validUntil) && !isAfter(now, transfer.validUntil ?? now);
  const onFlight = Boolean(transfer?.manifestId) && approvedFlight && (manifestId === undefined || transfer?.manifestId === manifestId);
  const checks: Broken<GateCheck>[] = [
    agreement?.standing !== 'in-force' && 'agreement-not-in-force',
    !isConfirmedAmenable(asylumCase, country) && 'determination-not-confirmed',
    exceptionsOf(asylumCase).length > 0 && 'exception-established',
    fear.established === true && 'fear-established',
    fear.expressed && !fear.assessed && 'fear-not-assessed',
    !valid && 'acceptance-not-valid',
    holds.length > 0 && 'hold-standing',
    !(transfer?.placeWeek && placeReserved) && 'place-not-reserved',
    !onFlight && 'manifest-not-approved',
    !transfer?.destinationTold && 'destination-not-told',
    evidence.some(piece => piece.returnedAt === null) && 'evidence-not-returned',
    duplicateUnresolved && 'duplicate-unresolved',
    status === 'withdrawn' && 'claim-withdrawn',
  ];
  return checks.filter((check): check is GateCheck => Boolean(check));
}

export type DepartureCheck = 'not-cleared' | GateCheck;

/**
 * What stands against a departure at `occurredAt`: nothing where a clearance holds that had been given and
 * had not run out then, and the agreement was in force; else `not-cleared` and all that fails at the gate.
 */
export function departureChecks(asylumCase: AsylumCase, facts: GateFacts & Moment): DepartureCheck[] {
  const { agreement, occurredAt, now } = facts;
  const mayLeave = agreement?.at(occurredAt).standing === 'in-force' && isClearedAt(asylumCase, occurredAt, { ...agreement, now });
  return mayLeave ? [] : ['not-cleared', ...failedChecks(asylumCase, facts)];
}
