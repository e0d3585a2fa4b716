import { canonicalJson } from '../canonical-json.js';
import type { AppendRequest } from '../event-store.js';

/** An append that was checked and serialised before it joins a batch: what is wrong with it fails it alone. */
export interface PreparedAppend {
  readonly stream: string;
  readonly expectedRevision: AppendRequest['expectedRevision'];
  readonly events: readonly PreparedEvent[];
  /** Roughly what it takes on the way to the server. */
  readonly bytes: number;
  readonly assertMayWrite?: AppendRequest['assertMayWrite'];
}

export interface PreparedEvent {
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly personal: string | undefined;
  readonly metadata: string;
  /** The data key that it names. */
  readonly keyId: string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// A stream's name is an index key, which PostgreSQL bounds; longer ones are a mistake anyway.
const MAX_NAME = 400;
const MAX_APPEND_BYTES = 64 * 1024 * 1024;
const EVENT_OVERHEAD = 120;

/** @throws NotCanonical, RangeError for what no store should be asked to hold. */
export function prepare({ stream, expectedRevision, events, assertMayWrite }: AppendRequest): PreparedAppend {
  requireName('stream', stream);
  if (typeof expectedRevision === 'number' && !(Number.isSafeInteger(expectedRevision) && expectedRevision >= 0)) {
    throw new RangeError('an expected revision is a whole number from 0');
  }
  if (events.length === 0) throw new RangeError('an append needs an event');
  let bytes = 0;
  const prepared = events.map(({ id, type, schemaVersion, data, personal, metadata }): PreparedEvent => {
    if (!UUID.test(id)) throw new RangeError('an event id is a UUID');
    requireName('event type', type);
    if (!(Number.isInteger(schemaVersion) && schemaVersion > 0 && schemaVersion < 2 ** 31)) {
      throw new RangeError('a schema version is a whole number from 1');
    }
    if (personal !== undefined) canonicalJson(personal);
    const texts = { data: canonicalJson(data), metadata: canonicalJson(metadata) };
    bytes += EVENT_OVERHEAD + texts.data.length + texts.metadata.length + (personal?.length ?? 0);
    const { keyId } = metadata;
    if (keyId !== undefined && !UUID.test(keyId)) throw new RangeError('the id of a data key is a UUID');
    return { id, type, schemaVersion, personal, ...texts, keyId };
  });
  if (bytes > MAX_APPEND_BYTES) throw new RangeError(`an append holds at most ${MAX_APPEND_BYTES} bytes`);
  return { stream, expectedRevision, events: prepared, bytes, ...(assertMayWrite && { assertMayWrite }) };
}

function requireName(what: string, name: string): void {
  if (name === '' || name.length > MAX_NAME) throw new RangeError(`the name of a ${what} has 1 to ${MAX_NAME} characters`);
  canonicalJson(name);
}
