import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { SYSTEM } from '../../src/event-store/actor.js';
import type { Receipt } from '../../src/event-store/act.js';
import type { Position } from '../../src/event-store/event-store.js';
import { AddMarbles, added, addMarbles, counts, anEvent, jars, opened, projectJars, takenBack, until } from './support.js';
import { servicesOfATest } from './services-of-a-test.js';

const NOW = '2020-01-02T00:00:00Z';
const { assembled, owner, started, stopped } = servicesOfATest();
const checkpointsOf = async () =>
  (
    await owner().query<{ name: string; generation: number; state: string; position: string; stopped: string | null }>(
      'SELECT name, generation, state, position, stopped FROM ledger.read_models ORDER BY name, generation',
    )
  ).rows;
const stopsWith = (message: RegExp) => until(async () => (await checkpointsOf()).some(row => message.test(row.stopped ?? '')));

test('rows follow events, and a reader with a token sees its own write', async () => {
  const one = await started({ projections: [jars(), counts()] });
  await one.append('a', opened('Ann'), added(3));
  await one.append('b', opened('Ben'));
  const token = await one.append('a', added(4));
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 7, 'jar-b': 0 });
  await one.readModels.waitFor('event-counts', token);
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 4 }]);
  const [status] = await one.status.status();
  expect(status).toEqual({ name: 'jars', isServed: true, position: token, caughtUp: true, lagSeconds: 0, lagEvents: 0, parked: 0 });
});

test('events delivered twice leave the same rows', async () => {
  const one = await started({ projections: [jars()] });
  await one.append('a', opened('Ann'), added(3));
  const token = await one.append('b', opened('Ben'), added(5));
  const before = await one.jarsIn(token);
  await stopped(one);
  await owner().query("UPDATE ledger.read_models SET position = ''");
  const again = await started({ projections: [jars()] });
  expect(await again.jarsIn(token)).toEqual(before);
});

test('rows and checkpoint move together or not at all', async () => {
  let broken = true;
  const one = await assembled({
    projections: [
      jars(),
      {
        ...counts(),
        project: async (changes, tx) => {
          await counts().project(changes, tx);
          if (broken)
            await owner().query(
              'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND state = $2 AND datname = ' +
                'current_database()',
              ['spec', 'idle in transaction'],
            );
          broken = false;
        },
      },
    ],
  });
  await one.append('a', opened('Ann'), added(3));
  const token = await one.append('a', added(2));
  await one.followers.start();
  await one.readModels.waitFor('event-counts', token);
  expect(broken).toBe(false);
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 3 }]);
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 5 });
});

test('whatever connections are cut, every event is written once', async () => {
  const one = await started({ projections: [jars(), counts()] });
  for (let round = 0; round < 8; round++) {
    for (let jar = 0; jar < 20; jar++) await one.append(`j${round}-${jar}`, opened('Ann'), added(1)).catch(() => undefined);
    await owner().query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spec' AND datname = current_database()",
    );
  }
  const stored = (
    await owner().query<{ events: number; position: string }>(
      "SELECT count(*) AS events, lpad(max(position)::text, 19, '0') AS position FROM ledger.events",
    )
  ).rows[0];
  await until(async () => (await checkpointsOf()).every(({ position }) => position === stored?.position));
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: stored?.events }]);
  expect(Object.values(await one.jarsIn()).reduce((sum, marbles) => sum + marbles, 0)).toBe((stored?.events ?? 0) / 2);
});

test('of two processes one leads; the other takes over when the leader loses its session', async () => {
  const build = { projections: [jars(), counts()] };
  const one = await started(build, 'one');
  const two = await started(build, 'two');
  const token = await two.append('a', opened('Ann'), added(1));
  expect(await two.jarsIn(token)).toEqual({ 'jar-a': 1 });
  const holders = async () =>
    (
      await owner().query<{ name: string }>(
        "SELECT DISTINCT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND " +
          "mode = 'ExclusiveLock' AND application_name IN ('one', 'two') AND datname = current_database()",
      )
    ).rows.map(({ name }) => name);
  expect(await holders()).toEqual(['one']);
  // The leader must not win its locks back before the other looks.
  one.leadership.acquire = async () => false;
  await owner().query(
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND " +
      "application_name = 'one' AND datname = current_database()",
  );
  await until(async () => (await holders()).includes('two'));
  const next = await one.append('a', added(2));
  expect(await two.jarsIn(next)).toEqual({ 'jar-a': 3 });
  await two.readModels.waitFor('event-counts', next);
  expect(await two.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 3 }]);
});

test('no reader counts on what a crash of the database took back', async () => {
  const one = await started({ projections: [jars()] }, 'one');
  const two = await assembled({ projections: [jars()] }, 'two');
  const before = await one.append('a', opened('Ann'));
  await one.readModels.waitFor('jars', before);
  const token = await one.append('a', added(1));
  expect(await two.jarsIn(token)).toEqual({ 'jar-a': 1 });
  await one.followers.stop();
  const lost = new Promise<void>(resolve => {
    two.leadership.onLoss(resolve);
  });
  await owner().query('UPDATE ledger.read_models SET position = $1', [before]);
  await owner().query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'two' AND datname = current_database()",
  );
  await lost;
  let shown = false;
  const waiting = (async () => {
    await two.readModels.waitFor('jars', token);
    shown = true;
  })();
  await until(() =>
    two.readModels.refresh().then(
      () => true,
      () => false,
    ),
  );
  expect(shown).toBe(false);
  await owner().query('UPDATE ledger.read_models SET position = $1', [token]);
  await waiting;
});

test('two that both believe they lead never write the same events twice', async () => {
  const build = { projections: [counts()] };
  const one = await assembled(build, 'one');
  const two = await assembled(build, 'two');
  for (const each of [one, two]) each.leadership.acquire = async () => true;
  await Promise.all([one.followers.start(), two.followers.start()]);
  let token = '';
  for (let jar = 0; jar < 50; jar++) token = await one.append(`j${jar}`, opened('Ann'), added(1));
  await one.readModels.waitFor('event-counts', token);
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 100 }]);
});

/** Thirteen marbles cannot be written. */
const superstitious = (isMended: () => boolean = () => false) =>
  jars(1, async (changes, tx) => {
    const unlucky = changes.some(({ event }) => (event.data as { count?: number }).count === 13);
    if (unlucky && !isMended()) await tx.query('SELECT 1 / 0');
    await projectJars(changes, tx);
  });

test('a poison event parks its stream alone, and is applied in order once the fault is mended', async () => {
  let mended = false;
  const one = await started({ projections: [superstitious(() => mended), counts()] });
  await one.append('a', opened('Ann'), added(13));
  await one.append('b', opened('Ben'), added(2));
  await one.append('a', added(4));
  const token = await one.append('b', added(2));
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 0, 'jar-b': 4 });
  expect(await one.readModels.parked('jars')).toBe(1);
  expect(await one.readModels.parked('event-counts')).toBe(0);
  await one.readModels.waitFor('event-counts', token);
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 6 }]);
  await expect(one.readModels.assertNotParked('jars', 'jar-a')).rejects.toMatchObject({ code: 'read-model-behind' });
  await one.readModels.assertNotParked('jars', 'jar-b');
  const named = 'SELECT stream FROM {jars}.jars WHERE stream <> $1 ORDER BY stream DESC';
  expect(await one.readModels.queryBesideParked('jars', named, [''])).toEqual({
    rows: [{ stream: 'jar-b' }, { stream: 'jar-a' }],
    parked: 1,
  });
  for (const [stream, parked] of [
    ['jar-a', 1],
    ['jar-b', 0],
  ] as const)
    expect(await one.readModels.queryBesideParked('jars', `${named} LIMIT 0`, [''], { stream })).toEqual({ rows: [], parked });
  const { rows } = await owner().query<{ revision: number; type: string; error: string | null }>(
    'SELECT revision, type, error FROM ledger.parked_events ORDER BY revision',
  );
  expect(rows).toEqual([
    { revision: 1, type: 'MarblesAdded', error: expect.stringContaining('22012') },
    { revision: 2, type: 'MarblesAdded', error: null },
  ]);

  expect(await one.repair.retryParked('jars')).toEqual({ applied: 0, stillParked: ['jar-a'] });
  mended = true;
  expect(await one.repair.retryParked('jars')).toEqual({ applied: 2, stillParked: [] });
  expect(await one.jarsIn()).toEqual({ 'jar-a': 17, 'jar-b': 4 });
  const later = await one.append('a', added(1));
  expect(await one.jarsIn(later)).toMatchObject({ 'jar-a': 18 });
  expect(await one.readModels.parked('jars')).toBe(0);
});

test('an event that cannot be folded parks its stream in every read model, and an erasure is applied all the same', async () => {
  const one = await started({ projections: [jars(), counts()] });
  const unfoldable = anEvent('MarblesAdded', null as never);
  await one.append('a', opened('Ann'), added(3), unfoldable, added(4));
  const token = await one.append('b', opened('Ben'), added(2));
  expect(await one.jarsIn(token)).toEqual({ 'jar-a': 3, 'jar-b': 2 });
  await one.readModels.waitFor('event-counts', token);
  expect(await one.readModels.query('event-counts', 'SELECT events FROM {event-counts}.counts')).toEqual([{ events: 4 }]);
  for (const name of ['jars', 'event-counts']) expect(await one.readModels.parked(name)).toBe(1);
  await expect(one.readModels.assertNotParked('jars', 'jar-a')).rejects.toMatchObject({ code: 'read-model-behind' });
  expect(await one.repair.retryParked('jars')).toEqual({ applied: 0, stillParked: ['jar-a'] });

  await stopped(one);
  const two = await started({ projections: [jars(), counts()] });
  const last = await two.append('a', added(1), anEvent('PersonalDataErased', {}));
  expect(await two.jarsIn(last)).toEqual({ 'jar-a': 3, 'jar-b': 2 });
  expect(await two.readModels.query('jars', "SELECT owner FROM {jars}.jars WHERE stream = 'jar-a'")).toEqual([{ owner: 'erased' }]);
  const { rows } = await owner().query<{ revision: number; error: string | null }>(
    "SELECT revision, error FROM ledger.parked_events WHERE read_model = 'jars' ORDER BY revision",
  );
  expect(rows).toEqual([
    { revision: 2, error: expect.stringContaining('TypeError') },
    ...[3, 4, 5].map(revision => ({ revision, error: null })),
  ]);
});

test('parked streams stay parked when another process takes over', async () => {
  const one = await started({ projections: [superstitious()] });
  await one.readModels.waitFor('jars', await one.append('a', opened('Ann'), added(13)));
  await stopped(one);
  const two = await started({ projections: [superstitious()] });
  const token = await two.append('a', added(1));
  expect(await two.jarsIn(token)).toEqual({ 'jar-a': 0 });
  expect((await two.status.status())[0]).toMatchObject({ parked: 1, caughtUp: true });
});

test('an erasure is applied although its stream is parked', async () => {
  const one = await started({ projections: [superstitious()] });
  await one.append('a', opened('Ann'), added(13));
  const token = await one.append('a', anEvent('PersonalDataErased', {}));
  await one.readModels.waitFor('jars', token);
  expect(await one.readModels.query('jars', 'SELECT owner FROM {jars}.jars')).toEqual([{ owner: 'erased' }]);
  expect(await one.readModels.parked('jars')).toBe(1);
});

test('a read model that cannot apply an erasure stops, the others go on', async () => {
  const one = await started({
    projections: [
      counts(),
      jars(1, async (changes, tx) => {
        if (changes.some(({ event }) => event.type === 'PersonalDataErased')) throw new Error('Ann');
        await projectJars(changes, tx);
      }),
    ],
  });
  await one.append('a', opened('Ann'));
  const token = await one.append('a', anEvent('PersonalDataErased', {}));
  await one.readModels.waitFor('event-counts', token);
  await stopsWith(/jars cannot apply PersonalDataErased of jar-a/);
  expect(JSON.stringify(await checkpointsOf())).not.toContain('Ann');
});

test.each([
  ['type', anEvent('JarBroken', {}), /holds JarBroken version 1/],
  ['schema version', anEvent('MarblesAdded', { count: 1 }, 2), /holds MarblesAdded version 2/],
])('an unknown %s stops the projector', async (_, event, message) => {
  const one = await started({ projections: [jars()] });
  const token = await one.append('a', opened('Ann'));
  await one.readModels.waitFor('jars', token);
  await one.append('a', event);
  await one.append('b', opened('Ben'));
  await stopsWith(message);
  expect((await checkpointsOf()).map(({ position }) => position)).toEqual([token]);
  expect((await one.status.status())[0]).toMatchObject({ stopped: expect.stringMatching(message), caughtUp: false, lagEvents: 2 });
  expect(await one.repair.retryParked('jars')).toEqual({ applied: 0, stillParked: [], stopped: expect.stringMatching(message) });
});

test('where another store is followed nothing starts; a checkpoint beyond the end of this one stops the projector', async () => {
  const first = await started({ projections: [jars()] });
  await stopped(first);
  await owner().query("UPDATE ledger.read_models SET store_id = 'another'");
  await expect(started({ projections: [jars()] })).rejects.toThrow(/^EVENT_STORE_URL: .* jars follows another/);
  await owner().query(
    "UPDATE ledger.read_models SET store_id = (SELECT store_id::text FROM ledger.store), position = '99999999999999999999', stopped = NULL",
  );
  await started({ projections: [jars()] });
  await stopsWith(/beyond the event store's end/);
});

test('a stream that is no longer kept is folded from the store', async () => {
  const one = await started({ projections: [jars()] });
  await one.readModels.waitFor('jars', await one.append('a', opened('Ann'), added(3)));
  await stopped(one);
  const two = await started({ projections: [jars()] });
  expect(await two.jarsIn(await two.append('a', added(4)))).toEqual({ 'jar-a': 7 });
});

test('what was folded to decide a command is not read again to follow what it stored', async () => {
  const one = await started({ projections: [jars()] });
  await one.readModels.waitFor('jars', await one.append('a', opened('Ann'), added(3)));
  await stopped(one);
  const two = await started({ projections: [jars()] });
  const reading = jest.spyOn(two.store, 'readStream');
  // The read model may be as far before who decided is answered.
  const append = two.store.append.bind(two.store);
  jest.spyOn(two.store, 'append').mockImplementation(async requests => {
    const results = await append(requests);
    for (const result of results) if (result.outcome === 'ok') await two.readModels.waitFor('jars', result.position);
    return results;
  });
  const add = async (count: number): Promise<Position> => {
    const context = { actor: SYSTEM, commandId: randomUUID(), correlationId: randomUUID(), causationId: randomUUID(), now: NOW };
    const act = Object.assign(new AddMarbles(count), { streamId: 'a', context });
    return ((await addMarbles(two.ledger, act)) as Receipt).position as Position;
  };
  expect(await two.jarsIn(await add(4))).toEqual({ 'jar-a': 7 });
  expect(reading.mock.calls).toEqual([['jar-a', { from: 0 }]]);
  // What another process, or a test, stores in between nobody here has folded.
  await two.append('a', added(10));
  expect(await two.jarsIn(await add(20))).toEqual({ 'jar-a': 37 });
});

test('what was taken back counts no more: beside it, in a later batch, after a restart and when a parked stream is mended', async () => {
  let mended = false;
  const one = await started({ projections: [superstitious(() => mended)] });
  const [first, second, unlucky] = [added(3), added(5), added(13)];
  expect(await one.jarsIn(await one.append('a', opened('Ann'), first, takenBack(first), second))).toEqual({ 'jar-a': 5 });
  await one.append('b', opened('Ben'), added(1));
  expect(await one.jarsIn(await one.append('a', takenBack(second)))).toEqual({ 'jar-a': 0, 'jar-b': 1 });
  expect(await one.jarsIn(await one.append('a', added(4)))).toEqual({ 'jar-a': 4, 'jar-b': 1 });
  await stopped(one);

  const two = await started({ projections: [superstitious(() => mended)] });
  expect(await two.jarsIn(await two.append('a', added(2)))).toEqual({ 'jar-a': 6, 'jar-b': 1 });
  await two.readModels.waitFor('jars', await two.append('a', unlucky, takenBack(unlucky), added(1)));
  mended = true;
  expect(await two.repair.retryParked('jars')).toMatchObject({ stillParked: [] });
  expect(await two.jarsIn()).toEqual({ 'jar-a': 7, 'jar-b': 1 });
});
