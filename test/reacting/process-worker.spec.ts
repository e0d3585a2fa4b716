import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Clock } from '../../src/database/clock.js';
import type { Process } from '../../src/reacting/process.js';
import type { ProcessInbox, Trigger } from '../../src/reacting/process-inbox.js';
import { ProcessWorker } from '../../src/reacting/process-worker.js';
import { eventually } from '../support/world.js';

const TRIGGER = { process: 'counting', stream: 'case-1', position: '1', timer: '', urgency: 1 } as Trigger;

/** An inbox that says what it was asked. */
function worked() {
  const pending: Trigger[] = [];
  const timers: Trigger[] = [];
  const asked: string[] = [];
  const inbox: Partial<ProcessInbox> = {
    rank: async () => undefined,
    prune: async () => undefined,
    hasWork: async () => {
      asked.push('has work');
      return pending.length + timers.length > 0;
    },
    fire: async () => {
      asked.push('fire');
      return pending.push(...timers.splice(0));
    },
    next: async (_limit, _processes, busy) => {
      asked.push('next');
      return pending.filter(({ process, stream }) => !busy.includes(`${process} ${stream}`));
    },
    done: async () => {
      pending.length = 0;
    },
  };
  const answered: Trigger[] = [];
  let answering = async (): Promise<unknown> => undefined;
  const react = async (_: Process, trigger: Trigger): Promise<void> => {
    await answering();
    answered.push(trigger);
  };
  const answers = (how: typeof answering): void => void (answering = how);
  const clock = { now: () => '2020-01-13T15:00:00Z', refresh: async () => undefined } as Clock;
  const process = { name: 'counting' } as Process;
  const worker = new ProcessWorker(inbox as ProcessInbox, { react }, [process], clock, () => undefined);
  return { inbox, pending, timers, asked, answered, answers, worker };
}

/** Runs it while something is looked at. */
async function whileRunning({ worker }: ReturnType<typeof worked>, look: () => Promise<unknown>): Promise<void> {
  const stopping = new AbortController();
  const running = worker.run(stopping.signal);
  await look().finally(() => stopping.abort());
  await running;
}

const looks = ({ asked }: ReturnType<typeof worked>): number => asked.filter(one => one === 'has work').length;

test('where nothing is to be done, one statement finds out, again and again', async () => {
  const one = worked();
  await whileRunning(one, () =>
    eventually(
      'it has looked three times',
      () => looks(one),
      count => count >= 3,
    ),
  );
  expect(one.asked.filter(what => what !== 'has work')).toEqual(['fire', 'next']);
});

test.each(['pending', 'timers'] as const)('what another process has put into the inbox is found without a call: %s', async where => {
  const one = worked();
  await whileRunning(one, async () => {
    await eventually('it rests', () => looks(one) > 0);
    one[where].push(TRIGGER);
    await eventually('it is answered', () => one.answered.length > 0);
  });
  expect(one.answered).toEqual([TRIGGER]);
});

test('a stream of triggers is looked up in company, not one whenever another was answered', async () => {
  const one = worked();
  const ALL = 200;
  let came = 0;
  const comes = (): unknown => came < ALL && one.pending.push({ ...TRIGGER, stream: `case-${++came}`, position: `${came}` });
  one.inbox.done = async trigger => {
    one.pending.splice(one.pending.indexOf(trigger), 1);
    comes();
  };
  // They end one after the other.
  let before: Promise<unknown> = Promise.resolve();
  one.answers(() => (before = before.then(() => turn())));
  for (let count = 0; count < 20; count++) comes();
  await whileRunning(one, () => eventually('all are answered', () => one.answered.length === ALL));
  expect(one.asked.filter(what => what === 'next').length).toBeLessThan(ALL / 2);
});
