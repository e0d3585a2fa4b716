import { expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { Gathering } from '../../src/database/gathering.js';

/** Answers twice the number, once the test lets the question go. */
function doubling() {
  const questions: { readonly asked: readonly number[]; go(): void; fail(error: Error): void }[] = [];
  const gathering = new Gathering<number, number>(
    asked =>
      new Promise((resolve, reject) => {
        questions.push({ asked, go: () => resolve(one => 2 * one), fail: reject });
      }),
  );
  const asked = async (index: number) => {
    while (questions.length <= index) await new Promise(setImmediate);
    return questions[index]!;
  };
  return { gathering, questions, asked };
}

test('asks once for who asks in one turn, and once more for all who came while the question was on its way', async () => {
  const { gathering, questions, asked } = doubling();
  const first = [gathering.ask(1), gathering.ask(2)];
  const one = await asked(0);
  const second = [gathering.ask(3), gathering.ask(4), gathering.ask(3)];
  await new Promise(setImmediate);
  expect(questions.map(question => question.asked)).toEqual([[1, 2]]);
  one.go();
  expect(await Promise.all(first)).toEqual([2, 4]);
  (await asked(1)).go();
  expect(await Promise.all(second)).toEqual([6, 8, 6]);
  expect(questions.map(question => question.asked)).toEqual([
    [1, 2],
    [3, 4, 3],
  ]);
});

test('fails for all who shared a question, and asks again for the next', async () => {
  const { gathering, asked } = doubling();
  const failing = [gathering.ask(1), gathering.ask(2)].map(answer => answer.catch((error: Error) => error.message));
  const one = await asked(0);
  const after = gathering.ask(3);
  one.fail(new Error('gone'));
  expect(await Promise.all(failing)).toEqual(['gone', 'gone']);
  (await asked(1)).go();
  expect(await after).toBe(6);
  const later = gathering.ask(4);
  (await asked(2)).go();
  expect(await later).toBe(8);
});

test('fails where nothing is asked at all, as when the question is refused at once', async () => {
  const gathering = new Gathering<number, number>(() => {
    throw new Error('refused');
  });
  await expect(gathering.ask(1)).rejects.toThrow('refused');
  await expect(gathering.ask(2)).rejects.toThrow('refused');
});

test('asks no more at a time than it may, and for no more together', async () => {
  const asked: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const gathering = new Gathering<number, number>(
    async some => {
      asked.push(some);
      await new Promise<void>(resolve => {
        ends.push(resolve);
      });
      return one => one;
    },
    { together: 2, atOnce: 2 },
  );
  const answers = [1, 2, 3, 4, 5].map(one => gathering.ask(one));
  while (asked.length < 2) await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(asked).toEqual([
    [1, 2],
    [3, 4],
  ]);
  ends[0]?.();
  while (asked.length < 3) await new Promise(setImmediate);
  expect(asked.at(-1)).toEqual([5]);
  for (const end of ends) end();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5]);
});

test('fails for the one alone whose own data is wrong', async () => {
  const gathering = new Gathering<number, number>(async some => {
    if (some.includes(2)) throw Object.assign(new DatabaseError('no such date', 12, 'error'), { code: '22008' });
    return one => one;
  });
  const answers = await Promise.allSettled([1, 2, 3].map(one => gathering.ask(one)));
  expect(answers).toMatchObject([{ value: 1 }, { reason: { code: '22008' } }, { value: 3 }]);
});

test('answers no more in a turn than it may, so that others find theirs in between', async () => {
  const gathering = new Gathering<number, number>(async () => one => one, { inATurn: 2 });
  const answered: number[] = [];
  const all = Promise.all([1, 2, 3, 4, 5].map(async one => answered.push(await gathering.ask(one))));
  const seen: number[] = [];
  while (answered.length < 5) {
    await new Promise(setImmediate);
    if (answered.length !== seen.at(-1)) seen.push(answered.length);
  }
  await all;
  expect(seen.filter(count => count > 0)).toEqual([2, 4, 5]);
});
