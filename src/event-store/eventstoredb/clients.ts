import type { Readable } from 'node:stream';

export interface NativePosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as both clients give it. */
export interface NativeEvent {
  readonly streamId: string;
  readonly id: string;
  readonly revision: bigint;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position?: NativePosition;
}

/** An event as both clients take it: JSON data to be serialised, metadata as its bytes. */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly contentType: 'application/json';
  readonly data: unknown;
  readonly metadata: Uint8Array;
}

export type Expectation = bigint | 'no_stream' | 'any';

export interface AppendAnswer {
  /** False instead of an error when the connection string says `throwOnAppendFailure=false`. */
  readonly success: boolean;
  readonly nextExpectedRevision: bigint;
  readonly position?: NativePosition;
}

export interface ReadOptions<From> {
  readonly from: From;
  readonly direction: 'forwards' | 'backwards';
  readonly maxCount: number;
}

/** To be read to its end: a reading that is left keeps one of its connection's 100 calls. */
export type Reading = AsyncIterable<{ readonly event?: NativeEvent }> & {
  /** Only in `@eventstore/db-client`. */
  cancel?(): Promise<void>;
  on?(event: 'error', listener: (error: Error) => void): unknown;
};

export type NativeSubscription = Readable & { unsubscribe(): Promise<void> };

export interface FollowOptions {
  readonly from: NativePosition | 'start';
  /** What the prefixes are of. */
  readonly filterOn: 'streamName' | 'eventType';
  readonly prefixes: readonly string[];
  /** Called in order with the events; what it throws would end the process. */
  readonly passed: (position: NativePosition) => void;
  /** Events buffered here. */
  readonly buffer: number;
}

/** One client object: what both packages share. */
export interface Client {
  /** Resolves once connected to a server that said what it supports; until then an append would start no one knows when. */
  ready(): Promise<unknown>;
  append(stream: string, events: readonly EventToAppend[], expected: Expectation, deadlineMs: number): Promise<AppendAnswer>;
  readStream(stream: string, options: ReadOptions<bigint | 'end'>): Reading;
  readAll(options: ReadOptions<NativePosition | 'start' | 'end'>): Reading;
  subscribeToAll(options: FollowOptions): NativeSubscription;
  dispose(): Promise<void>;
}

/** One of the two packages, for one event store object. */
export interface Driver {
  /** @throws Error for a string that the package cannot understand; its message may repeat the password */
  connect(connectionString: string): Client;
}

/** The other package is in use. */
export class PackagesCollide extends Error {
  constructor() {
    super('cannot be esdb:// and kurrentdb:// in one process: kurrentdb:// speaks to both servers');
    this.name = 'PackagesCollide';
  }
}

// Both packages register their messages under one global name, and the later one breaks the earlier one's appends.
let loaded: 'esdb' | 'kurrentdb' | undefined;

/** Loads the package that speaks the scheme. @throws PackagesCollide; Error where it is not installed */
export async function driverFor(scheme: string): Promise<Driver> {
  const family = scheme.startsWith('esdb') ? 'esdb' : 'kurrentdb';
  if ((loaded ??= family) !== family) throw new PackagesCollide();
  return family === 'esdb' ? eventStoreDb() : kurrentDb();
}

// What differs is the name of the expectation: the other package's would silently be ignored.
const byRevision = (expected: Expectation): object => ({ expectedRevision: expected });
const byState = (expected: Expectation): object => ({ streamState: expected });

async function kurrentDb(): Promise<Driver> {
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  return { connect: url => shared(KurrentDBClient.connectionString(url) as unknown as Native, byState, apart(url)) };
}

async function eventStoreDb(): Promise<Driver> {
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  return { connect: url => shared(EventStoreDBClient.connectionString(url) as unknown as Native, byRevision, apart(url)) };
}

/**
 * Credentials on a call give each append a call of its own; without TLS they are not sent. Of the call that appends would share,
 * one message leaves in a turn of the event loop, and one that breaks fails what other clients of the process wait for.
 */
function apart(url: string): object {
  const [, username = '', password = ''] = /^[^:]+:\/\/([^:@/]+):([^@]+)@/.exec(url) ?? [];
  if (username === '' && !/[?&]tls=false(?:&|$)/i.test(url)) return {};
  return { credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) } };
}

/** The part of both packages' API that is used here. */
interface Native {
  appendToStream(stream: string, events: readonly EventToAppend[], options: object): Promise<AppendAnswer>;
  readStream(stream: string, options: object): Reading;
  readAll(options: object): Reading;
  subscribeToAll(options: object, readable: object): NativeSubscription;
  dispose(): Promise<void>;
  readonly capabilities: Promise<unknown>;
  readonly disposableStreams: ReadonlySet<Readable>;
}

function shared(native: Native, naming: (expected: Expectation) => object, further: object): Client {
  return {
    ready: () => native.capabilities,
    append: (stream, events, expected, deadline) =>
      native.appendToStream(stream, [...events], { ...naming(expected), ...further, deadline, requiresLeader: true }),
    // KurrentDB takes the direction from the start, EventStoreDB from the direction: always both.
    readStream: (stream, { from, ...options }) => native.readStream(stream, { ...options, fromRevision: from, requiresLeader: true }),
    readAll: ({ from, ...options }) => native.readAll({ ...options, fromPosition: from, requiresLeader: true }),
    subscribeToAll: ({ from, filterOn, prefixes, passed, buffer }) =>
      native.subscribeToAll(
        {
          fromPosition: from,
          filter: {
            filterOn,
            prefixes: [...prefixes],
            checkpointInterval: 32,
            checkpointReached: (_: unknown, position: NativePosition) => passed(position),
          },
        },
        { highWaterMark: buffer },
      ),
    dispose: () => {
      // An answer to an append that nobody waits for any more would be an error outside of any promise.
      for (const stream of native.disposableStreams) stream.removeAllListeners('data');
      return native.dispose();
    },
  };
}
