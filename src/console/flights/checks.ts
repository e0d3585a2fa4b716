import type { Schemas } from '../api/client';
import { inText } from '../shell/words';

export type Checked = Schemas['PassengerChecks'];
export type Check = Checked['failedChecks'][number];

/** Of each check what must be so, and what is wrong where it is not. */
export const CHECKS: Readonly<Record<Check, readonly [holds: string, fails: string]>> = {
  'agreement-not-in-force': ['The agreement is in force', 'The agreement is suspended or not in force'],
  'determination-not-confirmed': ['The determination is confirmed', 'The determination is not confirmed'],
  'exception-established': ['No exception protects the person', 'An exception protects the person from a transfer'],
  'fear-established': ['No fear of the country is established', 'The fear of the country is established'],
  'fear-not-assessed': ['No fear waits to be assessed', 'The person has told of a fear of the country; nobody has assessed it'],
  'acceptance-not-valid': ['The country accepts the person', 'The country has not accepted the person, or its acceptance has ended'],
  'hold-standing': ['No hold stands', 'A hold stands'],
  'place-not-reserved': ['A place is reserved', 'No place is reserved'],
  'manifest-not-approved': ['On the approved manifest of this flight', 'Not on an approved manifest of this flight'],
  'destination-not-told': ['Told where the flight goes', 'Not yet told where the flight goes'],
  'evidence-not-returned': ['All evidence was given back', 'Evidence of the person has not been given back'],
  'duplicate-unresolved': ['No other open file bears this number', 'Another open file bears the same alien number'],
  'claim-withdrawn': ['The claim stands', 'The claim is withdrawn'],
};

const OF_THE_FLIGHT: readonly Check[] = ['place-not-reserved', 'manifest-not-approved', 'destination-not-told'];

/** What follows from an approval, or is done before boarding: it stands in nobody's way while the manifest is a draft. */
const TO_COME: Readonly<Partial<Record<Schemas['ShownManifest']['status'], readonly Check[]>>> = {
  drafted: OF_THE_FLIGHT,
  approved: ['destination-not-told'],
};

/** What stands in the way, and what is merely still to be done. */
export function sorted(
  { failedChecks, removed }: Checked,
  status: Schemas['ShownManifest']['status'],
): { inTheWay: readonly Check[]; toCome: readonly Check[] } {
  // Whoever was taken off has neither place nor flight for that alone.
  const later = removed ? OF_THE_FLIGHT : (TO_COME[status] ?? []);
  return {
    inTheWay: failedChecks.filter(check => !later.includes(check)),
    toCome: removed ? [] : failedChecks.filter(check => later.includes(check)),
  };
}

export const failure = (check: Check, { holds }: Pick<Checked, 'holds'>): string =>
  isHold(check) && holds.length > 0 ? `Held: ${holds.map(kind => inText(kind)).join(', ')}` : CHECKS[check][1];

export const isHold = (check: Check): boolean => check === 'hold-standing';
