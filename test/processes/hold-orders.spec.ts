import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { whenHoldOrderIssuedHoldCases } from '../../src/processes/when-hold-order-issued-hold-cases.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { answerAgain } from '../support/answer-again.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { spoilKey } from '../support/spoil-key.js';
import { done, faultsOf, MARK, refused, World } from '../support/world.js';

/* An order that concerns a class of cases: a court's, or after a disclosure. */

let caseledger: Caseledger;
let world: World;
beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const order = (caseIds: readonly string[], more: object = {}, options = {}): Promise<Answer> =>
  world.staff.supervisor.post('hold-orders', { kind: 'court-order', reference: `${MARK}-ORDER`, caseIds, ...more }, options);

describe('a hold order', () => {
  test('places one hold on each case, of any office and status, with its reference', async () => {
    const caseIds = [await world.caseAt('accepted'), await world.open(), await world.open({}, world.staff.workerElsewhere)];
    const answer = done(await order(caseIds), 201);
    const holdOrderId = String(answer.body['holdOrderId']);
    expect(Object.keys(answer.body)).toEqual(['holdOrderId', 'revision', 'events']);
    expect(answer.body['events']).toMatchObject([{ type: 'HoldOrderIssued', revision: 0 }]);
    expect(answer.headers.get('location')).toBe(`/v1/hold-orders/${holdOrderId}`);
    for (const caseId of caseIds) {
      const [placed, ...more] = (await world.events(caseId)).filter(({ type }) => type === 'TransferHoldPlaced');
      expect(more).toEqual([]);
      expect(placed).toMatchObject({
        data: { kind: 'court-order' },
        personal: { reference: `${MARK}-ORDER` },
        metadata: { actor: { id: 'system' }, correlationId: answer.headers.get('x-correlation-id') },
      });
    }
    const [caseId] = caseIds as [string];
    const [hold] = (await world.file(caseId)).holds;
    refused(await world.staff.supervisor.post(`cases/${caseId}/release-hold`, { holdId: hold?.holdId }), 400, 'validation-failed');
    await world.act(world.staff.supervisor, caseId, 'release-hold', { holdId: hold?.holdId, reference: `${MARK}-LIFTED` });
    expect((await world.file(caseId)).holds).toEqual([]);
  });

  test('two orders hold a case twice; one that is answered again, once', async () => {
    const caseId = await world.open();
    const key = randomUUID();
    const first = done(await order([caseId], { kind: 'disclosure-breach' }, { key }), 201);
    const repeat = done(await order([caseId], { kind: 'disclosure-breach' }, { key }), 201);
    expect(repeat.text).toBe(first.text);
    done(await order([caseId], { kind: 'disclosure-breach' }));
    expect((await world.file(caseId)).holds).toMatchObject([{ kind: 'disclosure-breach' }, { kind: 'disclosure-breach' }]);
    const newest = await caseledger.app.get(EventStore).newest();
    await answerAgain(caseledger.app.get(Database), whenHoldOrderIssuedHoldCases, 'order');
    await caseledger.settled();
    expect(await caseledger.app.get(EventStore).newest()).toBe(newest);
  });

  test('holds the others where one of the cases cannot be read, and that one once it can be', async () => {
    const [spoilt, ...others] = [await world.open(), await world.open(), await world.open()] as [string, ...string[]];
    const holds = async (caseId: string) => (await world.events(caseId)).filter(({ type }) => type === 'TransferHoldPlaced').length;
    const runner = caseledger.app.get(ProcessRunner);
    await runner.stop();
    done(await order([spoilt, ...others], { kind: 'disclosure-breach' }), 201);
    const mend = await spoilKey(caseledger, spoilt);
    runner.start();
    await caseledger.settled();
    for (const caseId of others) expect(await holds(caseId)).toBe(1);
    await mend();
    expect(await runner.retryProcess(whenHoldOrderIssuedHoldCases.name)).toBe(1);
    await caseledger.settled();
    for (const caseId of [spoilt, ...others]) expect(await holds(caseId)).toBe(1);
  });

  test('takes an id of its own once, and names every case that does not exist', async () => {
    const caseId = await world.open();
    const holdOrderId = randomUUID();
    expect(done(await order([caseId], { holdOrderId }), 201).body['holdOrderId']).toBe(holdOrderId);
    refused(await order([caseId], { holdOrderId }), 409, 'already-exists');
    const unknown = refused(await order([caseId, randomUUID(), randomUUID()]), 404, 'not-found');
    expect(faultsOf(unknown)).toEqual(['/caseIds/1 not-found', '/caseIds/2 not-found']);
    expect((await world.file(caseId)).holds).toHaveLength(1);
  });

  test("is a supervisor's, and whole", async () => {
    const body = { kind: 'court-order', reference: MARK, caseIds: [randomUUID()] };
    for (const person of [world.staff.worker, world.staff.liaison, world.staff.auditor])
      refused(await person.post('hold-orders', body), 403, 'role-not-allowed');
    const faults = faultsOf(
      refused(await world.staff.supervisor.post('hold-orders', { kind: 'illness', caseIds: [] }), 400, 'validation-failed'),
    );
    expect(faults.map(fault => fault.split(' ')[0]).sort()).toEqual(['/caseIds', '/kind', '/reference']);
    expect(faultsOf(refused(await order([body.caseIds[0] as string, body.caseIds[0] as string]), 400, 'validation-failed'))).toEqual([
      '/caseIds/1 invalid',
    ]);
  });
});
