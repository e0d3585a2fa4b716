import { expect, test } from '@jest/globals';
import { Reinstate, Suspend } from '../../src/agreements/agreement.commands.js';
import { RevokeWithdrawal, WithdrawClaim } from '../../src/cases/transfer.commands.js';
import { InMemoryOffice } from '../support/in-memory-office.js';

/* Somebody leaves in the moment in which the agreement's suspension holds them. */

const { worker, admin } = InMemoryOffice.staff;

test('who is held while leaving is kept in mind, and released when the suspension ends', async () => {
  const office = new InMemoryOffice();
  await office.bringIntoForce('GT');
  const leaving = await office.caseAt('Ana', 'amenable');
  await office.settle();
  await office.act(admin, Suspend, 'GT', { from: office.now, scope: 'transfers', reasonCode: 'review' });
  let crossed = 0;
  office.service.beforeCommand = async act => {
    if (act.constructor.name !== 'PlaceHold' || crossed++ > 0) return;
    // The process has looked at the case, and has not held it yet.
    await office.act(worker, WithdrawClaim, leaving, { voluntary: true, language: 'es' });
    for (const trigger of office.service.waiting().filter(({ type }) => type === 'ClaimWithdrawn')) await office.service.answer(trigger);
  };
  await office.settle();
  expect(crossed).toBe(1);
  const kinds = async (): Promise<string[]> => (await office.file(leaving)).holds.map(({ kind }) => kind);
  expect(await kinds()).toEqual(['agreement-suspended']);
  await office.act(admin, Reinstate, 'GT', { from: office.now });
  await office.settle();
  expect(await kinds()).toEqual([]);
  await office.act(worker, RevokeWithdrawal, leaving, {});
  await office.settle();
  expect(await kinds()).toEqual([]);
});
