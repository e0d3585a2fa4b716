import { describe, expect, test } from '@jest/globals';
import { farAbove, type Opened } from '../../src/read-models/access/unusual.js';

const opened = (files: readonly number[], role = 'caseworker'): Opened[] =>
  files.map((count, at) => ({ sub: `${role}-${at}`, role, counts: { files: count, 'other-offices': 0, 'no-purpose': 0 } }));
const told = (callers: readonly Opened[]) =>
  farAbove(callers).map(({ sub, count, median, spread, score, times }) => [sub, count, median, spread, score, times]);

describe('who opened far more files than the others', () => {
  test('is told with the figures of the others alone', () => {
    // Without the last: 17 18 19 21 22 24, median 20, deviations 1 1 2 2 3 4.
    expect(told(opened([18, 22, 19, 24, 21, 17, 160]))).toEqual([['caseworker-6', 160, 20, 4.5, 31.3, 8]]);
  });

  test('is nobody where the counts scatter as counts do', () => {
    expect(told(opened([20, 20, 20, 20, 20, 20, 33]))).toEqual([]);
    expect(told(opened([20, 20, 20, 20, 20, 20, 36]))).toEqual([['caseworker-6', 36, 20, 4.5, 3.6, 1.8]]);
    expect(told(opened([0, 0, 0, 0, 0, 0, 3]))).toEqual([]);
    expect(told(opened([0, 0, 0, 0, 0, 0, 4]))).toEqual([['caseworker-6', 4, 0, 1, 4, null]]);
  });

  test('does not hide behind another who did the same', () => {
    expect(told(opened([20, 18, 22, 19, 21, 300, 310])).map(([sub]) => sub)).toEqual(['caseworker-6', 'caseworker-5']);
  });

  test('is not looked for where the role has too few people, nor among those of another role', () => {
    expect(told(opened([1, 1, 1, 1, 500]))).toEqual([]);
    expect(told([...opened([500, 480, 510, 490, 505, 495], 'auditor'), ...opened([5, 5, 5, 5, 5, 5])])).toEqual([]);
    expect(told([])).toEqual([]);
  });

  test('who opened few is not far from those who opened many', () => {
    expect(told(opened([200, 210, 190, 205, 195, 1]))).toEqual([]);
  });
});
