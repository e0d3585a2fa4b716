import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { FactReader } from '../event-store/ledger.js';
import { placeOf, receptionStream, type Place } from './reception.state.js';

/** The place that is kept for a person in a partner country; null where there is none. */
export async function placeFor(read: FactReader, country: PartnerCountry, caseId: string): Promise<Place | null> {
  const { state } = await read.read(receptionStream, country);
  return placeOf(state, caseId) ?? null;
}
