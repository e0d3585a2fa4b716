import { Metadata, status as codes } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';

// The two packages' definitions share one global name, and whichever is loaded last takes it: never both in one process.
const folder =
  process.env['STAND_IN_SPEAKS'] === 'kurrentdb'
    ? '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1'
    : '@eventstore/db-client/generated';
const load = async <T>(name: string): Promise<T> => ((await import(`${folder}/${name}.js`)) as { default: T }).default;

/** The service definitions that the client package itself is generated from. */
export const { StreamsService } = await load<typeof import('@eventstore/db-client/generated/streams_grpc_pb.js')>('streams_grpc_pb');
export const { GossipService } = await load<typeof import('@eventstore/db-client/generated/gossip_grpc_pb.js')>('gossip_grpc_pb');
export const { ServerFeaturesService } =
  await load<typeof import('@eventstore/db-client/generated/serverfeatures_grpc_pb.js')>('serverfeatures_grpc_pb');
export const { ReadReq, ReadResp, AppendResp, BatchAppendResp } =
  await load<typeof import('@eventstore/db-client/generated/streams_pb.js')>('streams_pb');
export const { ClusterInfo, MemberInfo, EndPoint } = await load<typeof import('@eventstore/db-client/generated/gossip_pb.js')>('gossip_pb');
export const { SupportedMethods, SupportedMethod } =
  await load<typeof import('@eventstore/db-client/generated/serverfeatures_pb.js')>('serverfeatures_pb');
export const {
  UUID,
  Empty,
  StreamIdentifier,
  AllStreamPosition,
  WrongExpectedVersion,
  MaximumAppendSizeExceeded,
  Timeout,
  Unknown,
  StreamDeleted,
} = await load<typeof import('@eventstore/db-client/generated/shared_pb.js')>('shared_pb');
const { Status } = await load<typeof import('@eventstore/db-client/generated/status_pb.js')>('status_pb');

/** What ends a call: a status, and what the server says beside it. */
export class Refusal extends Error {
  readonly metadata = new Metadata();

  constructor(
    readonly code: codes,
    readonly details: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, value);
  }
}

export const uuid = (text: string): InstanceType<typeof UUID> => {
  const id = new UUID();
  id.setString(text);
  return id;
};

export const identifier = (stream: string): InstanceType<typeof StreamIdentifier> => {
  const name = new StreamIdentifier();
  name.setStreamName(Buffer.from(stream).toString('base64'));
  return name;
};

export const nameIn = (name: InstanceType<typeof StreamIdentifier> | undefined): string =>
  Buffer.from(name?.getStreamName_asU8() ?? []).toString('utf8');

interface Detail {
  serializeBinary(): Uint8Array;
}

/** The error of one append in a batch: a status with a message of the server's own packed into it. */
export function errorOf(code: codes, name: string, detail: Detail): InstanceType<typeof Status> {
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), `event_store.client.${name}`);
  const error = new Status();
  error.setCode(code as never);
  error.setMessage(name);
  error.setDetails(packed);
  return error;
}
