import { setTimeout as sleep } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import type { Projection } from '../../src/projecting/projection.js';
import { added, counts, jars, opened, projectJars, until, type Jar } from './support.js';
import { servicesOfATest } from './services-of-a-test.js';

const { assembled, owner, started, stopped } = servicesOfATest();
const generationsOf = async (name: string) =>
  (
    await owner().query<{ generation: number; state: string }>(
      'SELECT generation, state FROM ledger.read_models WHERE name = $1 ORDER BY generation',
      [name],
    )
  ).rows.map(({ generation, state }) => `${generation} ${state}`);

test('over an empty store every read model is live at once', async () => {
  const one = await started({ projections: [jars(), counts()] });
  expect(await generationsOf('jars')).toEqual(['1 live']);
  expect(await one.jarsIn()).toEqual({});
});

test('a read model that is new to a store with events can be read once it is built', async () => {
  const one = await started({ projections: [counts()] });
  const token = await one.append('a', opened('Ann'), added(2));
  await one.readModels.waitFor('event-counts', token);
  await stopped(one);
  const two = await started({ projections: [counts(), jars()] });
  expect(await two.jarsIn(token)).toEqual({ 'jar-a': 2 });
  expect(await generationsOf('jars')).toEqual(['1 live']);
});

test('what was built at once is known to the planner soon after it is live', async () => {
  const one = await started({});
  await one.append('a', opened('Ann'), added(2));
  await stopped(one);
  const two = await started({ projections: [jars()] });
  await two.readModels.waitFor('jars', await two.store.newest());
  const rows = async () =>
    (await owner().query<{ rows: number }>("SELECT reltuples AS rows FROM pg_class WHERE oid = 'rm_jars_1.jars'::regclass")).rows[0]?.rows;
  await until(async () => (await rows()) === 1);
});

test('what a build has folded is not read again once it is live', async () => {
  const one = await started({});
  await one.append('a', opened('Ann'), added(2));
  await stopped(one);
  const two = await assembled({ projections: [jars()] });
  const reading = jest.spyOn(two.store, 'readStream');
  await two.followers.start();
  await two.readModels.waitFor('jars', await two.store.newest());
  // Events come before, while and after it joins those that are live.
  for (let event = 0; event < 25; event++, await sleep(100)) await two.append('a', added(1));
  expect(await two.jarsIn(await two.append('a', added(4)))).toEqual({ 'jar-a': 31 });
  expect(reading).not.toHaveBeenCalled();
});

test('a rebuild runs beside the live generation and takes its place while events arrive', async () => {
  let slow = false;
  const one = await started({
    projections: [
      counts(),
      jars(1, async (changes, tx) => {
        if (slow) await tx.query('SELECT pg_sleep(0.02)');
        await projectJars(changes, tx);
      }),
    ],
  });
  for (let jar = 0; jar < 20; jar++) await one.append(`j${jar}`, opened('Ann'), added(jar));
  slow = true;
  const rebuilt = new AbortController();
  let last = '';
  const passed: number[] = [];
  const arriving = (async () => {
    for (let n = 0; !rebuilt.signal.aborted; n++) {
      last = await one.append('busy', n === 0 ? opened('Ben') : added(1));
      expect(await one.jarsIn(last)).toMatchObject({ 'jar-j19': 19, 'jar-busy': n });
    }
  })();
  await until(() => last !== '');
  await one.repair.rebuild('jars', events => passed.push(events));
  rebuilt.abort();
  await arriving;
  expect(await generationsOf('jars')).toEqual(['1 retired', '2 live']);
  expect((await one.readModels.generationOf('jars')).generation).toBe(2);
  expect(Object.keys(await one.jarsIn(last))).toHaveLength(21);
  expect(passed.reduce((sum, events) => sum + events, 0)).toBeGreaterThanOrEqual(40);
  const after = await one.append('busy', added(5));
  expect((await one.jarsIn(after))['jar-busy']).toBeGreaterThan(4);
});

test('a generation that nobody uses is dropped', async () => {
  const one = await started({ projections: [jars()] });
  await one.repair.rebuild('all');
  expect(await generationsOf('jars')).toEqual(['1 retired', '2 live']);
  await stopped(one);
  await started({ projections: [jars()] });
  await until(async () => (await generationsOf('jars')).length === 1);
  expect(await generationsOf('jars')).toEqual(['2 live']);
  const { rows } = await owner().query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rm\\_%'");
  expect(rows).toEqual([{ nspname: 'rm_jars_2' }]);
});

test('another process may rebuild, whether the service runs or not', async () => {
  const build = { projections: [jars(), counts()] };
  const one = await started(build);
  const token = await one.append('a', opened('Ann'), added(2));
  const operator = await assembled(build);
  await operator.repair.rebuild('jars');
  await one.readModels.refresh();
  expect((await one.readModels.generationOf('jars')).generation).toBe(2);
  expect(await one.jarsIn(await one.append('a', added(3)))).toEqual({ 'jar-a': 5 });
  await stopped(one);
  await operator.repair.rebuild('all');
  expect(await generationsOf('jars')).toContain('3 live');
  expect(await operator.jarsIn(token)).toEqual({ 'jar-a': 5 });
  const again = await started(build);
  expect(await again.jarsIn(await again.append('a', added(1)))).toEqual({ 'jar-a': 6 });
});

test('what a build leaves to its end is there before anybody reads it; where it cannot be made, the build waits for a repair', async () => {
  await owner().query('CREATE TABLE public.gate (open int NOT NULL)');
  await owner().query('INSERT INTO public.gate VALUES (0)');
  await owner().query('GRANT SELECT ON public.gate TO PUBLIC');
  const told: boolean[] = [];
  const tables = `${jars().tables}; CREATE TABLE sums (marbles int NOT NULL)`;
  const completion = 'INSERT INTO sums SELECT sum(marbles) / (SELECT open FROM public.gate) FROM jars HAVING count(*) > 0';
  const project: Projection<Jar>['project'] = async (changes, tx, unfinished) => {
    told.push(unfinished === true);
    await projectJars(changes, tx);
    if (!unfinished) await tx.query('DELETE FROM sums; INSERT INTO sums SELECT sum(marbles) FROM jars');
  };
  const build = { projections: [{ ...jars(1, project), tables, completion }] };
  const sums = async (generation: number) => (await owner().query(`SELECT marbles FROM rm_jars_${generation}.sums`)).rows;
  const one = await started(build);
  await one.append('a', opened('Ann'), added(2));
  await one.jarsIn(await one.append('b', opened('Ben'), added(5)));
  expect(new Set(told.splice(0))).toEqual(new Set([false]));
  await expect(one.repair.rebuild('jars')).rejects.toThrow('it cannot be completed');
  expect(await generationsOf('jars')).toEqual(['1 live', '2 building']);
  expect(new Set(told.splice(0))).toEqual(new Set([true]));
  expect(await sums(2)).toEqual([]);
  await stopped(one);

  await owner().query('UPDATE public.gate SET open = 1');
  const two = await started(build);
  await until(async () => (await generationsOf('jars')).includes('2 live'));
  expect(await sums(2)).toEqual([{ marbles: 7 }]);
  expect(told).toEqual([]);
  expect(await two.jarsIn(await two.append('a', added(3)))).toEqual({ 'jar-a': 5, 'jar-b': 5 });
  expect(await sums(2)).toEqual([{ marbles: 10 }]);
  expect(told).not.toContain(true);
});

test('new code builds its own generation; an older process keeps its tables, and gets them back after a return', async () => {
  const renamed = {
    ...jars(2, async (changes, tx) => {
      const last = new Map(changes.map(({ event, after }) => [event.stream, (after as { marbles: number }).marbles]));
      await tx.query(
        'INSERT INTO jars SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT (stream) DO UPDATE SET glass = excluded.glass',
        [[...last.keys()], [...last.values()]],
      );
    }),
    tables: 'CREATE TABLE jars (stream text PRIMARY KEY, glass int NOT NULL)',
  };
  const older = await started({ projections: [jars()] });
  const first = await older.append('a', opened('Ann'), added(2));
  await older.readModels.waitFor('jars', first);
  const newer = await started({ projections: [renamed] });
  await until(async () => (await generationsOf('jars')).includes('2 live'));
  const token = await newer.append('a', added(3));
  await newer.readModels.waitFor('jars', token);
  expect(await newer.readModels.query('jars', 'SELECT glass FROM {jars}.jars')).toEqual([{ glass: 5 }]);
  expect(await older.jarsIn(token)).toEqual({ 'jar-a': 5 });
  await stopped(newer);
  await stopped(older);
  const returned = await started({ projections: [jars()] });
  expect(await returned.jarsIn(token)).toEqual({ 'jar-a': 5 });
  await until(async () => (await generationsOf('jars')).includes('1 live'));
});

test('new code whose tables are not there yet says that it is behind', async () => {
  const older = await started({ projections: [jars()] });
  await older.append('a', opened('Ann'));
  const newer = await assembled({ projections: [{ ...jars(2), tables: 'CREATE TABLE bottles (stream text)' }] });
  await expect(newer.readModels.query('jars', 'SELECT * FROM {jars}.bottles')).rejects.toMatchObject({ code: 'read-model-behind' });
  await expect(newer.readModels.query('jars', 'SELECT * FROM {jars}.jars')).resolves.toBeDefined();
});

test('a snapshot is one state of the rows, with the position that it stands for', async () => {
  const one = await started({ projections: [jars()] });
  const token = await one.append('a', opened('Ann'), added(2));
  await one.readModels.waitFor('jars', token);
  const seen = await one.readModels.snapshot('jars', async (tx, position) => {
    const marbles = async () => (await tx.query<{ marbles: number }>('SELECT marbles FROM {jars}.jars')).rows[0]?.marbles;
    const before = await marbles();
    await one.readModels.waitFor('jars', await one.append('a', added(7)));
    return { position, before, after: await marbles() };
  });
  expect(seen).toEqual({ position: token, before: 2, after: 2 });
});

test('however many snapshots are asked for at a time, all else goes on, and who comes when too many wait is told so', async () => {
  const one = await started({ projections: [jars()] });
  await one.readModels.waitFor('jars', await one.append('a', opened('Ann'), added(2)));
  let goOn = (): void => undefined;
  const held = new Promise<void>(resolve => {
    goOn = resolve;
  });
  const order: number[] = [];
  const ask = (nth: number): Promise<void> =>
    one.readModels.snapshot('jars', async () => {
      order.push(nth);
      await held;
    });
  const asked = Array.from({ length: 204 }, (_, nth) => ask(nth));
  await expect(ask(204)).rejects.toMatchObject({ code: 'too-many-requests', retryAfter: expect.any(Number) });
  expect(await one.readModels.query('jars', 'SELECT marbles FROM {jars}.jars')).toEqual([{ marbles: 2 }]);
  goOn();
  await Promise.all(asked);
  expect(order.toSorted((a, b) => a - b)).toEqual(asked.map((_, nth) => nth));
  await expect(ask(205)).resolves.toBeUndefined();
  await expect(one.readModels.snapshot('jars', () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
});

test('who asks for what the read model has not seen is told so', async () => {
  const one = await started({ projections: [jars()] });
  const token = await one.append('a', opened('Ann'));
  await one.readModels.waitFor('jars', token);
  await expect(one.readModels.waitFor('jars', `${token}0`)).rejects.toMatchObject({ code: 'read-model-behind' });
  await expect(one.readModels.waitFor('nothing', token)).rejects.toThrow('no read model named nothing');
});
