import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerDuplexStream, type ServerReadableStream, status } from '@grpc/grpc-js';
import type {
  AppendReq,
  AppendResp as SingleResponse,
  BatchAppendReq,
  BatchAppendResp as BatchResponse,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { Faults } from './faults.js';
import { type Expected, type Log, MAX_APPEND_BYTES, type Outcome, type Proposed } from './log.js';
import {
  AllStreamPosition,
  AppendResp,
  BatchAppendResp,
  Empty,
  errorOf,
  identifier,
  MaximumAppendSizeExceeded,
  nameIn,
  Refusal,
  StreamDeleted,
  Timeout,
  Unknown,
  WrongExpectedVersion,
} from './protocol.js';

export interface Appending {
  readonly log: Log;
  readonly faults: Faults;
  /** Breaks every connection. */
  readonly cut: () => void;
  /** An append came, on a call that it shares with others. */
  readonly batched: () => void;
}

type BatchCall = ServerDuplexStream<BatchAppendReq, BatchResponse>;

interface Asked {
  readonly correlation: BatchAppendReq;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: Proposed[];
}

/** One call for many appends; its answers come in the order in which the appends came, but for those that are late. */
export function batchAppend(call: BatchCall, { log, faults, cut, batched }: Appending): void {
  const begun = new Map<string, Asked>();
  let turn = Promise.resolve();
  call.on('data', (request: BatchAppendReq) => {
    const key = request.getCorrelationId()!.getString();
    const options = request.getOptions();
    if (options)
      begun.set(key, {
        correlation: request,
        stream: nameIn(options.getStreamIdentifier()),
        expected: batchExpectation(options),
        events: [],
      });
    const asked = begun.get(key);
    if (!asked) return;
    asked.events.push(...request.getProposedMessagesList().map(message => proposed(message.getId()!.getString(), message)));
    if (!request.getIsFinal()) return;
    begun.delete(key);
    batched();
    turn = turn.then(() => handle(asked));
  });
  call.on('end', () => call.end());
  call.on('error', () => undefined);

  async function handle(asked: Asked): Promise<void> {
    await faults.frozen;
    if (call.cancelled) return;
    if (faults.unavailable) return breakCall(status.UNAVAILABLE);
    const { stream, expected, events } = asked;
    if (events.some(({ id }) => faults.poison.has(id))) return breakCall(status.UNKNOWN);
    const fault = faults.takeFor(stream);
    if (fault === 'cut-before') return cut();
    if (fault === 'breaks-call') return breakCall(status.UNKNOWN);
    if (fault === 'unknown') return answer(asked, failed(errorOf(status.UNKNOWN, 'Unknown', new Unknown())));
    const timeout = errorOf(status.DEADLINE_EXCEEDED, 'Timeout', new Timeout());
    if (fault === 'times-out') return answer(asked, failed(timeout));
    if (typeof fault === 'object' && 'timesOutAndStoredAfterMs' in fault) {
      void sleep(fault.timesOutAndStoredAfterMs).then(() => log.append(stream, expected, events));
      return answer(asked, failed(timeout));
    }
    const outcome = log.append(stream, expected, events);
    if (fault === 'cut-after') return cut();
    if (fault === 'stored-and-breaks-call') return breakCall(status.UNKNOWN);
    if (fault === 'silent') return;
    if (typeof fault === 'object') return void sleep(fault.answerAfterMs).then(() => answer(asked, batchAnswer(asked, outcome)));
    answer(asked, batchAnswer(asked, outcome));
  }

  function answer({ correlation, stream }: Asked, response: BatchResponse): void {
    response.setCorrelationId(correlation.getCorrelationId());
    response.setStreamIdentifier(identifier(stream));
    if (!call.cancelled && !call.destroyed) call.write(response);
  }

  function breakCall(code: status): void {
    call.emit('error', new Refusal(code, 'the call was broken'));
  }
}

/** One append, told by itself. */
export async function append(
  call: ServerReadableStream<AppendReq, SingleResponse>,
  { log, faults, cut }: Appending,
): Promise<SingleResponse | undefined> {
  let [stream, expected] = ['', 'any' as Expected];
  const events: Proposed[] = [];
  for await (const request of call as AsyncIterable<AppendReq>) {
    const options = request.getOptions();
    if (options) [stream, expected] = [nameIn(options.getStreamIdentifier()), singleExpectation(options)];
    const message = request.getProposedMessage();
    if (message) events.push(proposed(message.getId()!.getString(), message));
  }
  await faults.frozen;
  // A call that broke off ends like one that is complete.
  if (call.cancelled) return undefined;
  if (faults.unavailable) throw new Refusal(status.UNAVAILABLE, 'the call was broken');
  if (events.some(({ id }) => faults.poison.has(id))) throw new Refusal(status.UNKNOWN, 'the call was broken');
  const fault = faults.takeFor(stream);
  if (fault === 'cut-before') return void cut();
  const timeout = new Refusal(status.ABORTED, 'Commit phase timeout');
  if (fault === 'times-out') throw timeout;
  if (typeof fault === 'object' && 'timesOutAndStoredAfterMs' in fault) {
    void sleep(fault.timesOutAndStoredAfterMs).then(() => log.append(stream, expected, events));
    throw timeout;
  }
  if (fault === 'unknown' || fault === 'breaks-call') throw new Refusal(status.UNKNOWN, 'something went wrong');
  const outcome = log.append(stream, expected, events);
  if (fault === 'cut-after') return void cut();
  if (fault === 'stored-and-breaks-call') throw new Refusal(status.UNKNOWN, 'the call was broken');
  if (fault === 'silent') return undefined;
  if (typeof fault === 'object' && 'answerAfterMs' in fault) await sleep(fault.answerAfterMs);
  return singleAnswer(stream, expected, outcome);
}

interface Message {
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

const proposed = (id: string, message: Message): Proposed => ({
  id,
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

interface Expectations {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

function expectation(options: Expectations, revision: () => string): Expected {
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'exists' : Number(revision());
}
const batchExpectation = (options: BatchAppendReq.Options): Expected => expectation(options, () => options.getStreamPosition());
const singleExpectation = (options: AppendReq.Options): Expected => expectation(options, () => options.getRevision());

function failed(error: ReturnType<typeof errorOf>): BatchResponse {
  return new BatchAppendResp().setError(error);
}

function batchAnswer({ stream, expected }: Asked, outcome: Outcome): BatchResponse {
  if (outcome.kind === 'too-large') {
    const detail = new MaximumAppendSizeExceeded();
    detail.setMaxappendsize(MAX_APPEND_BYTES);
    return new BatchAppendResp().setError(errorOf(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', detail));
  }
  if (outcome.kind === 'deleted') {
    const detail = new StreamDeleted();
    detail.setStreamIdentifier(identifier(stream));
    return new BatchAppendResp().setError(errorOf(status.FAILED_PRECONDITION, 'StreamDeleted', detail));
  }
  if (outcome.kind === 'wrong-version') {
    const detail = new WrongExpectedVersion();
    if (outcome.current < 0) detail.setCurrentNoStream(new Empty());
    else detail.setCurrentStreamRevision(String(outcome.current));
    if (typeof expected === 'number') detail.setExpectedStreamPosition(String(expected));
    else if (expected === 'no-stream') detail.setExpectedNoStream(new Empty());
    else detail.setExpectedStreamExists(new Empty());
    return new BatchAppendResp().setError(errorOf(status.FAILED_PRECONDITION, 'WrongExpectedVersion', detail));
  }
  const position = new AllStreamPosition();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const success = new BatchAppendResp.Success();
  success.setCurrentRevision(String(outcome.revision));
  success.setPosition(position);
  return new BatchAppendResp().setSuccess(success);
}

/** @throws Refusal */
function singleAnswer(stream: string, expected: Expected, outcome: Outcome): SingleResponse {
  if (outcome.kind === 'too-large')
    throw new Refusal(status.INVALID_ARGUMENT, 'Maximum Append Size Exceeded.', {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(MAX_APPEND_BYTES),
    });
  if (outcome.kind === 'deleted')
    throw new Refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': stream,
    });
  if (outcome.kind === 'wrong-version') {
    const wrong = new AppendResp.WrongExpectedVersion();
    if (outcome.current < 0) wrong.setCurrentNoStream(new Empty());
    else wrong.setCurrentRevision(String(outcome.current));
    if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
    else wrong.setExpectedNoStream(new Empty());
    return new AppendResp().setWrongExpectedVersion(wrong);
  }
  const position = new AppendResp.Position();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const success = new AppendResp.Success();
  success.setCurrentRevision(String(outcome.revision));
  success.setPosition(position);
  return new AppendResp().setSuccess(success);
}
