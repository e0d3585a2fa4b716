import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { FactReader } from '../event-store/fact-reader.js';
import { receptionStream, weekOfPlace } from './reception.state.js';

/** The week in which a place is kept for a person on a flight; null where there is none. */
export async function placeWeekOf(read: FactReader, country: PartnerCountry, caseId: string, manifestId: string): Promise<string | null> {
  const { state } = await read.read(receptionStream, country);
  return weekOfPlace(state, caseId, manifestId) ?? null;
}
