import { once } from 'node:events';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { ReadReq as Request, ReadResp as Response } from '@eventstore/db-client/generated/streams_pb.js';
import type { Faults } from './faults.js';
import type { Log, Stored } from './log.js';
import { identifier, nameIn, ReadResp, Refusal, uuid } from './protocol.js';

export type ReadCall = ServerWritableStream<Request, Response>;
type Options = Request.Options;

const DEFAULT_WINDOW = 32;
/** What servers before 25.0 send as their mark while nothing of what is asked for was there: -1 without its sign. */
const NOWHERE = 2n ** 64n - 1n;

/** Answers one reading. @throws Refusal */
export async function read(call: ReadCall, log: Log, faults: Faults, sent: () => void): Promise<void> {
  const options = call.request.getOptions()!;
  if (options.hasSubscription()) return follow(call, log, faults, options, sent);
  const count = Number(options.getCount());
  if (count === 0) {
    // Seen with real servers: an error on a stream, silence on `$all`.
    if (options.hasAll()) return once(call, 'cancelled').then(() => undefined);
    throw new Refusal(status.INVALID_ARGUMENT, 'count must be positive');
  }
  const stream = options.getStream();
  if (stream) {
    const name = nameIn(stream.getStreamIdentifier());
    if (log.isTombstoned(name))
      throw new Refusal(status.FAILED_PRECONDITION, `Event stream '${name}' is deleted.`, {
        exception: 'stream-deleted',
        'stream-name': name,
      });
    if (log.stream(name).length === 0 || log.firstReadable(name) === Infinity) return send(call, faults, notFound(name));
  }
  for (const event of selected(options, log).slice(0, count)) {
    await send(call, faults, response(event));
    if (call.cancelled) return;
  }
}

/** What is read, in the order asked for; a start is included. */
function selected(options: Options, log: Log): readonly Stored[] {
  const backwards = options.getReadDirection() === 1;
  const stream = options.getStream();
  if (stream) {
    const name = nameIn(stream.getStreamIdentifier());
    const events = log.stream(name);
    const start = stream.hasStart() ? 0 : stream.hasEnd() ? events.length - 1 : Number(stream.getRevision());
    const first = log.firstReadable(name);
    return backwards ? events.slice(first, start + 1).reverse() : events.slice(Math.max(first, start));
  }
  const all = options.getAll()!;
  const matches = filterOf(options);
  if (all.hasStart()) return (backwards ? [] : log.all).filter(matches);
  if (all.hasEnd()) return (backwards ? log.all.toReversed() : []).filter(matches);
  const position = Number(all.getPosition()!.getCommitPosition());
  const next = log.after(position);
  if (next === undefined) throw new Refusal(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
  const isRecord = next > 0 && log.all[next - 1]!.position === position;
  return (backwards ? log.all.slice(0, next).reverse() : log.all.slice(isRecord ? next - 1 : next)).filter(matches);
}

async function follow(call: ReadCall, log: Log, faults: Faults, options: Options, sent: () => void): Promise<void> {
  const confirmation = new ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId('stand-in');
  await send(call, faults, new ReadResp().setConfirmation(confirmation));
  const start = options.getAll()?.getPosition();
  const from = Number(start?.getCommitPosition() ?? 0);
  let index = options.getAll()?.hasEnd() ? log.all.length : log.after(from);
  if (index === undefined) throw new Refusal(status.UNKNOWN, 'Trying to read from an invalid position');
  // Seen with real servers: a start beyond the end is answered with `caughtUp`, and then silence for ever.
  const beyond = from > (log.all.at(-1)?.position ?? 0);
  const filter = options.getFilter();
  const matches = filterOf(options);
  const every = Math.max(1, filter?.getCheckpointintervalmultiplier() ?? 1) * (filter?.getMax() || DEFAULT_WINDOW);
  let [examined, live] = [0, false];
  let last = start ? BigInt(from) : NOWHERE;
  let marked: bigint | undefined;
  const mark = async (): Promise<void> => {
    // Once it has sent the first below, the server takes every later mark for an older one.
    if (!filter || (marked !== undefined && last <= marked)) return;
    const at = marked === undefined ? (faults.firstMark ?? last) : last;
    marked = at;
    await send(call, faults, checkpoint(at));
  };
  while (!call.cancelled) {
    const event = beyond ? undefined : log.all[index];
    if (event) {
      index += 1;
      if (matches(event)) {
        await send(call, faults, response(event));
        sent();
        last = BigInt(event.position);
      }
      examined += 1;
      if (examined % every === 0) {
        last = BigInt(event.position);
        await mark();
      }
      continue;
    }
    if (!live) {
      if (!beyond) await mark();
      await send(call, faults, new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));
    }
    live = true;
    await news(call, log);
  }
}

/** Until something is appended, or the call is over. */
const news = (call: ReadCall, log: Log): Promise<void> =>
  happens(call, wake => {
    log.once('appended', wake);
    return () => log.off('appended', wake);
  });

/** Writes no faster than it is read. */
async function send(call: ReadCall, faults: Faults, message: Response): Promise<void> {
  if (faults.frozen) await faults.frozen;
  if (call.cancelled || call.write(message)) return;
  await happens(call, wake => {
    call.once('drain', wake);
    return () => call.off('drain', wake);
  });
}

function happens(call: ReadCall, listen: (wake: () => void) => () => void): Promise<void> {
  return new Promise(resolve => {
    const wake = (): void => {
      stop();
      call.off('cancelled', wake).off('close', wake);
      resolve();
    };
    const stop = listen(wake);
    call.once('cancelled', wake).once('close', wake);
  });
}

function filterOf(options: Options): (event: Stored) => boolean {
  const byStream = options.getFilter()?.getStreamIdentifier();
  const byType = options.getFilter()?.getEventType();
  const expression = byStream ?? byType;
  if (!expression) return () => true;
  const prefixes = expression.getPrefixList();
  const regex = new RegExp(expression.getRegex());
  return ({ stream, type }) => {
    const name = byStream ? stream : type;
    return prefixes.length > 0 ? prefixes.some(prefix => name.startsWith(prefix)) : regex.test(name);
  };
}

function response(stored: Stored): Response {
  const recorded = new ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(uuid(stored.id));
  recorded.setStreamIdentifier(identifier(stored.stream));
  recorded.setStreamRevision(String(stored.revision));
  recorded.setCommitPosition(String(stored.position));
  recorded.setPreparePosition(String(stored.position));
  recorded.setData(stored.data);
  recorded.setCustomMetadata(stored.metadata);
  recorded.getMetadataMap().set('type', stored.type).set('content-type', stored.contentType).set('created', String(stored.created));
  const event = new ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(stored.position));
  return new ReadResp().setEvent(event);
}

function checkpoint(position: bigint): Response {
  const passed = new ReadResp.Checkpoint();
  passed.setCommitPosition(String(position));
  passed.setPreparePosition(String(position));
  return new ReadResp().setCheckpoint(passed);
}

function notFound(stream: string): Response {
  const missing = new ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifier(stream));
  return new ReadResp().setStreamNotFound(missing);
}
