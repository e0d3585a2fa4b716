import { beforeEach, expect, test } from '@jest/globals';
import { CloseCase, ReopenCase } from '../../src/cases/intake.commands.js';
import { ReferToUsProcedure } from '../../src/cases/screening.commands.js';
import { PlaceHold, RecordDeparture, RecordReturn } from '../../src/cases/transfer.commands.js';
import { AddMember } from '../../src/families/family.commands.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* Who keeps a family on the ground: what a random history found, told as a story. */

const { worker, supervisor, liaison } = InMemoryOffice.staff;
let office: InMemoryOffice;
beforeEach(async () => {
  office = new InMemoryOffice();
  await office.bringIntoForce('GT');
});

const causesOf = async (caseId: string): Promise<(string | null)[]> => {
  await office.settle();
  return (await office.file(caseId)).holds.map(({ cause }) => cause);
};

test('a member whose file was closed has not gone on: who joins the family is held for them', async () => {
  const referred = await office.caseAt('Eva', 'opened');
  await office.act(supervisor, ReferToUsProcedure, referred, { ground: 'policy' });
  const family = await office.family('the family', [referred]);
  await office.act(supervisor, CloseCase, referred, { reasonCode: 'ended' });
  const joining = await office.caseAt('Noé', 'accepted');
  await office.act(worker, AddMember, family, { caseId: joining, relationshipCode: 'child' });
  expect(await causesOf(joining)).toEqual([referred]);
  await office.act(supervisor, ReopenCase, referred, { reasonCode: 'in-error' });
  expect(await causesOf(joining)).toEqual([referred]);
});

test('a member who comes back under a hold holds the others again', async () => {
  const [gone, here] = [await office.caseAt('Eva', 'accepted'), await office.caseAt('Noé', 'accepted')];
  await office.family('the family', [gone, here]);
  await office.act(liaison, RecordDeparture, gone, { flight: 'GT101', irregular: { explanation: 'taken along by mistake' } });
  await office.act(liaison, PlaceHold, gone, { kind: 'medical' });
  expect(await causesOf(here)).toEqual([]);
  await office.act(liaison, RecordReturn, gone, { reasonCode: 'turned-back' });
  expect(await causesOf(here)).toEqual([gone]);
});
