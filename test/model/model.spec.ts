import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { goThrough, histories } from './histories.js';
import { Tally } from './tally.js';

/*
 * The whole service in memory, by random histories: all streams, all processes, the clock, and faults in between.
 * The same ones every time; `npm run test:long` goes a million steps of others, shortens what fails, and fails itself
 * where a status, an event or a rule was never reached.
 */

test('whatever people do in whatever order, and whatever breaks, no safeguard gives way', async () => {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(histories(150), history => goThrough(history, tally)),
    { numRuns: 40, seed: 20191121, endOnFailure: true },
  );
  // The walks came to what they are about.
  const often = [
    'DeterminationConfirmed',
    'TransferAccepted',
    'PassengerAdded',
    'ManifestApproved',
    'PassengerRemoved',
    'TransferHoldReleased',
    'FamilyMemberAdded',
  ];
  expect([...tally.events.keys()]).toEqual(expect.arrayContaining(often));
  expect(tally.steps).toBeGreaterThan(2_000);
});
