import { isDay, isInstant } from '../../src/fields/formats.js';
import { describe, expect, test } from '@jest/globals';
import {
  ageOn,
  dayOf,
  hoursOf,
  isAfter,
  isBefore,
  laterOf,
  millis,
  plusDays,
  plusHours,
  toInstant,
  weekOf,
} from '../../src/fields/time.js';

describe('age', () => {
  test.each([
    ['2002-01-12', '2020-01-11', 17],
    ['2002-01-12', '2020-01-12', 18],
    ['2002-12-31', '2020-01-01', 17],
    ['2004-02-29', '2022-02-28', 17],
    ['2004-02-29', '2022-03-01', 18],
    ['2004-02-29', '2024-02-28', 19],
    ['2004-02-29', '2024-02-29', 20],
    ['2020-01-12', '2020-01-12', 0],
  ])('who was born on %s is on %s %d years old', (born, day, age) => expect(ageOn(born, day)).toBe(age));
});

describe('the ISO 8601 week', () => {
  test.each([
    ['2020-01-22T15:00:00Z', '2020-W04'],
    ['2019-12-30T00:00:00Z', '2020-W01'],
    ['2019-12-29T23:59:59Z', '2019-W52'],
    ['2020-12-31T12:00:00Z', '2020-W53'],
    ['2021-01-03T23:59:59Z', '2020-W53'],
    ['2021-01-04T00:00:00Z', '2021-W01'],
  ])('of %s is %s', (instant, week) => expect(weekOf(instant)).toBe(week));
});

describe('instants', () => {
  test('the calendar begins with the year 1, and an instant is on a day of it', () => {
    expect(['0000-12-31', '0001-01-01', '9999-12-31'].map(isDay)).toEqual([false, true, true]);
    expect(['0000-12-31T23:59:59Z', '0001-01-01T00:00:00Z'].map(isInstant)).toEqual([false, true]);
  });

  test('a day is its first moment in UTC', () => {
    expect(millis('2020-01-13')).toBe(millis('2020-01-13T00:00:00Z'));
    expect(isBefore('2020-01-12T23:59:59Z', '2020-01-13')).toBe(true);
    expect(isBefore('2020-01-13T00:00:00Z', '2020-01-13')).toBe(false);
    expect(isAfter('2020-01-13T00:00:00.001Z', '2020-01-13')).toBe(true);
    expect(isAfter('2020-01-13T00:00:00Z', '2020-01-13')).toBe(false);
  });

  test('a fraction of a second is shown only where there is one', () => {
    expect(toInstant(millis('2020-01-13T15:00:00Z'))).toBe('2020-01-13T15:00:00Z');
    expect(toInstant(millis('2020-01-13T15:00:00.250Z'))).toBe('2020-01-13T15:00:00.250Z');
  });

  test('hours and days are added across months and leap days', () => {
    expect(plusHours('2020-02-28T23:30:00Z', 24)).toBe('2020-02-29T23:30:00Z');
    expect(plusDays('2020-02-28T12:00:00Z', 2)).toBe('2020-03-01T12:00:00Z');
    expect(plusDays('2019-12-31T12:00:00Z', 14)).toBe('2020-01-14T12:00:00Z');
  });

  test('the later of two, and the day of one', () => {
    expect(laterOf('2020-01-13', '2020-01-12T23:00:00Z')).toBe('2020-01-13');
    expect(laterOf('2020-01-12T23:00:00Z', '2020-01-13')).toBe('2020-01-13');
    expect(dayOf('2020-01-13T23:59:59Z')).toBe('2020-01-13');
    expect(dayOf('2020-01-13')).toBe('2020-01-13');
  });
});

test.each([
  ['PT72H', 72],
  ['P30D', 720],
  ['P90D', 2160],
  ['P1W', 168],
  ['PT90M', 1.5],
  ['P1DT36S', 24.01],
])('%s has %d hours', (duration, hours) => {
  expect(hoursOf(duration)).toBeCloseTo(hours, 9);
});

test.each(['P1Y', 'P1M', '72H', ''])('%j has no fixed number of hours', duration => expect(hoursOf(duration)).toBeNaN());
