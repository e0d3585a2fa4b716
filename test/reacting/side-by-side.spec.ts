import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import { Pace } from '../../src/reacting/pace.js';
import { Interrupted } from '../../src/reacting/reactions.js';
import { oneByOne, sideBySide } from '../../src/reacting/side-by-side.js';

const NUMBERS = Array.from({ length: 200 }, (_, number) => number);
const pace = (limit: number) => ({ limit, measure: async () => undefined });

/** Works on numbers; tells which were begun, and how many at a time at most. */
function worker(fails: (number: number) => Error | undefined = () => undefined) {
  const seen = { begun: [] as number[], done: [] as number[], most: 0 };
  const work = async (number: number): Promise<void> => {
    seen.begun.push(number);
    seen.most = Math.max(seen.most, seen.begun.length - seen.done.length);
    await turn();
    seen.done.push(number);
    const error = fails(number);
    if (error) throw error;
  };
  return { seen, work };
}

test('each is worked on, begun in their order, no more at a time than the pace allows', async () => {
  const { seen, work } = worker();
  await sideBySide(NUMBERS, work, pace(7));
  expect(seen).toMatchObject({ begun: NUMBERS, most: 7 });
  const alone = worker();
  await oneByOne(NUMBERS, alone.work);
  expect(alone.seen).toEqual({ begun: NUMBERS, done: NUMBERS, most: 1 });
});

test('one that fails holds up no other, and is told at the end', async () => {
  const { seen, work } = worker(number => (number === 3 || number === 90 ? new Error(`number ${number}`) : undefined));
  await expect(sideBySide(NUMBERS, work, pace(7))).rejects.toThrow('number 3');
  expect(seen.done).toHaveLength(NUMBERS.length);
});

test.each([new StoreUnavailable('cut off'), new Interrupted()])(
  'after what concerns all nothing more is begun, and what was begun is finished: %s',
  async error => {
    const { seen, work } = worker(number => (number === 2 ? new Error('its own') : number === 20 ? error : undefined));
    await expect(sideBySide(NUMBERS, work, pace(5))).rejects.toBe(error);
    expect(seen.begun.length).toBeLessThan(30);
    expect(seen.done).toEqual(seen.begun);
  },
);

test('where the next cannot be looked up, what was begun is finished first', async () => {
  const { seen, work } = worker();
  async function* numbers(): AsyncGenerator<number> {
    yield* NUMBERS.slice(0, 4);
    throw new StoreUnavailable('cut off');
  }
  await expect(sideBySide(numbers(), work, pace(10))).rejects.toThrow('cut off');
  expect(seen.done).toEqual(NUMBERS.slice(0, 4));
});

test('the next are begun together, once nearly all before them are done', async () => {
  const begun: number[] = [];
  const waiting = new Map<number, () => void>();
  const working = sideBySide(
    NUMBERS,
    number => {
      begun.push(number);
      return new Promise(resolve => waiting.set(number, resolve));
    },
    pace(16),
  );
  const finish = async (...numbers: number[]): Promise<number> => {
    for (const number of numbers) waiting.get(number)?.();
    await turn();
    return begun.length;
  };
  expect(await finish()).toBe(16);
  expect(await finish(...NUMBERS.slice(0, 13))).toBe(16);
  expect(await finish(14)).toBe(30);
  expect(await finish(...NUMBERS.slice(16, 30))).toBe(44);
  while ((await finish(...NUMBERS)) < NUMBERS.length);
  await finish(...NUMBERS);
  await working;
  expect(begun).toEqual(NUMBERS);
});

test('less is worked on side by side while turns take long, and more again after that', () => {
  const paced = new Pace();
  for (let turns = 0; turns < 50; turns++) paced.adapt(1);
  expect(paced.limit).toBe(128);
  paced.adapt(15);
  expect(paced.limit).toBe(128);
  paced.adapt(20);
  expect(paced.limit).toBe(64);
  for (let turns = 0; turns < 50; turns++) paced.adapt(500);
  expect(paced.limit).toBe(64);
  paced.adapt(2);
  expect(paced.limit).toBe(68);
});
