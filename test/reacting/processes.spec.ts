import { EventEmitter, once } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { DatabaseUnavailable } from '../../src/database/database-unavailable.js';
import { CheckpointMoved } from '../../src/projecting/checkpoints.js';
import type { Trigger } from '../../src/reacting/process-inbox.js';
import { RUNNER_LOCK } from '../../src/reacting/process-runner.js';
import { URGENCY, waitsUntil, type Process, type Urgency } from '../../src/reacting/process.js';
import { answerAgain } from '../support/answer-again.js';
import { AddMarbles, added, counts, anEvent, jarKind, jars, opened, until, type Build, type Service } from '../projecting/support.js';
import { servicesOfATest } from '../projecting/services-of-a-test.js';

const { owner, assembled, started, stopped } = servicesOfATest();
const marblesIn = async (one: Service, id: string): Promise<number> => (await one.ledger.read(jarKind, id)).state.marbles;

/** Whoever opens a jar gets a marble into the bank. */
const welcome = (react?: Process['react'], startsFrom: Process['startsFrom'] = 'beginning'): Process => ({
  name: 'when-jar-opened-add-marble',
  on: ['JarOpened'],
  startsFrom,
  react:
    react ??
    (async (trigger, step) => {
      if (trigger.stream !== 'jar-bank') await step.send('welcome', new AddMarbles(1), 'bank');
    }),
});

test("a fact is answered once, in the system's name, with its cause", async () => {
  const one = await started({ processes: [welcome()] });
  await one.append('bank', opened('Bank'));
  const trigger = opened('Ann');
  await one.append('a', trigger);
  await one.runner.settled();
  await one.append('b', opened('Ben'));
  await one.runner.settled();
  expect(await marblesIn(one, 'bank')).toBe(2);
  for await (const [, answer] of one.store.readStream('jar-bank')) {
    expect(answer?.metadata).toMatchObject({
      actor: { id: 'system', roles: ['system'] },
      causationId: trigger.id,
      correlationId: trigger.metadata.correlationId,
    });
  }
  expect(await one.runner.status()).toEqual([
    { name: 'when-jar-opened-add-marble', position: await one.store.newest(), pending: 0, failed: 0, refused: 0 },
  ]);
});

test('what has just come is answered without being read again', async () => {
  const answered: string[] = [];
  const one = await started({ processes: [welcome(async ({ stream }) => void answered.push(stream))] });
  const reading = jest.spyOn(one.store, 'readStream');
  await one.append('a', opened('Ann'));
  await one.runner.settled();
  expect(answered).toEqual(['jar-a']);
  expect(reading).not.toHaveBeenCalled();
});

test('a crash after the command and before the trigger is marked changes nothing', async () => {
  let crashes = 3;
  const process = welcome();
  const one = await started({ processes: [process] });
  const { done } = one.inbox;
  one.inbox.done = async trigger => {
    if (crashes-- <= 0) return done.call(one.inbox, trigger);
    await owner().query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spec' AND datname = current_database()",
    );
    await one.database.query('SELECT 1');
    return done.call(one.inbox, trigger);
  };
  await one.append('bank', opened('Bank'));
  await one.append('a', opened('Ann'));
  await one.append('b', opened('Ben'));
  await one.runner.settled();
  await stopped(one);
  await answerAgain(owner(), process, 'jar');
  const two = await started({ processes: [process] });
  await two.runner.settled();
  expect(two.sent).toHaveLength(2);
  expect(await marblesIn(two, 'bank')).toBe(2);
});

test('a refused command is recorded, answered the same after an interruption, and not sent again', async () => {
  const outcomes: string[] = [];
  const process = welcome(async (trigger, step) => {
    const { outcome } = await step.send('too many', new AddMarbles(101), 'bank');
    outcomes.push(outcome);
    if (trigger.stream !== 'jar-bank' && outcome === 'refused') await step.send('fewer', new AddMarbles(100), 'bank');
  });
  const one = await started({ processes: [process] });
  await one.append('bank', opened('Bank'));
  await one.append('a', opened('Ann'));
  await one.runner.settled();
  await stopped(one);
  await answerAgain(owner(), process, 'jar');
  const two = await started({ processes: [process] });
  await two.runner.settled();
  expect(outcomes).toEqual(['refused', 'refused', 'refused', 'refused']);
  expect(two.sent.map(({ count }) => count)).toEqual([100]);
  expect(await marblesIn(two, 'bank')).toBe(100);
  const { rows } = await owner().query('SELECT step, target_stream, command, codes FROM ledger.process_refusals');
  expect(rows).toEqual([1, 2].map(() => ({ step: 'too many', target_stream: 'bank', command: 'AddMarbles', codes: ['too-many'] })));
  expect(await two.runner.status()).toMatchObject([{ refused: 2, failed: 0 }]);
});

test('a failed trigger holds up its own stream alone, until it is retried', async () => {
  let broken = true;
  const handled: string[] = [];
  const one = await started({
    processes: [
      {
        ...welcome(async trigger => {
          if (broken && trigger.stream === 'jar-a') throw new TypeError('Ann is not a function');
          handled.push(`${trigger.stream} ${trigger.revision}`);
        }),
        on: ['JarOpened', 'MarblesAdded'],
      },
    ],
  });
  await one.append('a', opened('Ann'), added(1));
  await one.append('a', added(2));
  await one.append('b', opened('Ben'), added(1));
  await one.runner.settled();
  expect(handled).toEqual(['jar-b 0', 'jar-b 1']);
  expect(await one.runner.status()).toMatchObject([{ pending: 2, failed: 1 }]);
  const { rows } = await owner().query<{ error: string }>("SELECT error FROM ledger.process_inbox WHERE state = 'failed'");
  expect(rows[0]?.error).toContain('TypeError');
  expect(rows[0]?.error).not.toContain('Ann');
  broken = false;
  expect(await one.runner.retryProcess('when-jar-opened-add-marble')).toBe(1);
  await one.runner.settled();
  expect(handled).toEqual(['jar-b 0', 'jar-b 1', 'jar-a 0', 'jar-a 1', 'jar-a 2']);
});

test('triggers of one stream are answered in order, those of different streams side by side', async () => {
  const handled: string[] = [];
  const gate = new EventEmitter();
  const held = once(gate, 'open');
  const one = await started({
    processes: [
      {
        ...welcome(async trigger => {
          if (trigger.stream === 'jar-slow') await held;
          handled.push(`${trigger.stream} ${trigger.revision}`);
        }),
        on: ['MarblesAdded'],
      },
    ],
  });
  await one.append('slow', opened('Ann'), added(1), added(2));
  await one.append('quick', opened('Ben'));
  for (let n = 0; n < 40; n++) await one.append('quick', added(1));
  await until(() => handled.length === 40);
  gate.emit('open');
  await one.runner.settled();
  expect(handled).toEqual([...Array.from({ length: 40 }, (_, n) => `jar-quick ${n + 1}`), 'jar-slow 1', 'jar-slow 2']);
});

test('of two processes of the service one answers, and the other takes over', async () => {
  const build = { processes: [welcome()] };
  const one = await started(build, 'one');
  const two = await started(build, 'two');
  await one.append('bank', opened('Bank'));
  for (let jar = 0; jar < 30; jar++) await two.append(`j${jar}`, opened('Ann'));
  await two.runner.settled();
  expect(one.sent.length === 0 || two.sent.length === 0).toBe(true);
  one.leadership.acquire = async () => false;
  await owner().query(
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND " +
      "application_name = 'one' AND datname = current_database()",
  );
  for (let jar = 30; jar < 60; jar++) await one.append(`j${jar}`, opened('Ann'));
  await two.runner.settled();
  expect(await marblesIn(two, 'bank')).toBe(60);
});

test('a process that starts from now leaves what was before alone', async () => {
  const before = await started({});
  await before.append('bank', opened('Bank'));
  await before.append('a', opened('Ann'));
  const one = await started({ processes: [welcome(undefined, 'now')] });
  await one.runner.settled();
  await one.append('b', opened('Ben'));
  await one.runner.settled();
  expect(await marblesIn(one, 'bank')).toBe(1);
});

test('what a process notes is found by all its reactions, each once, page by page in its own order', async () => {
  const pages: (readonly string[])[] = [];
  const one = await started({
    processes: [
      welcome(async (trigger, step) => {
        if (trigger.stream === 'jar-end') for (const after of ['', 'jar-b']) pages.push(await step.noted('jars', after, 2));
        else await step.note('jars', trigger.stream);
      }),
      {
        ...welcome(async (_, step) => {
          pages.push(await step.noted('jars', '', 2));
        }),
        name: 'another',
        on: ['MarblesAdded'],
      },
    ],
  });
  for (const id of ['c', 'a', 'b', 'a']) await one.append(id, opened(id));
  await one.runner.settled();
  await one.append('end', opened('End'));
  await one.runner.settled();
  await one.append('a', added(1));
  await one.runner.settled();
  expect(pages).toEqual([['jar-a', 'jar-b'], ['jar-c'], []]);
});

test.each(['jar-a', 'crate-a'])('an event of %s that this build does not know stops the processes before it', async stream => {
  const one = await started({ processes: [welcome()] });
  await one.append('bank', opened('Bank'));
  await one.store.append([{ stream, expectedRevision: 'no-stream', events: [anEvent('JarBroken', {})] }]);
  await one.append('b', opened('Ben'));
  await expect(one.runner.settled()).rejects.toThrow('JarBroken');
  expect(await marblesIn(one, 'bank')).toBe(0);
  // Told here at once, and to the other services by what is written a moment later.
  await until(async () => (await one.runner.status())[0]?.stopped?.includes('JarBroken') === true);
});

test('it has settled once nothing was stored since all was answered, and the inbox is not asked a second time', async () => {
  const one = await started({ processes: [welcome()] });
  await one.append('bank', opened('Bank'));
  await one.runner.settled();
  const asked = jest.spyOn(one.inbox, 'settled');
  await one.runner.settled();
  expect(asked).toHaveBeenCalledTimes(1);
});

test('what follows from what a process stored in answer is waited for', async () => {
  const doubling: Process = {
    name: 'when-marble-added-add-to-other',
    on: ['MarblesAdded'],
    startsFrom: 'beginning',
    react: async (trigger, step) => {
      if (trigger.stream === 'jar-bank') await step.send('double', new AddMarbles(1), 'other');
    },
  };
  const one = await started({ processes: [welcome(), doubling] });
  for (const id of ['bank', 'other', 'a']) await one.append(id, opened(id));
  await one.runner.settled();
  // For `other` and for `a`.
  expect([await marblesIn(one, 'bank'), await marblesIn(one, 'other')]).toEqual([2, 2]);
});

test('a timer that is due is something left to do', async () => {
  const { timers } = waitsUntil(
    'late',
    () => '2020-01-02T00:00:00Z',
    async (_, timer, step) => {
      await step.send(timer, new AddMarbles(1), 'bank');
    },
  );
  const { name, ...process } = welcome();
  const one = await started({ processes: [{ name, ...process, timers }] });
  await one.append('bank', opened('Bank'));
  const trigger = opened('Ann');
  const position = await one.append('a', trigger);
  await one.runner.settled();
  await one.runner.stop();
  await owner().query(
    `INSERT INTO ledger.process_timers (process, position, timer, trigger_id, stream, revision, type, due_at)
     VALUES ($1, $2, 'late', $3, 'jar-a', 0, 'JarOpened', '2020-01-02T00:00:00Z')`,
    [name, position, trigger.id],
  );
  const end = (): Promise<string> => one.store.head();
  expect(await one.inbox.settled(position, [name], end, '2020-01-01T23:59:59Z')).toBe(true);
  expect(await one.inbox.settled(position, [name], end, '2020-01-02T00:00:00Z')).toBe(false);
  one.runner.start();
  await one.runner.settled();
  expect(await marblesIn(one, 'bank')).toBe(2);
});

test('what failed is answered by itself once its cause is gone, and what waited behind it', async () => {
  let broken = true;
  const one = await started({
    retryFailedMs: 50,
    processes: [
      welcome(async (trigger, step) => {
        if (broken && trigger.stream === 'jar-a') throw new TypeError('a fault of the program');
        if (trigger.stream !== 'jar-bank') await step.send('welcome', new AddMarbles(1), 'bank');
      }),
    ],
  });
  await one.append('bank', opened('Bank'));
  await one.append('a', opened('Ann'));
  await until(async () => (await one.runner.status()).some(({ failed }) => failed === 1));
  expect(await marblesIn(one, 'bank')).toBe(0);
  broken = false;
  await until(async () => (await marblesIn(one, 'bank')) === 1);
  await until(async () => (await one.runner.status()).every(({ failed, pending }) => failed + pending === 0));
});

test('followers that a server sent to where nothing can stand come back by themselves, and do what they missed once', async () => {
  const build: Build = { projections: [jars(), counts()], processes: [welcome()] };
  const one = await started(build);
  await one.append('bank', opened('Bank'));
  await one.append('a', opened('Ann'));
  await one.runner.settled();
  await until(async () => (await one.status.status()).every(({ caughtUp }) => caughtUp));
  await stopped(one);
  const nowhere = '18446744073709551615/18446744073709551615';
  for (const table of ['read_models', 'processes'])
    await owner().query(`UPDATE ledger.${table} SET position = $1, stopped = 'an older copy was restored'`, [nowhere]);
  const idle = await assembled(build);
  await idle.append('b', opened('Ben'));
  const two = await started(build);
  await two.runner.settled();
  await until(async () => (await two.status.status()).every(({ caughtUp }) => caughtUp));
  expect(await marblesIn(two, 'bank')).toBe(2);
  expect(two.sent).toHaveLength(1);
  expect((await owner().query('SELECT owner, marbles FROM rm_jars_1.jars ORDER BY owner')).rows).toEqual([
    { owner: 'Ann', marbles: 0 },
    { owner: 'Bank', marbles: 2 },
    { owner: 'Ben', marbles: 0 },
  ]);
  expect((await owner().query('SELECT events FROM rm_event_counts_1.counts')).rows).toEqual([{ events: 5 }]);
  expect([...(await two.status.status()), ...(await two.runner.status())].filter(({ stopped }) => stopped !== undefined)).toEqual([]);
});

/** Whoever gets marbles is reported, when there is time for that. */
const report = (react: Process['react']): Process => ({
  name: 'when-marbles-added-report',
  on: ['MarblesAdded'],
  startsFrom: 'beginning',
  react,
});

test('what protects is answered although everybody who may wait is being answered', async () => {
  const gate = new EventEmitter();
  gate.setMaxListeners(0);
  const opening = once(gate, 'open');
  const handled: string[] = [];
  const one = await started({
    processes: [
      report(async ({ stream }) => {
        await opening;
        handled.push(stream);
      }),
      {
        ...welcome(async ({ stream }) => {
          handled.push(`urgent ${stream}`);
        }),
        urgency: () => URGENCY.protectsMany,
      },
    ],
  });
  for (let jar = 0; jar < 40; jar++) await one.append(`j${jar}`, anEvent('JarOpened', { owner: 'Ann' }), added(1));
  await until(() => handled.length === 40);
  await one.append('last', opened('Zoe'));
  await until(() => handled.length === 41);
  expect(handled.at(-1)).toBe('urgent jar-last');
  gate.emit('open');
  await one.runner.settled();
  expect(handled).toHaveLength(81);
});

test('after a time without processes, what protects is answered before all that may wait, each stream in its order', async () => {
  const handled: string[] = [];
  const before = await started({});
  for (let jar = 0; jar < 60; jar++) await before.append(`j${jar}`, opened('Ann'), added(1), added(2));
  await before.append('bank', opened('Bank'));
  await stopped(before);
  const one = await started({
    processes: [
      report(async ({ stream, revision }) => {
        handled.push(`${stream} ${revision}`);
      }),
      {
        ...welcome(async ({ stream }) => {
          handled.push(stream === 'jar-bank' ? 'urgent' : 'also urgent');
        }),
        urgency: () => URGENCY.protects,
      },
    ],
  });
  await one.runner.settled();
  // When the first that may wait was begun, all 61 others had been, and no more than 23 were still at work beside it.
  expect(handled.findIndex(told => !told.endsWith('urgent'))).toBeGreaterThanOrEqual(61 - 23);
  for (let jar = 0; jar < 60; jar++) expect(handled.indexOf(`jar-j${jar} 1`)).toBeLessThan(handled.indexOf(`jar-j${jar} 2`));
});

test('what was answered leaves the inbox; what an earlier version kept is removed, what it left is as urgent as it should be', async () => {
  const process = {
    ...welcome(async trigger => {
      if (trigger.stream === 'jar-a') throw new TypeError('broken');
    }),
    urgency: (): Urgency => URGENCY.protects,
  };
  const first = await started({ processes: [process] });
  await first.append('bank', opened('Bank'));
  await first.append('a', opened('Ann'));
  await first.runner.settled();
  await stopped(first);
  const rows = async (): Promise<string[]> =>
    (
      await owner().query<{ row: string }>("SELECT state || ' ' || stream || ' ' || urgency AS row FROM ledger.process_inbox ORDER BY 1")
    ).rows.map(({ row }) => row);
  expect(await rows()).toEqual(['failed jar-a 1']);
  await owner().query(
    `INSERT INTO ledger.process_inbox (process, position, trigger_id, stream, revision, type, state)
     SELECT $1, lpad(n::text, 19, '0'), gen_random_uuid(), 'jar-old', n, 'JarOpened', CASE WHEN n = 500777 THEN 'failed' ELSE 'done' END
      FROM generate_series(500000, 512000) n`,
    [process.name],
  );
  await started({ processes: [process] });
  await until(async () => (await rows()).length === 2);
  expect(await rows()).toEqual(['failed jar-a 1', 'failed jar-old 1']);
});

test('a timer runs down once its trigger is answered, and is not set again by a process that was cut off before', async () => {
  const course: string[] = [];
  const one = await started({
    processes: [
      {
        ...welcome(async (_, step) => {
          course.push('answered');
          await step.at('at once', '1970-01-01T00:00:00Z');
        }),
        timers: waitsUntil(
          'timer',
          () => '',
          async (_, timer) => {
            course.push(timer);
          },
        ).timers,
      },
    ],
  });
  const { done } = one.inbox;
  let cuts = 3;
  one.inbox.done = async trigger => {
    if (cuts-- <= 0) return done.call(one.inbox, trigger);
    expect(await one.inbox.fire('2020-01-01T00:00:00Z')).toBe(0);
    throw new DatabaseUnavailable('cut off');
  };
  await one.append('a', opened('Ann'));
  await one.runner.settled();
  expect(course).toEqual(['answered', 'answered', 'answered', 'answered', 'at once']);
  const { rows } = await owner().query('SELECT process FROM ledger.process_inbox UNION ALL SELECT process FROM ledger.process_timers');
  expect(rows).toEqual([]);
});

test('an item that was noted on a later event is not forgotten by who answers an earlier one', async () => {
  const one = await started({ processes: [welcome()] });
  await one.runner.settled();
  const at = (position: string): Trigger => ({
    process: 'when-jar-opened-add-marble',
    position,
    triggerId: opened('Ann').id,
    stream: 'jar-a',
    revision: 0,
    type: 'JarOpened',
    timer: '',
    urgency: URGENCY.mayWait,
  });
  const list = () => one.inbox.noted('when-jar-opened-add-marble', 'jars', '', 10);
  await one.inbox.note(at('3'), 'jars', 'a');
  await one.inbox.note(at('5'), 'jars', 'a');
  await one.inbox.note(at('4'), 'jars', 'a');
  await one.inbox.forget(at('4'), 'jars', 'a');
  expect(await list()).toEqual(['a']);
  await one.inbox.forget(at('5'), 'jars', 'a');
  expect(await list()).toEqual([]);
});

test('who asks at the same time shares one statement, and each is told its own', async () => {
  const { inbox, database, runner } = await started({ processes: [welcome()] });
  await runner.settled();
  const process = 'when-jar-opened-add-marble';
  const trigger = (): Trigger => ({
    process,
    position: '0000000000000000001',
    triggerId: anEvent('JarOpened', {}).id,
    stream: 'jar-a',
    revision: 0,
    type: 'JarOpened',
    timer: '',
    urgency: URGENCY.mayWait,
  });
  const [refused, twice, never] = [trigger(), trigger(), trigger()];
  const refusal = { targetStream: 'bank', command: 'AddMarbles', refusedAt: '2020-01-01T00:00:00Z', process };
  await inbox.refused({ ...refusal, triggerId: refused.triggerId, step: 'first', codes: ['too-many'] });
  for (const step of ['first', 'second']) await inbox.refused({ ...refusal, triggerId: twice.triggerId, step, codes: ['none-left', step] });
  for (const item of ['b', 'B', 'a', 'c']) await inbox.note(refused, 'letters', item);
  await inbox.note(refused, 'digits', '1');
  const asking = jest.spyOn(database, 'query');
  const refusals = await Promise.all([refused, twice, never, refused].map(one => inbox.refusals(one)));
  expect(refusals.map(one => Object.fromEntries(one))).toEqual([
    { 'first bank': ['too-many'] },
    { 'first bank': ['none-left', 'first'], 'second bank': ['none-left', 'second'] },
    {},
    { 'first bank': ['too-many'] },
  ]);
  const noted = (list: string, after: string, of = process): Promise<readonly string[]> => inbox.noted(of, list, after, 2);
  expect(await Promise.all([noted('letters', ''), noted('digits', ''), noted('letters', 'a'), noted('letters', '', 'another')])).toEqual([
    ['B', 'a'],
    ['1'],
    ['b', 'c'],
    [],
  ]);
  const names = asking.mock.calls.map(([query]) => (typeof query === 'string' ? query : query.name));
  expect(names.filter(name => name === 'refusals-of-triggers' || name === 'noted-items')).toEqual(['refusals-of-triggers', 'noted-items']);
});

test('where one checkpoint was moved by another process, none moves and nothing is received', async () => {
  const one = await assembled({ processes: [welcome()] });
  const names = ['first', 'second'];
  const begins = new Map(names.map((name): [string, string] => [name, '0000000000000000001']));
  const [mine, moved] = [await one.inbox.checkpoints('store', begins), await one.inbox.checkpoints('store', begins)];
  const trigger = (position: string, process = 'first'): Trigger => ({
    process,
    position,
    triggerId: anEvent('JarOpened', {}).id,
    stream: 'jar-a',
    revision: 0,
    type: 'JarOpened',
    timer: '',
    urgency: URGENCY.mayWait,
  });
  await one.inbox.receive(moved.slice(0, 1), [trigger('0000000000000000002')], '0000000000000000002');
  await expect(
    one.inbox.receive(
      mine,
      names.map(name => trigger('0000000000000000003', name)),
      '0000000000000000003',
    ),
  ).rejects.toThrow(CheckpointMoved);
  const { rows } = await owner().query('SELECT position FROM ledger.processes ORDER BY name');
  expect(rows).toEqual([{ position: '0000000000000000002' }, { position: '0000000000000000001' }]);
  expect(await one.inbox.next(10, names, [])).toMatchObject([{ process: 'first', position: '0000000000000000002' }]);
});

test('what waits in the group commit when the lead is lost is not stored', async () => {
  const blocker = await owner().session(() => undefined);
  let before: Promise<unknown> | undefined;
  const one = await started({
    processes: [
      welcome(async (trigger, step) => {
        if (trigger.stream !== 'jar-a') return;
        // One append is on its way and is not answered; what the process sends waits for the next batch.
        if (!before) {
          await blocker.query('BEGIN');
          await blocker.query('SELECT pg_advisory_xact_lock(1667330917, 1)');
          before = one.append('other', opened('Otto'));
          await until(async () => (await waitsForALock()) === 1);
        }
        await step.send('welcome', new AddMarbles(1), 'bank');
      }),
    ],
  });
  await one.append('bank', opened('Bank'));
  await one.append('a', opened('Ann'));
  await until(() => one.sent.length === 1);
  const { acquire } = one.leadership;
  one.leadership.acquire = async () => false;
  await owner().query(`SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND application_name = 'spec' AND datname = current_database()`);
  await until(() => !one.leadership.holds(RUNNER_LOCK));
  await blocker.query('ROLLBACK');
  await blocker.close();
  await before;
  await one.append('other', added(1));
  expect(await marblesIn(one, 'bank')).toBe(0);
  one.leadership.acquire = acquire;
  await until(async () => (await marblesIn(one, 'bank')) === 1);
  expect(one.sent).toHaveLength(2);
});

const waitsForALock = async (): Promise<number> =>
  (
    await owner().query<{ n: number }>(
      "SELECT count(*) AS n FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND NOT granted AND " +
        "application_name = 'spec' AND datname = current_database()",
    )
  ).rows[0]?.n ?? 0;
