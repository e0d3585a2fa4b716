import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { AppendRequest, EventStore, NewEvent, Position, StoredEvent } from './event-store.js';

/** The RFC 8785 form of an event with its place in its stream: the same in every store. */
export const canonicalEvent = ({ stream, revision, id, type, schemaVersion, data, personal, metadata }: StoredEvent): string =>
  canonicalJson({ stream, revision, id, type, schemaVersion, data, metadata, ...(personal !== undefined && { personal }) });

/** One store does not hold what the other does; the message says from which event on. */
export class StoresDiffer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoresDiffer';
  }
}

export interface CopyOptions {
  /** Called with every batch before any of it is stored; what it throws ends the copying. */
  readonly check?: (events: readonly StoredEvent[]) => Promise<void>;
  /** Called with how many events more are in the target. */
  readonly progress?: (events: number) => void;
}

/**
 * Brings the target up to the source, with the same ids, contents and order. What it holds already must be how the source
 * begins: so it may be called again after any interruption, and what stands there is all that it has to know.
 * @throws StoresDiffer, with nothing stored, when it holds anything else; StoreUnavailable; what `check` throws
 */
export async function copyEvents(
  from: Pick<EventStore, 'readAll'>,
  to: EventStore,
  { check, progress = () => undefined }: CopyOptions = {},
): Promise<void> {
  const target = eventsOf(to)[Symbol.asyncIterator]();
  let there = await target.next();
  const tail = new Tail(to);
  let count = 0;
  for await (const batch of from.readAll()) {
    await check?.(batch);
    for (const event of batch) {
      const text = canonicalEvent(event);
      if (!there.done) {
        if (text !== canonicalEvent(there.value)) throw difference(count, event, there.value);
        there = await target.next();
      } else {
        await tail.add(event, Buffer.byteLength(text));
      }
      count += 1;
    }
    progress(batch.length);
  }
  if (!there.done) throw difference(count, undefined, there.value);
  await tail.flush();
}

export interface Comparison {
  readonly events: number;
  /** SHA-256, hexadecimal, over the canonical forms of all events in order, each followed by a line feed. */
  readonly hash: string;
}

/**
 * Reads both stores from the first event to the last.
 * @param pairs is given the positions of the same events in both, in order
 * @throws StoresDiffer at the first difference; StoreUnavailable
 */
export async function compareStores(
  from: Pick<EventStore, 'readAll'>,
  to: EventStore,
  pairs: (batch: readonly (readonly [Position, Position])[]) => Promise<void> = async () => undefined,
): Promise<Comparison> {
  const hash = createHash('sha256');
  const target = eventsOf(to)[Symbol.asyncIterator]();
  let count = 0;
  for await (const batch of from.readAll()) {
    const found: [Position, Position][] = [];
    for (const event of batch) {
      const there = await target.next();
      const text = canonicalEvent(event);
      if (there.done || text !== canonicalEvent(there.value)) throw difference(count, event, there.done ? undefined : there.value);
      hash.update(text).update('\n');
      found.push([event.position, there.value.position]);
      count += 1;
    }
    await pairs(found);
  }
  const more = await target.next();
  if (!more.done) throw difference(count, undefined, more.value);
  return { events: count, hash: hash.digest('hex') };
}

async function* eventsOf(store: EventStore): AsyncGenerator<StoredEvent, undefined> {
  for await (const batch of store.readAll()) yield* batch;
  return undefined;
}

function difference(index: number, here: StoredEvent | undefined, there: StoredEvent | undefined): StoresDiffer {
  const named = (event: StoredEvent | undefined): string =>
    event ? `${event.type} ${event.id}, revision ${event.revision} of ${event.stream}` : 'nothing any more';
  const unlike = here && there && named(here) === named(there) ? ', with another content' : '';
  return new StoresDiffer(
    `the stores differ from event ${index + 1} on: the source has ${named(here)}; the target has ${named(there)}${unlike}`,
  );
}

/** Less than any store takes in one transaction. */
const APPENDS = 256;
const BYTES = 512 * 1024;

type Growing = Omit<AppendRequest, 'events'> & { readonly events: NewEvent[] };

/**
 * Appends to the end of a store in the order of the events. Many streams go together where the store keeps their order, and
 * two appends to one stream never do: the second would wait for the first, and what follows it would overtake it.
 * Elsewhere one goes after the other: a server that drops one of many stores those that were sent after it.
 */
class Tail {
  readonly #together: number;
  #requests: Growing[] = [];
  readonly #streams = new Set<string>();
  #bytes = 0;

  constructor(private readonly store: EventStore) {
    this.#together = store.keepsOrderOfCall ? APPENDS : 1;
  }

  async add(event: StoredEvent, bytes: number): Promise<void> {
    const { stream, revision, position: _, ...stored } = event;
    const goesOn = this.#requests.at(-1)?.stream === stream;
    if (this.#bytes + bytes > BYTES || (!goesOn && (this.#streams.has(stream) || this.#requests.length >= this.#together)))
      await this.flush();
    const last = this.#requests.at(-1);
    if (last && goesOn) last.events.push(stored);
    else this.#requests.push({ stream, expectedRevision: revision === 0 ? 'no-stream' : revision - 1, events: [stored] });
    this.#streams.add(stream);
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    this.#streams.clear();
    this.#bytes = 0;
    if (requests.length === 0) return;
    const results = await this.store.append(requests);
    const refused = requests[results.findIndex(({ outcome }) => outcome === 'conflict')];
    if (refused)
      throw new StoresDiffer(
        `the target does not take ${refused.stream} after ${refused.expectedRevision}: something else was written to it meanwhile, ` +
          `or its events lack a revision`,
      );
  }
}
