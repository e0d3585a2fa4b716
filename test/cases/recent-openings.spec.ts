import { expect, test } from '@jest/globals';
import { RecentOpenings } from '../../src/cases/recent-openings.js';

const ana = { givenNames: 'Ana', familyName: 'Synthetic', birthDate: '1990-05-17' };

test('of one person the newest openings are kept, so that each that follows has no more to look up', () => {
  const openings = new RecentOpenings();
  for (let opened = 1; opened <= 100; opened++) openings.add(`case ${opened}`, ana);
  openings.add('of another', { ...ana, birthDate: '1991-05-17' });
  expect(openings.of({ ...ana, givenNames: 'ANA ' })).toEqual(Array.from({ length: 20 }, (_, index) => `case ${81 + index}`));
});
