import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { FactReader } from '../event-store/ledger.js';
import { isAfter } from '../event-store/time.js';
import type { AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';

export type { AsylumCase };

/** The case as a rule of another stream may see it; null where there is none of that id. */
export async function caseFacts(read: FactReader, caseId: string): Promise<AsylumCase | null> {
  const { state, revision } = await read.read(caseStream, caseId);
  return revision < 0 ? null : state;
}

/** Accepted by that country and under no hold; scheduled on this very flight is ready too. */
export function isReadyFor({ status, transfer, holds }: AsylumCase, flight: { readonly country: PartnerCountry; readonly manifestId: string }): boolean {
  const accepted = status === 'transfer-accepted' || (status === 'transfer-scheduled' && transfer?.manifestId === flight.manifestId);
  return accepted && transfer?.country === flight.country && holds.length === 0;
}

/** Whether a clearance for boarding stands that had not run out at that instant. */
export const isClearedAt = ({ transfer }: AsylumCase, instant: string): boolean =>
  transfer?.clearedUntil !== null && transfer?.clearedUntil !== undefined && !isAfter(instant, transfer.clearedUntil);
