import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { EventStore, NewEvent, StoredEvent } from '../../src/event-store/event-store.js';
import { FoldedStreams } from '../../src/event-store/folded-streams.js';
import { EventsMissing } from '../../src/event-store/recorded-events.js';
import type { PersonalData } from '../../src/personal-data/personal-data.js';
import { added, jarKind, opened, takenBack } from '../projecting/support.js';

const inTheOpen = { openAll: async (events: readonly StoredEvent[]) => events.map(() => null) } as unknown as PersonalData;

/** A jar in memory, read in batches of three; says from where it was read. */
function jar(rememberMs?: number) {
  const events: StoredEvent[] = [];
  const readFrom: number[] = [];
  const readStream: EventStore['readStream'] = async function* readStream(_, { from = 0, to = Number.MAX_SAFE_INTEGER } = {}) {
    readFrom.push(from);
    for (let next = from; next <= Math.min(to, events.length - 1); next += 3) yield events.slice(next, Math.min(next + 3, to + 1));
  };
  const streams = new FoldedStreams({ readStream } as EventStore, inTheOpen, undefined, rememberMs);
  const give = (...given: readonly NewEvent[]): StoredEvent[] => {
    const placed = given.map((event, index) => ({
      ...event,
      stream: 'jar-a',
      revision: events.length + index,
      position: String(events.length + index),
    }));
    events.push(...placed);
    return placed;
  };
  const fresh = async () => {
    const {
      state: { marbles },
      revision,
    } = await streams.fresh(jarKind, 'a');
    return { marbles, revision };
  };
  return { streams, give, fresh, readFrom };
}

test('only the tail is read, until it takes back what is folded already', async () => {
  const { give, fresh, readFrom } = jar();
  const [mistaken, right] = [added(3), added(4)];
  give(opened('Ann'), mistaken, right);
  expect(await fresh()).toEqual({ marbles: 7, revision: 2 });
  give(added(1));
  expect(await fresh()).toEqual({ marbles: 8, revision: 3 });
  expect(readFrom).toEqual([0, 2]);
  give(takenBack(mistaken), added(2));
  expect(await fresh()).toEqual({ marbles: 7, revision: 5 });
  expect(readFrom).toEqual([0, 2, 3, 0]);
  give(added(5));
  expect(await fresh()).toEqual({ marbles: 12, revision: 6 });
  expect(readFrom.slice(4)).toEqual([5]);
});

test('a stream that nobody keeps is folded without what any of its batches takes back', async () => {
  const { give, fresh } = jar();
  const [one, two, three] = [added(1), added(20), added(300)];
  give(opened('Ann'), one, two, takenBack(one), three, added(4000), takenBack(three), added(50_000));
  expect(await fresh()).toEqual({ marbles: 54_020, revision: 7 });
});

test('after its own append too, and the commands are remembered', async () => {
  const { streams, give, fresh } = jar();
  const mistaken = added(3);
  const before = await streams.advance(jarKind, await streams.fresh(jarKind, 'a'), give(opened('Ann'), mistaken, added(4)));
  const retraction = takenBack(mistaken);
  const after = await streams.appended(jarKind, before, give(retraction), [null]);
  expect(after).toMatchObject({ state: { marbles: 4 }, revision: 3 });
  expect(after.commands.get(retraction.metadata.commandId)?.events).toEqual([{ id: retraction.id, type: 'MarblesTakenBack', revision: 3 }]);
  expect(after.commands.size).toBe(4);
  expect(before.state.marbles).toBe(7);
  give(added(1));
  expect(await fresh()).toEqual({ marbles: 5, revision: 4 });
});

test('what nobody asks for is not kept for long', async () => {
  const { streams, give, fresh, readFrom } = jar(20);
  give(opened('Ann'), added(1));
  await fresh();
  expect(streams.peek(jarKind, 'jar-a')).toBeDefined();
  await sleep(40);
  expect(streams.peek(jarKind, 'jar-a')).toBeUndefined();
  expect(await fresh()).toEqual({ marbles: 1, revision: 1 });
  expect(readFrom).toEqual([0, 0]);
});

// As of a stream that an administrator limited ($tb, $maxCount, $maxAge), or of which a row was deleted.
test.each([
  ['first', 0],
  ['fourth', 3],
])('a stream that lacks its %s event is not folded, whatever it still holds', async (_, lost) => {
  const { streams, give, fresh } = jar();
  give(opened('Ann'), added(1), added(20), added(300), added(4000));
  expect(await fresh()).toEqual({ marbles: 4321, revision: 4 });
  const { readStream } = streams['store'];
  const limited: EventStore['readStream'] = async function* limited(...range) {
    for await (const batch of readStream(...range)) yield batch.filter(({ revision }) => revision !== lost);
  };
  const others = new FoldedStreams({ readStream: limited } as EventStore, inTheOpen);
  await expect(others.fresh(jarKind, 'a')).rejects.toThrow(new EventsMissing('jar-a', lost));
});
