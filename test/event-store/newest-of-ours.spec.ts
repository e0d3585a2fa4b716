import { expect, it } from '@jest/globals';
import type { NativeEvent, NativePosition } from '../../src/event-store/eventstoredb/clients.js';
import { NewestOfOurs } from '../../src/event-store/eventstoredb/newest-of-ours.js';
import type { Pages } from '../../src/event-store/eventstoredb/pages.js';
import { toPosition } from '../../src/event-store/eventstoredb/positions.js';

/** One event of ours, and then so many of others who share the server. */
function store(others: number) {
  const placeOf = (index: number): NativePosition => ({ commit: BigInt(100 * index), prepare: BigInt(100 * index) });
  const events: NativeEvent[] = [];
  const append = (streamId: string): string => {
    const position = placeOf(events.length + 1);
    events.push({ streamId, id: '', revision: 0n, type: 'Something', data: {}, metadata: {}, position });
    return toPosition(position);
  };
  const first = append('case-a');
  for (let n = 0; n < others; n++) append('shop-1');
  let read = 0;
  const all: Pages['all'] = async ({ from, maxCount }) => {
    const upTo = from === 'end' || from === 'start' ? events.length : Number(from.commit) / 100 - 1;
    await new Promise(setImmediate);
    const page = events.slice(Math.max(0, upTo - maxCount), upTo).toReversed();
    read += page.length;
    return page;
  };
  return { newest: new NewestOfOurs({ all }), append, first, howMany: () => read };
}

it('is looked for once, however many ask while it lies far back', async () => {
  const others = 20_000;
  const { newest, first, howMany } = store(others);
  const asked = Array.from({ length: 20 }, () => newest.find());
  await new Promise(setImmediate);
  const later = Array.from({ length: 20 }, () => newest.find());
  expect(new Set(await Promise.all([...asked, ...later]))).toEqual(new Set([first]));
  expect(howMany()).toBeLessThan(2 * others);
});

it('is never older than what was stored when it was asked for, also while others are answered', async () => {
  const { newest, append } = store(2_000);
  const before = newest.find();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const stored = append('case-b');
  expect(await newest.find()).toBe(stored);
  expect((await before) < stored).toBe(true);
});
