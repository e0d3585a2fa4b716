import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Series } from '../../src/event-store/series.js';

describe('a series', () => {
  test('is, at each length and on each branch, the list that an array would be', () => {
    // Each step grows one of the versions that there are, so that some grow twice.
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }), (first, steps) => {
        const versions: { series: Series<number>; array: readonly number[] }[] = [{ series: Series.of(first), array: first }];
        for (const [which, item] of steps) {
          const { series, array } = versions[which % versions.length] as (typeof versions)[number];
          versions.push({ series: series.with(item), array: [...array, item] });
        }
        for (const { series, array } of versions) {
          expect(series.toArray()).toEqual(array);
          expect([...series]).toEqual(array);
          expect(JSON.stringify(series)).toBe(JSON.stringify(array));
          expect(series.length).toBe(array.length);
          for (const index of [-2, -1, 0, 1]) expect(series.at(index)).toBe(array.at(index));
          expect(series.last(3)).toEqual(array.slice(-3));
          expect(series.some(item => item === 7)).toBe(array.some(item => item === 7));
          expect(series.every(item => item < 1_000)).toBe(array.every(item => item < 1_000));
        }
      }),
    );
  });

  test('that is empty is shared by all, and keeps nothing of theirs', () => {
    const none = Series.of<string>([]);
    expect([none.with('a').toArray(), none.with('b').toArray(), none.toArray()]).toEqual([['a'], ['b'], []]);
  });
});
