import { beforeEach, describe, expect, test } from '@jest/globals';
import { CloseCase, RecordDeath, ReopenCase } from '../../src/cases/intake.commands.js';
import { ReferToUsProcedure } from '../../src/cases/screening.commands.js';
import { PlaceHold, RecordDeparture, RecordReturn, ReleaseHold } from '../../src/cases/transfer.commands.js';
import { AddMember } from '../../src/families/family.commands.js';
import { receptionStream } from '../../src/reception/reception.state.js';
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

test('a member who comes back is held for whoever cannot go by then', async () => {
  const [gone, here] = [await office.caseAt('Eva', 'accepted'), await office.caseAt('Noé', 'accepted')];
  await office.family('the family', [gone, here]);
  await office.act(liaison, RecordDeparture, gone, { flight: 'GT101', irregular: { explanation: 'taken along by mistake' } });
  await office.act(liaison, PlaceHold, here, { kind: 'medical' });
  expect(await causesOf(gone)).toEqual([]);
  await office.act(liaison, RecordReturn, gone, { reasonCode: 'turned-back' });
  expect(await causesOf(gone)).toEqual([here]);
  // Both are causes now: who has come back is to be determined anew.
  expect(await causesOf(here)).toEqual([null, gone]);
});

test('who was let go by hand is held again when another member joins, comes back or is reopened', async () => {
  const [stopped, here, back] = [
    await office.caseAt('Eva', 'accepted'),
    await office.caseAt('Noé', 'accepted'),
    await office.caseAt('Ivo', 'accepted'),
  ];
  await office.family('the family', [stopped, here, back]);
  await office.act(liaison, RecordDeparture, back, { flight: 'GT101', irregular: { explanation: 'taken along by mistake' } });
  await office.act(liaison, PlaceHold, stopped, { kind: 'medical' });
  expect(await causesOf(here)).toEqual([stopped]);
  const [{ holdId } = { holdId: '' }] = (await office.file(here)).holds;
  await office.act(supervisor, ReleaseHold, here, { holdId });
  expect(await causesOf(here)).toEqual([]);
  await office.act(liaison, RecordReturn, back, { reasonCode: 'turned-back' });
  expect((await causesOf(here)).toSorted()).toEqual([stopped, back].toSorted());
  expect(await causesOf(back)).toEqual([stopped]);
});

describe('who died', () => {
  test('holds nobody, whoever else of the family is not on the way', async () => {
    const [mother, child, other] = [
      await office.caseAt('Eva', 'accepted'),
      await office.caseAt('Noé', 'accepted'),
      await office.caseAt('Ivo', 'opened'),
    ];
    await office.family('the family', [mother, child, other]);
    await office.act(liaison, PlaceHold, mother, { kind: 'medical' });
    expect(await causesOf(child)).toEqual([mother]);
    await office.act(liaison, RecordDeath, mother, {});
    expect(await causesOf(child)).toEqual([]);
    // What is placed on the file later stops nobody either; an error is put right.
    await office.act(liaison, PlaceHold, mother, { kind: 'court-order' });
    expect(await causesOf(child)).toEqual([]);
    await office.act(supervisor, ReopenCase, mother, { reasonCode: 'another-person' });
    expect(await causesOf(child)).toEqual([mother]);
  });

  test('leaves the family whole, and seat and place to others', async () => {
    const [father, child] = [await office.caseAt('Eva', 'accepted'), await office.caseAt('Noé', 'accepted')];
    await office.family('the family', [father, child]);
    const flight = await office.flight('flight', [father, child]);
    await office.settle();
    await office.act(worker, RecordDeath, father, {});
    await office.settle();
    expect((await office.manifest(flight)).passengers).toEqual([child]);
    const { state } = await office.service.ledger.read(receptionStream, 'GT');
    expect(Object.values(state.weeks).map(({ reserved }) => reserved)).toEqual([1]);
    await office.openBoarding(flight);
    await office.settle();
    expect((await office.depart(flight, [child])).events).toMatchObject([{ type: 'FlightDeparted' }]);
  });
});
