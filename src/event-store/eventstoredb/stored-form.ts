import { randomUUID } from 'node:crypto';
import { type AppendRequest, categoryOf, type EventMetadata, type Position, type StoredEvent } from '../event-store.js';
import { prepare, type PreparedEvent } from '../postgres/prepared-append.js';
import type { EventToAppend, Expectation, NativeEvent } from './clients.js';
import { toPosition } from './positions.js';

/** The categories of our streams: all that is followed of `$all`, which others may write to as well. */
const CATEGORIES = ['case', 'agreement', 'manifest', 'reception', 'family', 'membership', 'order', 'reassignment', 'access', 'log'];
export const PREFIXES: readonly string[] = CATEGORIES.map(category => `${category}-`);
const OURS: ReadonlySet<string> = new Set(CATEGORIES);

/** The server's limit on the data of one append; metadata is not counted. */
const MAX_DATA_BYTES = 1_048_576;
// One message of more than 16 MiB would end the call that all appends share.
const MAX_BYTES = 8 * MAX_DATA_BYTES;

/** An append that was checked and serialised before it waits: what is wrong with it fails it alone. */
export interface StoredAppend {
  readonly stream: string;
  readonly expected: Expectation;
  readonly events: readonly EventToAppend[];
  readonly bytes: number;
  readonly assertMayWrite?: AppendRequest['assertMayWrite'];
}

/**
 * What is stored: `data` as it is, and in the metadata the rest, beside `$correlationId` and `$causationId`, which the
 * server's own projections know. The text of both is the RFC 8785 form. The server answers a repeat of its ids as it answered
 * the first: where that must not be, they are new for each append, and ours stand in the metadata.
 * @throws NotCanonical, RangeError for what the server cannot hold, or would hold twice
 */
export function toStored(request: AppendRequest): StoredAppend {
  const { stream, expectedRevision, events, assertMayWrite } = prepare(request);
  if (!isOurStream(stream)) throw new RangeError('the stream is of no category that this service follows');
  let [data, metadata] = [0, 0];
  const { tellRepeats } = request;
  const stored = events.map((event, index): EventToAppend => {
    const rest = utf8.encode(metadataText(event, request.events[index]!.metadata, tellRepeats));
    const text = utf8.encode(event.data);
    data += text.length;
    metadata += rest.length;
    return { id: tellRepeats ? randomUUID() : event.id, type: event.type, data: text, metadata: rest };
  });
  if (data > MAX_DATA_BYTES) throw new RangeError(`an append holds at most ${MAX_DATA_BYTES} bytes of data`);
  if (data + metadata > MAX_BYTES) throw new RangeError(`an append holds at most ${MAX_BYTES} bytes`);
  if (events.length > 1 && new Set(events.map(({ id }) => id.toLowerCase())).size < events.length)
    throw new RangeError('an append holds each event id once');
  return { stream, expected: toExpectation(expectedRevision), events: stored, bytes: data + metadata, assertMayWrite };
}

const utf8 = new TextEncoder();

/** In the order of the names, as the canonical form wants them. */
function metadataText(
  { id, metadata, personal, schemaVersion }: PreparedEvent,
  { causationId, correlationId }: EventMetadata,
  withId = false,
): string {
  const ours = withId ? `"id":${JSON.stringify(id)},` : '';
  const sealed = personal === undefined ? '' : `"personal":${JSON.stringify(personal)},`;
  return (
    `{"$causationId":${JSON.stringify(causationId)},"$correlationId":${JSON.stringify(correlationId)},` +
    `${ours}"metadata":${metadata},${sealed}"schemaVersion":${schemaVersion}}`
  );
}

function toExpectation(expected: AppendRequest['expectedRevision']): Expectation {
  if (expected === 'no-stream') return 'no_stream';
  return expected === 'any' ? 'any' : BigInt(expected);
}

/** An event in one of our streams that this service did not write: whoever reads it must stop, not guess. */
export class ForeignEvent extends Error {
  constructor({ streamId, revision }: Pick<NativeEvent, 'streamId' | 'revision'>) {
    super(`${streamId} holds an event at revision ${revision} that this service did not write`);
    this.name = 'ForeignEvent';
  }
}

export const isOurStream = (stream: string): boolean => OURS.has(categoryOf(stream));
/** Of one of our streams, and none of the server's own notes in it. */
export const isOurs = ({ streamId, type }: NativeEvent): boolean => isOurStream(streamId) && !type.startsWith('$');
/** The server's note that one of our streams was deleted, which this service never does. */
export const isDeletion = ({ streamId, type }: NativeEvent): boolean => isOurStream(streamId) && type === '$streamDeleted';

/** @param place where it stands, if that is known already @throws ForeignEvent */
export function toEvent(native: NativeEvent, place?: Position): StoredEvent {
  const { streamId: stream, type, data, metadata: stored, position } = native;
  const {
    id = native.id,
    metadata,
    personal,
    schemaVersion,
  } = (stored ?? {}) as { id?: string; metadata?: EventMetadata; personal?: string; schemaVersion?: number };
  if (metadata === undefined || typeof schemaVersion !== 'number' || position === undefined) throw new ForeignEvent(native);
  const event: { -readonly [Field in keyof StoredEvent]: StoredEvent[Field] } = {
    stream,
    revision: Number(native.revision),
    position: place ?? toPosition(position),
    id,
    type,
    schemaVersion,
    data: data as StoredEvent['data'],
    metadata,
  };
  if (personal !== undefined) event.personal = personal;
  return event;
}
