import type { PartnerCountry } from '../agreements/agreement.events.js';
import type { Position } from '../event-store/event-store.js';
import type { FactReader, HistoryReader } from '../event-store/fact-reader.js';
import type { AsylumCase, Transfer } from './case.state.js';
import { countsAsMinor, hasLeft, isAccepted, isClearedAt, standingOf, type SinceCleared } from './standing.state.js';
import { UNDER_DETERMINATION } from './case.status.js';
import { caseStream } from './case.stream.js';
import { isSilent } from './deadlines.state.js';
import { sealedStreamsOf } from './erasure.state.js';

export { countsAsMinor, isAccepted, isClearedAt, isSilent, sealedStreamsOf };
export type { AsylumCase, SinceCleared };

/** The case as a rule of another stream may see it; null where there is none of that id. */
export async function caseFacts(read: FactReader, caseId: string): Promise<AsylumCase | null> {
  return (await caseAsItStands(read, caseId))?.found ?? null;
}

/** The same, and the revision at which it stands so. */
export async function caseAsItStands(
  read: FactReader,
  caseId: string,
): Promise<{ readonly found: AsylumCase; readonly revision: number } | null> {
  const { state, revision } = await read.read(caseStream, caseId);
  return revision < 0 ? null : { found: state, revision };
}

/** When the person arrived whose arrival has that id; undefined where there is none. */
export async function arrivedWith(read: HistoryReader, caseId: string, transferId: string): Promise<string | undefined> {
  const history = await read.history(caseStream, caseId);
  return history.find(event => event.type.startsWith('TransferredTo') && (event.data as { transferId?: string }).transferId === transferId)
    ?.metadata.occurredAt;
}

/** The country of the agreement that the case is under, from screening to the scheduled transfer; else null. */
export const underAgreementWith = ({ status, screening }: AsylumCase): PartnerCountry | null =>
  status === 'screening' || UNDER_DETERMINATION.includes(status) ? (screening?.country ?? null) : null;

/** As much of a case as readiness looks at. */
export interface ReadinessFacts extends Pick<AsylumCase, 'status'> {
  readonly transfer: Pick<Transfer, 'country' | 'manifestId'> | null;
  readonly holds: { readonly length: number };
}

/** Accepted by that country and under no hold; scheduled on this very flight is ready too. */
export function isReadyFor(
  { status, transfer, holds }: ReadinessFacts,
  flight: { readonly country: PartnerCountry; readonly manifestId: string },
): boolean {
  const accepted = status === 'transfer-accepted' || (status === 'transfer-scheduled' && transfer?.manifestId === flight.manifestId);
  return accepted && transfer?.country === flight.country && holds.length === 0;
}

/** Accepted or scheduled, and under no hold but those that stand for the family itself. */
export const isOnTheWay = (asylumCase: AsylumCase): boolean =>
  isAccepted(asylumCase) && asylumCase.holds.every(hold => hold.kind === 'family');

/** The file stands for nobody: the person is known by another one, or has died. */
export const isNobody = ({ duplicateOf, diedAt }: AsylumCase): boolean => duplicateOf !== null || diedAt !== null;

/** Whoever has departed does not travel with the family any more, nor does a file that stands for nobody. */
export const countsInFamily = (asylumCase: AsylumCase): boolean => !hasLeft(asylumCase) && !isNobody(asylumCase);

/** Why the others of the family cannot go: this member was stopped, and has neither departed nor gone on since. */
export function isCauseOfFamilyHolds(asylumCase: AsylumCase): boolean {
  const { screening, holds } = asylumCase;
  // That the file was closed since does not let the person go on.
  const status = standingOf(asylumCase);
  const stopped =
    status === 'screened-out' ||
    status === 'withdrawn' ||
    status === 'us-procedure' ||
    screening?.determination?.status === 'reopened' ||
    holds.some(hold => hold.kind !== 'family');
  return stopped && countsInFamily(asylumCase);
}

/** The place among all events of the newest erasure of the case; undefined where nothing was ever erased. */
export async function erasedAt(read: HistoryReader, caseId: string): Promise<Position | undefined> {
  const asylumCase = await caseFacts(read, caseId);
  if (!asylumCase?.erasedAt) return undefined;
  return (await read.history(caseStream, caseId)).findLast(({ type }) => type === 'PersonalDataErased')?.position;
}

/** The place among all events of that assignment of the case; undefined where there is none of that id. */
export async function assignedAt(read: HistoryReader, caseId: string, eventId: string): Promise<string | undefined> {
  return (await read.history(caseStream, caseId)).find(({ id }) => id === eventId)?.position;
}
