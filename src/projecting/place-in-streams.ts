import { START, type Position, type StreamPlace } from '../event-store/event-store.js';
import type { Change } from './projection.js';

/**
 * Where a build stands that goes through the store stream by stream, in the order in which these begin: it has all events up to `upTo`
 * of the streams that begin before `after`, and of that one those up to its revision.
 */
export interface PlaceInStreams {
  readonly upTo: Position;
  readonly after: StreamPlace;
}

const DIGITS = 10;
const FORM = /^\/([^/]+)\/([^/]+)\/(\d+)$/;

/**
 * As a checkpoint keeps it: as text behind START and before every position, since `/` comes before all digits, and in its own order.
 * So who compares checkpoints never takes half a build for one that stands where it will end; and a version that knows nothing of such
 * places finds no position there, and begins again.
 */
export const asCheckpoint = ({ upTo, after: { begun, revision } }: PlaceInStreams): Position =>
  `/${upTo}/${begun}/${String(revision).padStart(DIGITS, '0')}`;

/** Undefined for a position. */
export function placeInStreams(checkpoint: Position): PlaceInStreams | undefined {
  const [, upTo, begun, revision] = FORM.exec(checkpoint) ?? [];
  return upTo === undefined || begun === undefined ? undefined : { upTo, after: { begun, revision: Number(revision) } };
}

/** SQL: whether the checkpoint is such a place. */
export const IS_IN_STREAMS = "position LIKE '/%'";

/** The last position of which the checkpoint says anything. */
export const furthestOf = (checkpoint: Position): Position => placeInStreams(checkpoint)?.upTo ?? checkpoint;

/** Whether what stands at the checkpoint has still to take a change. */
export function stillToTake(checkpoint: Position): (change: Change) => boolean {
  const after = placeInStreams(checkpoint)?.after;
  return ({ event: { revision }, position, begun }) =>
    after === undefined || begun === undefined
      ? position > checkpoint
      : begun > after.begun || (begun === after.begun && revision > after.revision);
}

/**
 * Up to which position those that follow the store together go through it stream by stream, where any of them has to: up to where the
 * others are or will be, so that each has all events up to there when it goes on by positions.
 */
export function upToOf(members: readonly { readonly position: Position; readonly building: boolean }[], newest: Position): Position {
  const places = members.map(({ position }) => position);
  const inStreams = places.flatMap(place => placeInStreams(place)?.upTo ?? []);
  if (inStreams[0] !== undefined) return inStreams[0];
  if (!members.some(({ position, building }) => building && position === START)) return START;
  return places.filter(place => place !== START).toSorted()[0] ?? newest;
}

/** In words. */
export function inWords(checkpoint: Position): string {
  const place = placeInStreams(checkpoint);
  return place ? `${place.after.begun} and its stream's revision ${place.after.revision}, of ${place.upTo}, stream by stream` : checkpoint;
}
