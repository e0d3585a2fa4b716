// Guarded in every run by processes/suspension, processes/suspension-crossing, agreements/agreement.state.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import type { AsylumCase } from '../../src/cases/case.state.js';
import { Database } from '../../src/database/database.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { startCaseledger, type Caseledger } from '../support/caseledger.js';
import { World } from '../support/world.js';

/* Suspensions that cross others, and cases that come and go meanwhile. */

let caseledger: Caseledger;
let world: World;

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const state = async (caseId: string): Promise<AsylumCase> => (await caseledger.app.get(Ledger).read(caseStream, caseId)).state;
const holdsOf = async (caseId: string): Promise<string[]> => {
  await caseledger.settled();
  return (await state(caseId)).holds.map(({ kind }) => kind);
};
const everHeld = async (caseId: string): Promise<number> => (await state(caseId)).holdIds.length;
const suspend = (from = world.now, scope = 'all') => world.agree('GT', 'suspend', { from, scope, reasonCode: 'review' });
const reinstate = (from = world.now) => world.agree('GT', 'reinstate', { from });
const SUSPENDED = ['agreement-suspended'];

describe('a suspension and its end', () => {
  // Every test has its own week and an agreement in force.
  beforeEach(() => world.pass({ days: 7 }));

  test('cases that come back under the agreement while it is suspended are held then', async () => {
    const { worker, supervisor, liaison } = world.staff;
    const [withdrawn, flown, closed] = [await world.caseAt('amenable'), await world.caseAt('departed'), await world.caseAt('amenable')];
    await world.act(worker, withdrawn, 'withdraw-claim', { voluntary: true, language: 'es' });
    await world.act(supervisor, closed, 'mark-as-duplicate', { of: flown });
    await suspend();
    expect([await holdsOf(withdrawn), await holdsOf(flown), await holdsOf(closed)]).toEqual([[], [], []]);
    await world.act(worker, withdrawn, 'revoke-withdrawal');
    await world.act(liaison, flown, 'record-return', { reasonCode: 'flight-turned-back' });
    await world.act(supervisor, closed, 'reopen-case', { reasonCode: 'not-the-same' });
    expect([await holdsOf(withdrawn), await holdsOf(flown), await holdsOf(closed)]).toEqual([SUSPENDED, SUSPENDED, SUSPENDED]);
    await reinstate();
    expect([await holdsOf(withdrawn), await holdsOf(flown), await holdsOf(closed)]).toEqual([[], [], []]);
  });

  test('only who is under the agreement, or is still held, is kept in mind; and who comes back is again', async () => {
    const { worker, liaison, supervisor } = world.staff;
    const noted = async (item: string, list = 'GT') => {
      await caseledger.settled();
      const { rows } = await caseledger.app
        .get(Database)
        .query('SELECT since FROM ledger.process_lists WHERE list = $1 AND item = $2', [list, item]);
      return rows.length > 0;
    };
    const [flown, withdrawn, referred] = [await world.caseAt('scheduled'), await world.caseAt('amenable'), await world.caseAt('amenable')];
    const { manifestId } = world.flightOf(flown);
    expect([await noted(flown), await noted(withdrawn), await noted(referred), await noted(manifestId, flown)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    await suspend();
    expect(await holdsOf(referred)).toEqual(SUSPENDED);
    await world.act(supervisor, referred, 'refer-to-us-procedure', { ground: 'policy' });
    expect(await noted(referred)).toBe(true);
    await reinstate();
    await world.act(worker, withdrawn, 'withdraw-claim', { voluntary: true, language: 'es' });
    await world.take(flown, 'departed', { from: 'scheduled' });
    expect([await noted(flown), await noted(withdrawn), await noted(manifestId, flown)]).toEqual([false, false, false]);
    await world.act(worker, withdrawn, 'revoke-withdrawal');
    await world.act(liaison, flown, 'record-return', { reasonCode: 'flight-turned-back' });
    expect([await noted(flown), await noted(withdrawn)]).toEqual([true, true]);
    // Released by now, and neither under an agreement: the next turn finds nothing to do, and forgets.
    await suspend();
    expect(await noted(referred)).toBe(false);
    await reinstate();
  });

  test('a suspension that follows a reinstatement still to come is another one, with holds of its own', async () => {
    const caseId = await world.caseAt('amenable');
    await suspend(world.now, 'transfers');
    await reinstate(world.in(24));
    await suspend(world.in(48), 'transfers');
    expect(await holdsOf(caseId)).toEqual(SUSPENDED);
    await world.pass({ hours: 24 });
    expect(await holdsOf(caseId)).toEqual([]);
    await world.pass({ hours: 24 });
    expect([await holdsOf(caseId), await everHeld(caseId)]).toEqual([SUSPENDED, 2]);
    await reinstate();
    expect(await holdsOf(caseId)).toEqual([]);
  });

  test('a suspension that turns out to have begun earlier is the same one, and so are its holds', async () => {
    const caseId = await world.caseAt('amenable');
    await suspend(world.now, 'transfers');
    await suspend(world.in(-5), 'transfers');
    expect(await world.read(world.staff.admin, `/v1/agreements/GT?at=${world.in(-3)}`)).toMatchObject({ standing: 'transfers-suspended' });
    expect([await holdsOf(caseId), await everHeld(caseId)]).toEqual([SUSPENDED, 1]);
    await reinstate();
    expect(await holdsOf(caseId)).toEqual([]);
  });
});
