import type { FactReader } from '../event-store/fact-reader.js';
import type { PartnerCountry, RuleSet } from './agreement.events.js';
import { agreementAt, agreementStream, reinstatedBy, wasInterrupted, type AgreementAt, type Seen } from './agreement.state.js';

/** What a rule about a case may ask of the agreement with one country. */
export interface AgreementFacts extends AgreementAt {
  readonly country: PartnerCountry;
  readonly ruleSet: RuleSet | null;
  readonly at: (instant: string) => AgreementAt;
  /** Whether it was suspended since, until now, or terminated, until an instant, however soon that was over. */
  readonly interruptedSince: (seen: Seen, instant: string) => boolean;
}

/** The agreement as it stands at `now`. */
export async function agreementFacts(read: FactReader, country: PartnerCountry, now: string): Promise<AgreementFacts> {
  const { state } = await read.read(agreementStream, country);
  return {
    ...agreementAt(state, now),
    country,
    ruleSet: state.ruleSet,
    at: instant => agreementAt(state, instant),
    interruptedSince: (seen, instant) => wasInterrupted(state, seen, instant, now),
  };
}

/** What may hold a case up: the suspension that stands at `now`, and those that a reinstatement has ended. */
export async function suspensionFacts(
  read: FactReader,
  country: PartnerCountry,
  now: string,
): Promise<{ readonly standing: string | null; readonly reinstated: readonly string[] }> {
  const { state } = await read.read(agreementStream, country);
  return { standing: agreementAt(state, now).suspension?.suspensionId ?? null, reinstated: reinstatedBy(state, now) };
}
