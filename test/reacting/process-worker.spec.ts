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
    next: async () => {
      asked.push('next');
      return [...pending];
    },
    done: async () => {
      pending.length = 0;
    },
  };
  const answered: Trigger[] = [];
  const react = async (_: Process, trigger: Trigger): Promise<void> => void answered.push(trigger);
  const clock = { now: () => '2020-01-13T15:00:00Z', refresh: async () => undefined } as Clock;
  const process = { name: 'counting' } as Process;
  const worker = new ProcessWorker(inbox as ProcessInbox, { react }, [process], clock, () => undefined);
  return { pending, timers, asked, answered, worker };
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
