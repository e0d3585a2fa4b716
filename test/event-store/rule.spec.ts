import { expect, test } from '@jest/globals';
import { DomainError } from '../../src/event-store/domain-error.js';
import { inOrder, misfit, notThere, refusal, refuseWhen } from '../../src/event-store/rule.js';

const book = { 'too-early': 'Too early.', 'too-dark': 'Too dark.', 'too-cold': 'Too cold.' };

const thrownBy = (work: () => void): DomainError => {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('broken rules are told once each, in the order of the book', () => {
  expect(inOrder(book, ['too-cold', false, 'too-early', undefined, null, '', 'too-cold'])).toEqual(['too-early', 'too-cold']);
  expect(inOrder(book, [false])).toEqual([]);
});

test('the first broken rule names the refusal, and all are listed', () => {
  const refused = thrownBy(() => refuseWhen(book, ['too-cold', 'too-dark'], { currentStatus: 'night' }));
  expect(refused).toMatchObject({
    code: 'too-dark',
    message: 'Too dark.',
    details: { currentStatus: 'night' },
    violations: [
      { code: 'too-dark', message: 'Too dark.' },
      { code: 'too-cold', message: 'Too cold.' },
    ],
  });
});

test('nothing is refused where no rule is broken', () => {
  expect(() => refuseWhen(book, [false, undefined, ''])).not.toThrow();
});

test('a code that the book does not explain is told as it is; none at all is still a refusal', () => {
  expect(refusal(book, ['unheard-of'])).toMatchObject({ code: 'unheard-of', message: 'unheard-of' });
  expect(refusal(book, [])).toMatchObject({ code: 'refused' });
});

test('what the body names and does not exist, or does not fit, is told at its place', () => {
  expect(notThere('/holdId')).toMatchObject({ code: 'not-found', violations: [{ code: 'not-found', pointer: '/holdId' }] });
  expect(misfit('/ground', 'invalid', 'Is none.')).toMatchObject({
    code: 'validation-failed',
    violations: [{ code: 'invalid', pointer: '/ground', message: 'Is none.' }],
  });
});
