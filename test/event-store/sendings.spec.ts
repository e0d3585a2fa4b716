import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, NativeEvent, Reading } from '../../src/event-store/eventstoredb/clients.js';
import { Connection } from '../../src/event-store/eventstoredb/connection.js';
import { Pages } from '../../src/event-store/eventstoredb/pages.js';
import { toPosition } from '../../src/event-store/eventstoredb/positions.js';
import { Sendings } from '../../src/event-store/eventstoredb/sendings.js';

const at = (place: number) => ({ commit: BigInt(place), prepare: BigInt(place) });
const positionOf = (place: number) => toPosition(at(place));
const stored = (place: number, sending?: string): NativeEvent =>
  ({ streamId: 'case-1', id: String(place), revision: 0n, type: 'CaseOpened', data: {}, metadata: { sending }, position: at(place) });

/** A store of these events, which counts the pages read of it. */
function over(events: readonly NativeEvent[]) {
  const read: { fails: boolean; from: bigint[] } = { fails: false, from: [] };
  const client = {
    readAll: ({ from, maxCount }: Parameters<Client['readAll']>[0]): Reading => {
      const start = (from as { commit: bigint }).commit;
      read.from.push(start);
      return (async function* () {
        await sleep(5);
        if (read.fails) throw Object.assign(new Error('gone'), { type: 'access-denied' });
        for (const event of events.filter(({ position }) => position!.commit >= start).slice(0, maxCount)) yield { event };
      })();
    },
    dispose: async () => undefined,
  } as Partial<Client> as Client;
  return { sendings: new Sendings(new Pages(new Connection(() => client))), read };
}

test('asks once for all that came meanwhile, and not again for what a page held already', async () => {
  const { sendings, read } = over([stored(10, 'a'), stored(20, 'b'), stored(30, 'c'), stored(40)]);
  const first = sendings.stands('b', positionOf(20));
  const together = [sendings.stands('c', positionOf(30)), sendings.stands('x', positionOf(30)), sendings.stands('d', positionOf(40))];
  expect(await first).toBe(true);
  expect(await Promise.all(together)).toEqual([true, false, false]);
  // It lies before what was read: an old append, of which nothing is known any more.
  expect(await sendings.stands('a', positionOf(10))).toBe(false);
  expect(read.from).toEqual([20n]);
});

test('claims nothing that it could not look up, and looks again for the next', async () => {
  const { sendings, read } = over([stored(10, 'a'), stored(20, 'b')]);
  read.fails = true;
  expect(await sendings.stands('a', positionOf(10))).toBe(false);
  read.fails = false;
  expect(await sendings.stands('b', positionOf(20))).toBe(true);
});

test('claims nothing that lies beyond the page', async () => {
  const { sendings, read } = over(Array.from({ length: 3_000 }, (_, n) => stored(n + 1, `of ${n + 1}`)));
  const stands = (place: number) => sendings.stands(`of ${place}`, positionOf(place));
  expect(await Promise.all([stands(1), stands(1_500), stands(3_000)])).toEqual([true, true, false]);
  expect(await stands(3_000)).toBe(true);
  expect(read.from).toEqual([1n, 1_500n, 3_000n]);
});
