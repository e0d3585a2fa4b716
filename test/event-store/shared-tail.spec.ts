import type { Position, StoredEvent } from '../../src/event-store/event-store.js';
import { SharedTail } from '../../src/event-store/postgres/shared-tail.js';

const at = (number: number): Position => String(number).padStart(4, '0');
const LIMIT = 10;

let stored: StoredEvent[] = [];
let reads: Position[] = [];
let tail: SharedTail;
beforeEach(() => {
  stored = [];
  reads = [];
  tail = tailApart(60_000);
});

const tailApart = (apartMs: number): SharedTail =>
  new SharedTail(async (after, limit) => {
    reads.push(after);
    return stored.filter(({ position }) => position > after).slice(0, limit);
  }, apartMs);

function store(count: number, kib = 0): void {
  for (let left = count; left > 0; left--)
    stored.push({ position: at(stored.length + 1), personal: 'x'.repeat(kib * 1_024) } as Partial<StoredEvent> as StoredEvent);
}

const look = async (after: number, ticket = 0, breaks = 0) => {
  const { events, isEnd } = await tail.look(after === 0 ? '' : at(after), LIMIT, { ticket, breaks });
  return { positions: events.map(({ position }) => Number(position)), isEnd };
};

describe('the newest events', () => {
  test('are read once for all who follow them', async () => {
    store(3);
    const both = await Promise.all([look(0), look(0)]);
    expect(both).toEqual([
      { positions: [1, 2, 3], isEnd: true },
      { positions: [1, 2, 3], isEnd: true },
    ]);
    expect(await look(1)).toEqual({ positions: [2, 3], isEnd: true });
    expect(await look(3)).toEqual({ positions: [], isEnd: true });
    expect(reads).toEqual(['']);
  });

  test('are looked for again after a hint, also by who shared a look that began before it', async () => {
    store(1);
    const [before, after] = await Promise.all([look(0, 0), look(0, 1)]);
    expect([before.isEnd, after.isEnd]).toEqual([true, false]);
    store(1);
    expect(await look(1, 1)).toEqual({ positions: [2], isEnd: true });
    expect(await look(1, 2)).toEqual({ positions: [2], isEnd: false });
  });

  test('are looked for again without a hint after a while: one may be lost', async () => {
    tail = tailApart(0);
    store(1);
    await look(0);
    store(1);
    expect(await look(1)).toEqual({ positions: [2], isEnd: true });
  });

  test('are not the end where as many were read as were asked for', async () => {
    store(LIMIT + 1);
    expect((await look(0)).isEnd).toBe(false);
    expect(await look(LIMIT)).toEqual({ positions: [LIMIT + 1], isEnd: true });
    expect((await look(0)).isEnd).toBe(false);
  });

  test('are let go of when another database answers, and what was asked of the one before is not kept', async () => {
    store(2);
    const asked = look(0, 0, 0);
    stored = [];
    store(1);
    expect(await look(0, 0, 1)).toEqual({ positions: [1], isEnd: true });
    await asked;
    expect(await look(0, 0, 1)).toEqual({ positions: [1], isEnd: true });
    stored = [];
    expect(await look(0, 0, 2)).toEqual({ positions: [], isEnd: true });
  });

  test('go on without a gap: who has fallen behind reads for itself, and displaces nothing', async () => {
    store(40);
    await look(30);
    expect((await look(0)).positions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await look(25)).positions).toEqual([26, 27, 28, 29, 30, 31, 32, 33, 34, 35]);
    expect((await look(30)).positions).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    expect(reads.map(Number)).toEqual([30, 0, 25]);
  });

  test('are kept up to a weight', async () => {
    store(3 * LIMIT, 300);
    for (const after of [0, LIMIT, 2 * LIMIT]) await look(after);
    await look(0);
    await look(2 * LIMIT);
    expect(reads.map(Number)).toEqual([0, 10, 20, 0]);
  });

  test('are asked for anew where reading failed', async () => {
    let fails = true;
    tail = new SharedTail(async () => {
      if (fails) throw new Error('away');
      return [];
    }, 60_000);
    await Promise.all([expect(look(0)).rejects.toThrow('away'), expect(look(0)).rejects.toThrow('away')]);
    fails = false;
    expect(await look(0)).toEqual({ positions: [], isEnd: true });
  });
});
