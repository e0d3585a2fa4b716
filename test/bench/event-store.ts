import { type EventStore, START } from '../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { PREFIXES, toStored } from '../../src/event-store/eventstoredb/stored-form.js';
import { event, rate, rateOf } from './appending.js';
import { median } from './table.js';

// A process of its own: neither package ends well beside other work.

export interface OverEventStoreDb {
  /** Appends a second. */
  readonly append: Ratio;
  /** Events a second. */
  readonly catchUp: Ratio;
}
export interface Ratio {
  readonly adapter: number;
  /** The client package alone, on the same server. */
  readonly bare: number;
}

/** What both packages share of what is used here. */
interface Bare {
  appendToStream(stream: string, events: readonly object[], options: object): Promise<{ readonly success: boolean }>;
  subscribeToAll(options: object): Subscription;
  dispose(): Promise<void>;
}
interface Subscription {
  on(event: 'data', take: (resolved: { readonly event?: { readonly position?: { readonly commit: bigint } } }) => void): Subscription;
  on(event: 'error', fail: (error: Error) => void): Subscription;
  unsubscribe(): Promise<void>;
}

const WINDOWS = 2;
const ROUNDS = 3;

process.once('message', ({ url }: { readonly url: string }) => {
  void measure(url).then(answer => process.send?.(answer, () => process.disconnect()));
});

async function measure(url: string): Promise<OverEventStoreDb> {
  const append = await byTurns(
    async () => rateOf(await openEventStoreDb(url), WINDOWS),
    () => withBare(url, bare => rate((stream, expected) => appendOne(bare, stream, expected), WINDOWS)),
  );
  const store = await openEventStoreDb(url);
  const newest = await store.newest();
  const catchUp = await byTurns(
    () => follow(store, newest),
    () => withBare(url, bare => followAlone(bare, newest)),
  );
  await store.close();
  return { append, catchUp };
}

/** So that what else the machine does meets both. */
async function byTurns(adapter: () => Promise<number>, bare: () => Promise<number>): Promise<Ratio> {
  const rounds: Ratio[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push({ adapter: await adapter(), bare: await bare() });
  return { adapter: median(rounds.map(one => one.adapter)), bare: median(rounds.map(one => one.bare)) };
}

async function withBare<T>(url: string, work: (bare: Bare) => Promise<T>): Promise<T> {
  const bare = (url.startsWith('esdb')
    ? (await import('@eventstore/db-client')).EventStoreDBClient.connectionString(url)
    : (await import('@kurrent/kurrentdb-client')).KurrentDBClient.connectionString(url)) as unknown as Bare;
  try {
    return await work(bare);
  } finally {
    await bare.dispose();
  }
}

const utf8 = new TextDecoder();

/** The same bytes as through the adapter. */
async function appendOne(bare: Bare, stream: string, after: number | 'no-stream'): Promise<void> {
  const { events, expected } = toStored({ stream, expectedRevision: after, events: [event()] });
  const native = events.map(({ data, ...rest }) => ({
    ...rest,
    contentType: 'application/json',
    data: JSON.parse(utf8.decode(data)) as unknown,
  }));
  const { success } = await bare.appendToStream(stream, native, { expectedRevision: expected, streamState: expected });
  if (!success) throw new Error('an append to a stream of its own was refused');
}

async function follow(store: EventStore, newest: string): Promise<number> {
  const begun = performance.now();
  let events = 0;
  for await (const message of store.subscribeToAll({ after: START, signal: new AbortController().signal })) {
    if (message.kind === 'events') events += message.events.length;
    if (message.kind !== 'caught-up' && message.position >= newest) break;
  }
  return (events / (performance.now() - begun)) * 1000;
}

async function followAlone(bare: Bare, newest: string): Promise<number> {
  const last = BigInt(newest.split('/')[0] ?? 0);
  const begun = performance.now();
  let events = 0;
  const subscription = bare.subscribeToAll({
    fromPosition: 'start',
    filter: { filterOn: 'streamName', prefixes: [...PREFIXES], checkpointInterval: 32 },
  });
  await new Promise<void>((resolve, reject) => {
    subscription.on('error', reject).on('data', resolved => {
      events++;
      if ((resolved.event?.position?.commit ?? 0n) >= last) resolve();
    });
  });
  const took = performance.now() - begun;
  await subscription.unsubscribe();
  return (events / took) * 1000;
}
