import type { Duplex, Readable } from 'node:stream';
import { AppendCalls, type Protocol } from './append-calls.js';

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

/** An event to be stored: its data and its metadata are the bytes of JSON texts. */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export type Expectation = bigint | 'no_stream' | 'any';

export interface AppendAnswer {
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
  append(stream: string, events: readonly EventToAppend[], expected: Expectation): Promise<AppendAnswer>;
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

async function kurrentDb(): Promise<Driver> {
  const { KurrentDBClient, convertToCommandError } = await import('@kurrent/kurrentdb-client');
  const protocol = await protocolIn('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1');
  return { connect: url => over(KurrentDBClient.connectionString(url) as unknown as Native, protocol, convertToCommandError) };
}

async function eventStoreDb(): Promise<Driver> {
  const { EventStoreDBClient, convertToCommandError } = await import('@eventstore/db-client');
  const protocol = await protocolIn('@eventstore/db-client/generated');
  return { connect: url => over(EventStoreDBClient.connectionString(url) as unknown as Native, protocol, convertToCommandError) };
}

async function protocolIn(folder: string): Promise<Protocol> {
  const files = ['streams_grpc_pb', 'streams_pb', 'shared_pb'];
  const modules = await Promise.all(files.map(name => import(`${folder}/${name}.js`) as Promise<{ default: object }>));
  return Object.assign({}, ...modules.map(module => module.default)) as Protocol;
}

/** The part of both packages' API that is used here. */
interface Native {
  readStream(stream: string, options: object): Reading;
  readAll(options: object): Reading;
  subscribeToAll(options: object, readable: object): NativeSubscription;
  dispose(): Promise<void>;
  readonly capabilities: Promise<unknown>;
  /** For calls that the package does not make itself: opened on its connection, ended by `dispose`; led to another node when they break. */
  GRPCStreamCreator(service: unknown, name: string, open: (service: Calls) => Duplex): () => Promise<Duplex>;
  callArguments(options: { readonly requiresLeader: boolean }, call: { readonly deadline: number }): unknown[];
}
interface Calls {
  batchAppend(...args: unknown[]): Duplex;
}

function over(native: Native, protocol: Protocol, understood: (error: Error) => Error): Client {
  const open = native.GRPCStreamCreator(protocol.StreamsClient, 'batchAppend', service =>
    service.batchAppend(...native.callArguments({ requiresLeader: true }, { deadline: Infinity })),
  );
  const appends = new AppendCalls(protocol, open, understood);
  return {
    ready: () => native.capabilities,
    append: (stream, events, expected) => appends.append(stream, events, expected),
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
    dispose: () => native.dispose(),
  };
}
