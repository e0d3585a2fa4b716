import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { clockOf, SimulatedClock, SystemClock } from '../../src/database/clocks.js';
import { Database } from '../../src/database/database.js';
import { eventually } from '../support/world.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

describe('the time of a training copy', () => {
  let test: TestDatabase;
  const opened: Database[] = [];
  const open = (url: string): Database => {
    const database = Database.open({ url, applicationName: 'spec' });
    opened.push(database);
    return database;
  };
  const clock = (from: string) => SimulatedClock.start(open(test.url), from);

  beforeAll(async () => {
    test = await startTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(opened.map(database => database.close()));
    await test.stop();
  });

  it('starts where it is told once, is shared by processes and survives them, in the form in which it was set', async () => {
    const first = await clock('2019-11-15T00:00:00Z');
    expect(first.now()).toBe('2019-11-15T00:00:00Z');
    expect(await first.move(moveTo => moveTo(async () => '2020-01-13T15:00:00.250Z'))).toBe(true);
    expect(first.now()).toBe('2020-01-13T15:00:00.250Z');
    const second = await clock('2019-11-15T00:00:00Z');
    expect(second.now()).toBe('2020-01-13T15:00:00.250Z');
  });

  it('counts for whoever is told nothing of it, but in production', async () => {
    const time = (await clock('2019-11-15T00:00:00Z')).now();
    const database = open(test.url);
    const told = { simulatedFrom: '2019-11-15T00:00:00Z', production: false };
    expect([(await clockOf(database, { production: false })).now(), (await clockOf(database, told)).now()]).toEqual([time, time]);
    expect(await clockOf(database, { production: true })).toBeInstanceOf(SystemClock);
    await open(test.ownerUrl).query('DELETE FROM ledger.clock');
    expect(await clockOf(database, { production: false })).toBeInstanceOf(SystemClock);
    await clock(time);
  });

  it('moves forwards only, for everybody at once', async () => {
    const [first, second] = [await clock('2019-11-15T00:00:00Z'), await clock('2019-11-15T00:00:00Z')];
    const before = first.now();
    expect(await second.move(moveTo => moveTo(async () => '2020-02-01T00:00:00Z'))).toBe(true);
    expect(first.now()).toBe(before);
    await first.refresh();
    expect(first.now()).toBe('2020-02-01T00:00:00Z');
    expect(await first.move(moveTo => moveTo(async () => '2020-01-31T23:59:59Z'))).toBe(false);
    expect(first.now()).toBe('2020-02-01T00:00:00Z');
  });

  it('is moved by one at a time, over all processes, and by nobody who was cut off meanwhile', async () => {
    const [first, second] = [await clock('2019-11-15T00:00:00Z'), await clock('2019-11-15T00:00:00Z')];
    const owner = open(test.ownerUrl);
    const course: string[] = [];
    const gate = new EventEmitter();
    const moving = (one: SimulatedClock, name: string, instant: string) =>
      one.move(async moveTo => {
        course.push(`${name} begins at ${one.now()}`);
        if (name === 'a') await once(gate, 'open');
        course.push(`${name} ${await moveTo(async () => instant)}`);
      });
    const moves = [moving(first, 'a', '2020-03-01T00:00:00Z')];
    await eventually(
      'the first one moves',
      () => course.length,
      length => length === 1,
    );
    moves.push(moving(first, 'b', '2020-03-02T00:00:00Z'));
    moves.push(moving(second, 'c', '2020-03-02T00:00:00Z'));
    await sleep(200);
    expect(course).toEqual(['a begins at 2020-02-01T00:00:00Z']);
    gate.emit('open');
    await Promise.all(moves);
    // Which of the two comes first, nobody says.
    expect(course.slice(1).map(told => told.slice(2))).toEqual([
      'true',
      'begins at 2020-03-01T00:00:00Z',
      'true',
      'begins at 2020-03-02T00:00:00Z',
      'true',
    ]);

    // Work goes on at its time: nobody moves it before that has ended, and what is begun meanwhile is done at the new one.
    const worked: string[] = [];
    const working = first.during(async () => {
      worked.push(first.now());
      await once(gate, 'work');
      worked.push(first.now());
    });
    await eventually(
      'it is at work',
      () => worked.length,
      length => length === 1,
    );
    const moved = second.move(moveTo => moveTo(async () => '2020-03-03T00:00:00Z'));
    await eventually(
      'the other waits to move the time',
      async () =>
        (
          await owner.query(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE " +
              'datname = current_database())',
          )
        ).rows.length,
      waiting => waiting === 1,
    );
    await sleep(100);
    const after = first.during(async () => worked.push(first.now()));
    await sleep(100);
    expect(worked).toEqual(['2020-03-02T00:00:00Z']);
    gate.emit('work');
    await Promise.all([working, moved, after]);
    expect(worked).toEqual(['2020-03-02T00:00:00Z', '2020-03-02T00:00:00Z', '2020-03-03T00:00:00Z']);
    await expect(first.during(async () => Promise.reject(new TypeError('of the work itself')))).rejects.toThrow(TypeError);
    const cut = first.move(async moveTo => {
      await owner.query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database " +
          'WHERE datname = current_database())',
      );
      return moveTo(async () => '2021-01-01T00:00:00Z');
    });
    await expect(cut).rejects.toThrow(DatabaseUnavailable);
    expect(await second.move(async () => second.now())).toBe('2020-03-03T00:00:00Z');
  });
});
