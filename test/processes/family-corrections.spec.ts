import { expect, test } from '@jest/globals';
import { AddMember, CorrectRelationship, RemoveMember } from '../../src/families/family.commands.js';
import type { Trigger } from '../../src/reacting/process-inbox.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* An approval that relied on a wrong tie falls, whichever of the two is heard of first. */

const { supervisor, worker } = InMemoryOffice.staff;

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

const CORRECTIONS = [
  ['another member is taken for somebody else', CorrectRelationship, 1],
  ['another member is removed', RemoveMember, 1],
  ['the passenger is removed', RemoveMember, 0],
] as const;
const heard = [
  ['first', ({ type }: Trigger) => type === 'ManifestApproved'],
  ['last', ({ type }: Trigger) => type !== 'ManifestApproved'],
] as const;

test.each(
  CORRECTIONS.flatMap(([what, Correction, whom]) => heard.map(([when, comesFirst]) => ({ what, Correction, whom, when, comesFirst }))),
)(
  'an approval falls that is heard of $when where $what, in a family that was joined after it',
  async ({ Correction, whom, comesFirst }) => {
    const office = new InMemoryOffice();
    await office.bringIntoForce('GT');
    const [passenger, other] = [await office.caseAt('Ana', 'accepted'), await office.caseAt('Beto', 'opened')];
    const family = await office.family('family', [other]);
    const flight = await office.flight('flight', [passenger], false);
    await office.service.settle();
    await office.approve(flight);
    await office.act(worker, AddMember, family, { caseId: passenger, relationshipCode: 'sibling' });
    const correction = { caseId: [passenger, other][whom], relationshipCode: 'cousin', reasonCode: 'another-person' };
    await office.act(supervisor, Correction, family, correction);
    await office.service.settle(waiting => waiting.find(comesFirst) ?? waiting[0]);
    expect(await office.manifest(flight)).toMatchObject({ status: 'drafted', approvedBy: null });
  },
);

test('an approval stands that was given after the passenger was removed, whichever is heard of first', async () => {
  for (const [, comesFirst] of heard) {
    const office = new InMemoryOffice();
    await office.bringIntoForce('GT');
    const [passenger, other] = [await office.caseAt('Ana', 'accepted'), await office.caseAt('Beto', 'opened')];
    const family = await office.family('family', [other, passenger]);
    const flight = await office.flight('flight', [passenger], false);
    await office.service.settle();
    await office.act(supervisor, RemoveMember, family, { caseId: passenger, reasonCode: 'another-person' });
    await office.approve(flight);
    await office.service.settle(waiting => waiting.find(comesFirst) ?? waiting[0]);
    expect((await office.manifest(flight)).status).toBe('approved');
  }
});
