import { expect, test } from '@jest/globals';
import { RemoveMember } from '../../src/families/family.commands.js';
import type { Trigger } from '../../src/reacting/process-inbox.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* An approval that relied on a wrong tie falls, whichever of the two is heard of first. */

const { supervisor } = InMemoryOffice.staff;

test.each([
  ['first', ({ type }: Trigger) => type === 'ManifestApproved'],
  ['last', ({ type }: Trigger) => type !== 'ManifestApproved'],
])('with the only member of a family on a flight its approval falls, which is heard of %s', async (_, comesFirst) => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const stranger = await office.caseAt('Ana', 'accepted');
  const family = await office.family('family', [stranger]);
  const flight = await office.flight('flight', [stranger], false);
  await office.service.settle();
  await office.approve(flight);
  await office.act(supervisor, RemoveMember, family, { caseId: stranger, reasonCode: 'another-person' });
  await office.service.settle(waiting => waiting.find(comesFirst) ?? waiting[0]);
  expect(await office.manifest(flight)).toMatchObject({ status: 'drafted', approvedBy: null });
});
