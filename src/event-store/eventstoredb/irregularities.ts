import type { Client, NativeEvent } from './clients.js';
import { TimedOut } from './faults.js';
import { isDeletion, isOurStream } from './stored-form.js';
import { leave, SubscriptionEnded } from './subscription.js';

/** By both kinds of note the server says what an administrator did to a stream; the last about its limits counts. */
const NOTES = ['$metadata', '$streamDeleted'];
const LIMITS = ['$maxAge', '$maxCount', '$tb'] as const;
type Limits = { readonly [limit in (typeof LIMITS)[number]]?: number };
/** As `$tb`, it says that the stream was deleted; read as a number it is 2^63. */
const DELETED = 2 ** 63;
const BUFFER = 64;

/**
 * What was done by hand to our streams, one line each: limits, deletions, tombstones.
 * @param quietMs how long the server may say nothing, in milliseconds
 */
export async function irregularities(client: Client, quietMs: number): Promise<string[]> {
  const limited = new Map<string, Limits>();
  const tombstoned = new Set<string>();
  for (const note of await notes(client, quietMs)) {
    const { streamId, data } = note;
    if (isDeletion(note)) tombstoned.add(streamId);
    else if (streamId.startsWith('$$') && isOurStream(streamId.slice(2))) limited.set(streamId.slice(2), data ?? {});
  }
  return [
    ...[...tombstoned].map(
      stream => `${stream} was deleted for good (a tombstone): nothing can be added to it, and a scavenge removes its events`,
    ),
    ...[...limited].flatMap(([stream, limits]) =>
      tombstoned.has(stream) ? [] : LIMITS.flatMap(limit => describe(stream, limit, limits[limit])),
    ),
  ];
}

function describe(stream: string, limit: keyof Limits, value: number | undefined): string[] {
  if (value === undefined) return [];
  if (limit === '$tb' && value >= DELETED)
    return [`${stream} was deleted ($tb): its events are not read any more, and a scavenge removes them`];
  const hidden = limit === '$tb' ? `its events before revision ${value} are not read any more` : 'its older events are not read any more';
  return [`${stream} is limited by ${limit} ${value}: ${hidden}, and a scavenge removes them`];
}

/** All of both kinds up to the end of the store. @throws TimedOut, SubscriptionEnded, what the subscription fails with */
async function notes(client: Client, quietMs: number): Promise<NativeEvent[]> {
  const found: NativeEvent[] = [];
  let heard: () => void = () => undefined;
  const subscription = client.subscribeToAll({
    from: 'start',
    filterOn: 'eventType',
    prefixes: NOTES,
    passed: () => heard(),
    buffer: BUFFER,
  });
  const take = (): void => {
    heard();
    for (
      let next = subscription.read() as { event?: NativeEvent } | null;
      next !== null;
      next = subscription.read() as { event?: NativeEvent } | null
    ) {
      if (next.event) found.push(next.event);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(new TimedOut(quietMs)), quietMs);
      };
      heard();
      const ended = (): void => reject(new SubscriptionEnded());
      subscription
        .on('readable', take)
        .on('caughtUp', () => {
          take();
          resolve();
        })
        .on('error', reject)
        .on('end', ended)
        .on('close', ended);
    });
    return found;
  } finally {
    heard = () => undefined;
    clearTimeout(timer);
    await leave(subscription);
  }
}
