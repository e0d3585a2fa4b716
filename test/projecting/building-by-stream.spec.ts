import { expect, jest, test } from '@jest/globals';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { START, StoreUnavailable, type NewEvent } from '../../src/event-store/event-store.js';
import { Relocation } from '../../src/operating/relocation.js';
import { asCheckpoint, placeInStreams, upToOf } from '../../src/projecting/place-in-streams.js';
import { inBatchesOf } from '../support/by-stream.js';
import { added, anEvent, counts, jars, opened, projectJars, takenBack, until, type Service } from './support.js';
import { servicesOfATest } from './services-of-a-test.js';

/* A build goes through the store stream by stream up to where it began, and follows by positions from there. */

const { assembled, owner, started, stopped } = servicesOfATest();
/** Stores events before any read model is there. */
async function given(...appends: readonly (readonly [id: string, ...events: NewEvent[]])[]): Promise<string> {
  const before = await assembled({});
  let last = START;
  for (const [id, ...events] of appends) last = await before.append(id, ...events);
  await stopped(before);
  return last;
}
const positionsOf = async (name: string) =>
  (await owner().query<{ position: string }>('SELECT position FROM ledger.read_models WHERE name = $1', [name])).rows.map(
    ({ position }) => position,
  );

/** So many events are read, and no more from then on. Resolves once they are written into all that is built. */
async function breaksAfter(size: number, one: Service): Promise<void> {
  const reading = inBatchesOf(size, one.store, async () => {
    reading.mockImplementation(() => {
      throw new StoreUnavailable('gone');
    });
    await until(async () => (await owner().query("SELECT FROM ledger.read_models WHERE position = ''")).rows.length === 0);
    throw new StoreUnavailable('gone');
  });
  await one.followers.start();
  await until(async () => (await owner().query("SELECT FROM ledger.read_models WHERE position = ''")).rows.length === 0);
}

const countsIn = async ({ readModels }: Service) => readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts');

test('stream after stream, each folded whole, whatever stands between its events', async () => {
  const mistaken = added(50);
  const token = await given(
    ['a', opened('Ann'), added(1)],
    ['b', opened('Ben'), mistaken],
    ['a', added(2)],
    ['c', opened('Cid'), added(4)],
    ['b', added(8), takenBack(mistaken)],
    ['c', anEvent('PersonalDataErased', {})],
    ['a', added(16)],
  );
  const seen: string[][] = [];
  const project = async (...[changes, tx]: Parameters<typeof projectJars>): Promise<void> => {
    seen.push(changes.map(({ event }) => event.stream));
    await projectJars(changes, tx);
  };
  const one = await assembled({ projections: [jars(1, project)] });
  const reading = inBatchesOf(4, one.store, () => until(async () => placeInStreams((await positionsOf('jars'))[0] ?? '') !== undefined));
  await one.followers.start();
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 19, 'jar-b': 8, 'jar-c': 4 });
  expect(await one.readModels.query('jars', "SELECT stream FROM {jars}.jars WHERE owner = 'erased'")).toEqual([{ stream: 'jar-c' }]);
  expect(reading).toHaveBeenCalledTimes(1);
  expect(seen[0]).toEqual(['jar-a', 'jar-a', 'jar-a', 'jar-a']);
});

test('one that was killed half built stands nowhere, and goes on where it was', async () => {
  const token = await given(
    ['a', opened('Ann'), added(1)],
    ['b', opened('Ben'), added(2), added(3)],
    ['c', opened('Cid')],
    ['a', added(4)],
    ['c', added(5)],
  );
  const build = { projections: [jars(), counts()] };
  const one = await assembled(build);
  await breaksAfter(4, one);
  const [position = ''] = await positionsOf('jars');
  expect(placeInStreams(position)).toEqual({ upTo: token, after: { begun: expect.any(String), revision: 0 } });
  expect([position > START, position < '0']).toEqual([true, true]);
  expect(await one.generations.swap({ name: 'jars', generation: 1 })).toBe(false);
  await expect(one.jarsIn()).rejects.toMatchObject({ code: 'read-model-behind' });
  expect(await one.status.status()).toContainEqual(
    expect.objectContaining({ name: 'jars', position: START, caughtUp: false, building: expect.stringContaining('stream by stream') }),
  );
  const later = await one.append('a', added(6));
  await stopped(one);

  const two = await assembled(build);
  const reading = jest.spyOn(two.store, 'readByStream');
  await two.followers.start();
  expect(await two.jarsIn(later)).toEqual({ 'jar-a': 11, 'jar-b': 5, 'jar-c': 5 });
  await two.readModels.waitFor('event-counts', later);
  expect(await countsIn(two)).toEqual([{ events: 9 }]);
  expect(reading.mock.calls.map(([range]) => range)).toEqual([placeInStreams(position)]);
});

test('what is stored while it goes through the streams comes once, after them', async () => {
  await given(['a', opened('Ann'), added(1)], ['b', opened('Ben'), added(2)], ['a', added(4)]);
  const one = await assembled({ projections: [jars(), counts()] });
  let last = '';
  inBatchesOf(1, one.store, async read => {
    if (read === 2) await one.append('new', opened('Eve'), added(8));
    if (read < 5) last = await one.append('a', added(16));
  });
  await one.followers.start();
  expect(await one.jarsIn(last)).toEqual({ 'jar-a': 69, 'jar-b': 2, 'jar-new': 8 });
  await one.readModels.waitFor('event-counts', last);
  expect(await countsIn(one)).toEqual([{ events: 11 }]);
});

test('a poison event holds back the rest of its stream, and no other', async () => {
  const token = await given(['a', opened('Ann'), added(1)], ['b', opened('Ben'), added(66), added(2)], ['a', added(4)], ['b', added(8)]);
  let cured = false;
  const project = async (...[changes, tx]: Parameters<typeof projectJars>): Promise<void> => {
    if (!cured && changes.some(({ event }) => (event.data as { count?: number }).count === 66)) throw new Error('poison');
    await projectJars(changes, tx);
  };
  const one = await started({ projections: [jars(1, project)] });
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 5, 'jar-b': 0 });
  const { rows } = await owner().query('SELECT stream, revision FROM ledger.parked_events ORDER BY position');
  expect(rows).toEqual([1, 2, 3].map(revision => ({ stream: 'jar-b', revision })));
  cured = true;
  expect(await one.repair.retryParked('jars')).toMatchObject({ applied: 3, stillParked: [] });
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 5, 'jar-b': 76 });
});

test('a stream longer than what is read at a time is folded on from where it was', async () => {
  const many = Array.from({ length: 1_200 }, () => added(1));
  const token = await given(
    ['a', opened('Ann')],
    ['long', opened('Ben'), ...many],
    ['long', ...many],
    ['b', opened('Cid')],
    ['a', added(3)],
  );
  const one = await assembled({ projections: [jars(), counts()] });
  const alone = jest.spyOn(one.store, 'readStream');
  await one.followers.start();
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 3, 'jar-b': 0, 'jar-long': 2_400 });
  await one.readModels.waitFor('event-counts', token);
  expect(await countsIn(one)).toEqual([{ events: 2_404 }]);
  expect(alone).not.toHaveBeenCalled();
});

test('of two that are built together, of which one could not write, each takes every event once', async () => {
  const many = Array.from({ length: 1_200 }, () => added(1));
  await given(['a', opened('Ann')], ['b', opened('Ben'), ...many], ['a', ...many]);
  let failed = false;
  const failing = {
    ...jars(),
    project: async (...given: Parameters<typeof projectJars>): Promise<void> => {
      // The other has written by then.
      if (!failed) await until(async () => (await positionsOf('event-counts'))[0] !== START);
      if (failed) return projectJars(...given);
      failed = true;
      throw new DatabaseUnavailable('gone');
    },
  };
  const one = await assembled({ projections: [failing, counts()] });
  const newest = one.store.newest.bind(one.store);
  const asked = jest.spyOn(one.store, 'newest').mockImplementation(async () => {
    const end = await newest();
    // When it is asked again, there is more.
    await one.append('b', added(1));
    return end;
  });
  await one.followers.start();
  await until(() => failed);
  asked.mockRestore();
  const last = await one.append('a', added(1));
  await one.readModels.waitFor('event-counts', last);
  const marbles = Object.values(await one.jarsIn(last)).reduce((sum, each) => sum + each, 0);
  const { rows } = await owner().query('SELECT count(*) AS events FROM ledger.events');
  expect(await countsIn(one)).toEqual(rows);
  expect(rows).toEqual([{ events: marbles + 2 }]);
});

test('over an older copy of the store it stops', async () => {
  const token = await given(['a', opened('Ann')], ['b', opened('Ben')]);
  const one = await assembled({ projections: [jars()] });
  await breaksAfter(1, one);
  await stopped(one);
  const beyond = asCheckpoint({ upTo: token.replace(/.$/, '9'), after: { begun: token, revision: 0 } });
  await owner().query('UPDATE ledger.read_models SET position = $1', [beyond]);
  await started({ projections: [jars()] });
  await until(async () => {
    const { rows } = await owner().query<{ stopped: string | null }>('SELECT stopped FROM ledger.read_models');
    return rows[0]?.stopped?.includes("beyond the event store's end") === true;
  });
});

test('half built it does not go to another store, where streams begin elsewhere', async () => {
  await given(['a', opened('Ann')], ['b', opened('Ben')]);
  const one = await assembled({ projections: [jars()] });
  await breaksAfter(1, one);
  const storeId = await one.store.storeId();
  await stopped(one);
  const relocation = await Relocation.begin(owner(), storeId, 'there');
  expect(await relocation.move(storeId, 'there')).toMatchObject({ readModels: 0 });
  await relocation.close();
  const { rows } = await owner().query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rm\\_%'");
  expect([await positionsOf('jars'), rows]).toEqual([[], []]);
});

test('those that stand apart are brought to one place, from which all go on', () => {
  const at = (position: string, building = true) => ({ position, building });
  const halfway = asCheckpoint({ upTo: '0050', after: { begun: '0012', revision: 3 } });
  expect(upToOf([at(START), at(START)], '0070')).toBe('0070');
  expect(upToOf([at(START), at(halfway)], '0070')).toBe('0050');
  expect(upToOf([at(START), at('0050'), at('0060')], '0070')).toBe('0050');
  expect(upToOf([at(START, false)], '0070')).toBe(START);
  expect(upToOf([at('0050'), at('0060')], '0070')).toBe(START);
  expect(upToOf([at(START)], START)).toBe(START);
});
