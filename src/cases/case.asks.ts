import type { PartnerCountry } from '../agreements/agreement.events.js';
import { agreementFacts } from '../agreements/agreement.facts.js';
import type { FactReader, HistoryReader } from '../event-store/fact-reader.js';
import type { Moment } from '../event-store/rule.js';
import { isApprovedFor, manifestFacts } from '../manifests/manifest.facts.js';
import { placeWeekOf } from '../reception/reception.facts.js';
import { caseFacts } from './case.facts.js';
import { isUnresolved } from './merging.facts.js';
import type { WithAgreement } from './case.rules.js';
import type { AsylumCase } from './case.state.js';
import { countryOf } from './standing.state.js';
import { caseStream } from './case.stream.js';
import type { GateFacts } from './gate.rules.js';
import type { WithOriginal } from './intake.rules.js';
import type { WithEntries } from './retraction.rules.js';

/* What the rules of a case ask of other streams. Fields of the command are absent where it is only asked what stands in the way. */

interface Named {
  readonly streamId?: string;
  readonly country?: PartnerCountry;
}

const agreementWith = async (read: FactReader, country: PartnerCountry | null | undefined, { now }: Moment): Promise<WithAgreement> => ({
  agreement: country ? await agreementFacts(read, country, now) : null,
});

/** The agreement with the country that the command names, else the one of the case's transfer or screening. */
export const agreement = (read: FactReader, asylumCase: AsylumCase, { country }: Named, moment: Moment): Promise<WithAgreement> =>
  agreementWith(read, country ?? countryOf(asylumCase), moment);

/** The agreement of the screening, whatever transfer there was before. */
export const agreementOfScreening = (read: FactReader, { screening }: AsylumCase, _: object, moment: Moment): Promise<WithAgreement> =>
  agreementWith(read, screening?.country, moment);

/** Of the country that the command names; without one there is nothing to ask yet. */
export const agreementAsked = (read: FactReader, _: AsylumCase, { country }: Named, moment: Moment): Promise<WithAgreement> =>
  agreementWith(read, country, moment);

export const original = async (read: FactReader, _: AsylumCase, { of }: { of?: string }): Promise<WithOriginal> => ({
  original: of ? await caseFacts(read, of) : null,
});

/** All that the case holds; without an entry that is named there is nothing to look for. */
export const entries = async (
  read: HistoryReader,
  _: AsylumCase,
  { streamId, eventId }: { streamId?: string; eventId?: string },
): Promise<WithEntries> => ({ entries: streamId && eventId ? await read.history(caseStream, streamId) : [] });

export const gate = async (
  read: FactReader,
  asylumCase: AsylumCase,
  { streamId = '' }: { streamId?: string },
  moment: Moment,
): Promise<GateFacts> => {
  const { transfer } = asylumCase;
  const country = countryOf(asylumCase);
  const scheduled = transfer?.manifestId ?? null;
  const manifest = scheduled ? await manifestFacts(read, scheduled) : null;
  const placeWeek = country && scheduled ? await placeWeekOf(read, country, streamId, scheduled) : null;
  return {
    ...(await agreement(read, asylumCase, {}, moment)),
    approvedFlight: isApprovedFor(manifest, streamId),
    placeReserved: placeWeek !== null && placeWeek === transfer?.placeWeek,
    duplicateUnresolved: await isUnresolved(read, streamId, asylumCase),
  };
};
