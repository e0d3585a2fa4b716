import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface Stored extends Proposed {
  readonly stream: string;
  readonly revision: number;
  /** Of commit and prepare; bytes, so it has gaps. */
  readonly position: number;
  readonly created: number;
}

export type Expected = number | 'no-stream' | 'any' | 'exists';
export type Outcome =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: number }
  | { readonly kind: 'repeated'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'deleted' };

export const MAX_APPEND_BYTES = 1_048_576;
export const EPOCHS = '$epoch-information';
const REMEMBERED = 100_000;
const DELETED = 2 ** 63;
/** As the server writes it; no number holds it. */
const SOFT_DELETED = '{"$tb":9223372036854775807}';

/** What the server stores: as the real one, it tells a repeat by ids and place alone, and forgets `any` at a restart. */
export class Log extends EventEmitter {
  readonly all: Stored[] = [];
  readonly #streams = new Map<string, Stored[]>();
  readonly #tombstoned = new Set<string>();
  #remembered = new Map<string, string>();
  #end = 0;

  constructor() {
    super();
    this.setMaxListeners(0);
    this.restart();
    const first = this.stream(EPOCHS)[0]!;
    this.#store('$scavenges', this.#note('$metadata', {}, first.id));
  }

  /** A new epoch; what `any` was answered with is forgotten. */
  restart(): void {
    this.#remembered = new Map();
    const id = randomUUID();
    this.#store(
      EPOCHS,
      this.#note('$epoch-information', { epochId: id, epochNumber: this.stream(EPOCHS).length, leaderInstanceId: randomUUID() }, id),
    );
  }

  stream(name: string): readonly Stored[] {
    return this.#streams.get(name) ?? [];
  }

  /** The first revision that a reading of the stream gives: what limits cut off stays in `all`. Infinity where it was deleted. */
  firstReadable(name: string): number {
    const last = this.stream(`$$${name}`).at(-1);
    if (!last) return 0;
    const { $tb = 0, $maxCount = Infinity } = JSON.parse(Buffer.from(last.data).toString()) as { $tb?: number; $maxCount?: number };
    return $tb >= DELETED ? Infinity : Math.max($tb, this.stream(name).length - $maxCount);
  }

  isTombstoned(stream: string): boolean {
    return this.#tombstoned.has(stream);
  }

  append(stream: string, expected: Expected, events: readonly Proposed[]): Outcome {
    if (this.#tombstoned.has(stream)) return { kind: 'deleted' };
    if (events.reduce((sum, { data }) => sum + data.length, 0) > MAX_APPEND_BYTES) return { kind: 'too-large' };
    const stored = this.stream(stream);
    const deleted = this.firstReadable(stream) === Infinity;
    if (deleted && expected === 'exists') return { kind: 'deleted' };
    if (deleted && expected === 'no-stream') {
      this.setMetadata(stream, { $tb: stored.length });
      return this.append(stream, stored.length - 1, events);
    }
    const current = stored.length - 1;
    const repeated =
      typeof expected === 'number' || expected === 'no-stream'
        ? stored.slice(place(expected), place(expected) + events.length)
        : this.#recall(stream, events);
    const isRepeat = events.length > 0 && repeated.length === events.length && repeated.every(({ id }, index) => id === events[index]!.id);
    if (isRepeat) return { kind: 'repeated', revision: repeated.at(-1)!.revision, position: repeated.at(-1)!.position };
    if (expected === 'exists' ? current < 0 : expected !== 'any' && place(expected) !== stored.length)
      return { kind: 'wrong-version', current };
    for (const event of events) this.#store(stream, event);
    this.emit('appended');
    const last = this.stream(stream).at(-1);
    return { kind: 'stored', revision: last?.revision ?? 0, position: last?.position ?? this.#end };
  }

  /** As an administrator does by hand, like the two below; the names begin with `$`. */
  setMetadata(stream: string, metadata: object | string): void {
    this.#store(`$$${stream}`, this.#note('$metadata', metadata));
    this.emit('appended');
  }

  /** It seems to be gone, and whoever appends to it with no stream goes on after the last revision. */
  softDelete(stream: string): void {
    this.setMetadata(stream, SOFT_DELETED);
  }

  tombstone(stream: string): void {
    this.#store(stream, this.#note('$streamDeleted', {}));
    this.#tombstoned.add(stream);
    this.emit('appended');
  }

  /** What the server writes by itself, such as its statistics. */
  writeSystemEvents(count: number): void {
    for (let n = 0; n < count; n++) this.#store('$stats-0.0.0.0:2113', this.#note('$statsCollected', { n }));
    this.emit('appended');
  }

  /** The index in `all` of the first event after the position; undefined where no event begins there. */
  after(position: number): number | undefined {
    if (position === 0) return 0;
    if (position > (this.all.at(-1)?.position ?? 0)) return this.all.length;
    const found = this.#search(position);
    return this.all[found]?.position === position ? found + 1 : undefined;
  }

  #search(position: number): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #recall(stream: string, events: readonly Proposed[]): readonly Stored[] {
    if (!events.every(({ id }) => this.#remembered.get(id) === stream)) return [];
    const first = this.stream(stream).findIndex(({ id }) => id === events[0]?.id);
    return this.stream(stream).slice(first, first + events.length);
  }

  #note(type: string, data: object | string, id: string = randomUUID()): Proposed {
    return {
      id,
      type,
      contentType: 'application/json',
      data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
      metadata: new Uint8Array(),
    };
  }

  #store(stream: string, event: Proposed): void {
    const events = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, events);
    this.#end += 96 + stream.length + event.type.length + event.data.length + event.metadata.length;
    const stored = { ...event, stream, revision: events.length, position: this.#end, created: Date.now() * 10_000 };
    events.push(stored);
    if (stream !== EPOCHS) this.all.push(stored);
    this.#remembered.set(event.id, stream);
    if (this.#remembered.size > REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
  }
}

const place = (expected: Expected): number => (typeof expected === 'number' ? expected + 1 : 0);
