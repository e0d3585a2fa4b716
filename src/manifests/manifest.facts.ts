import type { Position } from '../event-store/event-store.js';
import type { FactReader, HistoryReader, Placed } from '../event-store/fact-reader.js';
import type { ManifestEvent } from './manifest.events.js';
import { manifestStream, type Manifest } from './manifest.state.js';

export type { Manifest };

/** The flight as it stands; null where there is none of that id. */
export async function manifestFacts(read: FactReader, manifestId: string): Promise<Manifest | null> {
  const { state, revision } = await read.read(manifestStream, manifestId);
  return revision < 0 ? null : state;
}

type FlightDeparted = Extract<ManifestEvent, { type: 'FlightDeparted' }>;

/** The departure of the flight as it is stored; null while there is none. */
export async function flightDeparture(read: HistoryReader, manifestId: string): Promise<Placed<FlightDeparted> | null> {
  const history = await read.history(manifestStream, manifestId);
  return history.find((event): event is Placed<FlightDeparted> => event.type === 'FlightDeparted') ?? null;
}

/** Why a passenger is not on the flight any more. */
export interface Removal {
  readonly at: string;
  readonly reasonCode: string;
}

/** What became of a flight and, until then, of its passengers. */
export interface FlightHistory {
  /** Whoever was ever on it and was taken off. */
  readonly removed: ReadonlyMap<string, Removal>;
  /** When it departed or was cancelled, and the place of that among all events. */
  readonly ended: { readonly at: string; readonly position: Position } | null;
}

export async function flightHistory(read: HistoryReader, manifestId: string): Promise<FlightHistory> {
  const history = await read.history(manifestStream, manifestId);
  const end = history.find(({ type }) => type === 'FlightDeparted' || type === 'FlightCancelled');
  const removed = new Map<string, Removal>();
  for (const { type, data, metadata } of history.slice(0, end?.revision)) {
    if (type === 'PassengerAdded') removed.delete(data.caseId);
    if (type === 'PassengerRemoved') removed.set(data.caseId, { at: metadata.recordedAt, reasonCode: data.reasonCode });
  }
  return { removed, ended: end ? { at: end.metadata.recordedAt, position: end.position } : null };
}

/** Approved by a supervisor with this passenger on it, and not called off since. */
export const isApprovedFor = (manifest: Manifest | null, caseId: string): boolean =>
  manifest !== null && ['approved', 'boarding', 'departed', 'arrived'].includes(manifest.status) && manifest.passengers.includes(caseId);

/** On the manifest of a flight that has neither departed nor been cancelled. */
export const isToFlyWith = (manifest: Manifest | null, caseId: string): boolean =>
  manifest !== null && BEFORE_DEPARTURE.includes(manifest.status) && manifest.passengers.includes(caseId);
const BEFORE_DEPARTURE: readonly Manifest['status'][] = ['drafted', 'approved', 'boarding'];

/** Whom what is sealed of the flight's arrival is about, and the place of the newest of it among all events. */
export async function sealedInManifest(
  read: HistoryReader,
  manifestId: string,
): Promise<{ readonly caseIds: readonly string[]; readonly newest: Position | undefined }> {
  const history = await read.history(manifestStream, manifestId);
  const confirmed = history.filter(
    (event): event is Placed<Extract<ManifestEvent, { type: 'ArrivalConfirmed' }>> => event.type === 'ArrivalConfirmed',
  );
  return { caseIds: confirmed.flatMap(({ data }) => data.arrived), newest: confirmed.at(-1)?.position };
}
