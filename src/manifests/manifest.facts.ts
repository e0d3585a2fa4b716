import type { FactReader } from '../event-store/ledger.js';
import { manifestStream, type Manifest } from './manifest.state.js';

export type { Manifest };

/** The flight as it stands; null where there is none of that id. */
export async function manifestFacts(read: FactReader, manifestId: string): Promise<Manifest | null> {
  const { state, revision } = await read.read(manifestStream, manifestId);
  return revision < 0 ? null : state;
}

/** Approved by a supervisor with this passenger on it, and not called off since. */
export const isApprovedFor = (manifest: Manifest | null, caseId: string): boolean =>
  manifest !== null && ['approved', 'boarding', 'departed', 'arrived'].includes(manifest.status) && manifest.passengers.includes(caseId);
