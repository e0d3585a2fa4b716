import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type * as Shared from '@eventstore/db-client/generated/shared_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendAnswer, EventToAppend, Expectation } from './clients.js';

/** The server's protocol, as both packages hold it. */
export interface Protocol {
  readonly StreamsClient: unknown;
  readonly BatchAppendReq: typeof Streams.BatchAppendReq;
  readonly UUID: typeof Shared.UUID;
  readonly StreamIdentifier: typeof Shared.StreamIdentifier;
  readonly Empty: typeof Shared.Empty;
}

/** The server's answer to one append, named as the packages name their errors. */
export class AppendRefused extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'AppendRefused';
  }
}

/** By the message that the server packs into its answer; it packs an empty one while it is starting, busy, or knows no leader. */
const TYPES: Readonly<Record<string, string>> = {
  'event_store.client.WrongExpectedVersion': 'wrong-expected-version',
  'event_store.client.StreamDeleted': 'stream-deleted',
  'event_store.client.AccessDenied': 'access-denied',
  'event_store.client.Timeout': 'deadline-exceeded',
  'event_store.client.MaximumAppendSizeExceeded': 'maximum-append-size-exceeded',
  'google.protobuf.Empty': 'unavailable',
};

/** A call sends one message in a turn of the event loop, which is long while commands are decided. */
const AT_ONCE = 16;

/**
 * The appends of one client, over a few long calls, each append on the one that has least to do. A call that breaks fails what was sent on
 * it and not yet answered, and nothing else: the packages' own way of it keeps one table for all calls of the process, or one call.
 */
export class AppendCalls {
  readonly #calls = new Set<AppendCall>();

  constructor(
    private readonly protocol: Protocol,
    private readonly open: () => Promise<Duplex>,
    /** What a call ended with, as the package tells it. */
    private readonly understood: (error: Error) => Error,
  ) {}

  append(stream: string, events: readonly EventToAppend[], expected: Expectation): Promise<AppendAnswer> {
    return this.#leastBusy().send(toRequest(this.protocol, stream, events, expected));
  }

  #leastBusy(): AppendCall {
    const [first, ...others] = this.#calls;
    const least = others.reduce((least, call) => (call.waiting < least!.waiting ? call : least), first);
    if (least && (least.waiting === 0 || this.#calls.size >= AT_ONCE)) return least;
    const call = new AppendCall(this.open(), error => {
      this.#calls.delete(call);
      return this.understood(error);
    });
    this.#calls.add(call);
    return call;
  }
}

interface Waiter {
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One call, from its beginning to its end. */
class AppendCall {
  readonly #waiters = new Map<string, Waiter>();

  constructor(
    private readonly opened: Promise<Duplex>,
    /** Told once or more often that it is over; what its appends are told of it. */
    private readonly over: (error: Error) => Error,
  ) {
    opened.then(
      call =>
        call
          .on('data', (answer: Streams.BatchAppendResp) => this.#take(answer))
          .on('error', (error: Error) => this.#end(error))
          .on('end', () => this.#end(new AppendRefused('unavailable', 'the server ended the call'))),
      (error: Error) => this.#end(error),
    );
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  send(request: Streams.BatchAppendReq): Promise<AppendAnswer> {
    return new Promise((resolve, reject) => {
      const id = request.getCorrelationId()!.getString();
      this.#waiters.set(id, { resolve, reject });
      const write = (call: Duplex): void => {
        // It may have ended while it was opened.
        if (this.#waiters.has(id)) call.write(request);
      };
      this.opened.then(write, () => undefined);
    });
  }

  #take(answer: Streams.BatchAppendResp): void {
    const id = answer.getCorrelationId()?.getString() ?? '';
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    const error = answer.getError();
    const success = answer.getSuccess();
    if (success) waiter?.resolve(toAnswer(success));
    else waiter?.reject(new AppendRefused(TYPES[error?.getDetails()?.getTypeName() ?? ''] ?? 'unknown', error?.getMessage() ?? ''));
  }

  #end(error: Error): void {
    const reason = this.over(error);
    for (const { reject } of this.#waiters.values()) reject(reason);
    this.#waiters.clear();
  }
}

/** Without a deadline, which the server would compare with a clock of its own: whoever waits has one. */
function toRequest(
  { BatchAppendReq, UUID, StreamIdentifier, Empty }: Protocol,
  stream: string,
  events: readonly EventToAppend[],
  expected: Expectation,
): Streams.BatchAppendReq {
  const options = new BatchAppendReq.Options().setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)));
  if (expected === 'any') options.setAny(new Empty());
  else if (expected === 'no_stream') options.setNoStream(new Empty());
  else options.setStreamPosition(String(expected));
  const messages = events.map(({ id, type, data, metadata }) => {
    const message = new BatchAppendReq.ProposedMessage();
    message.getMetadataMap().set('type', type).set('content-type', 'application/json');
    return message.setId(new UUID().setString(id)).setData(data).setCustomMetadata(metadata);
  });
  return new BatchAppendReq()
    .setCorrelationId(new UUID().setString(randomUUID()))
    .setOptions(options)
    .setProposedMessagesList(messages)
    .setIsFinal(true);
}

function toAnswer(success: Streams.BatchAppendResp.Success): AppendAnswer {
  const position = success.getPosition();
  return {
    nextExpectedRevision: BigInt(success.getCurrentRevision()),
    ...(position && { position: { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) } }),
  };
}
