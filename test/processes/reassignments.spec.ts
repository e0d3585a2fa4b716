import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { caseStream } from '../../src/cases/case.stream.js';
import { Database } from '../../src/database/database.js';
import type { Act } from '../../src/event-store/act.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { Ledger } from '../../src/event-store/ledger.js';
import { whenReassignmentOrderedAssignCases } from '../../src/processes/when-reassignment-ordered-assign-cases.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { anEvent, opened } from '../read-models/histories.js';
import { answerAgain } from '../support/answer-again.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { done, refused, World } from '../support/world.js';

/* Somebody leaves the office, and another takes over all that is open. */

let caseledger: Caseledger;
let world: World;
beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
});
afterAll(() => caseledger.stop());

const MANY = 450;
const order = (from: string, to: string, more: object = {}, by = world.staff.supervisor, options = {}): Promise<Answer> =>
  by.post('reassignments', { from, to, reasonCode: 'left-the-office', ...more }, options);
const assigneeOf = async (caseId: string) => (await caseledger.app.get(Ledger).read(caseStream, caseId)).state.assignedTo;
const assignees = async (caseIds: readonly string[]) => new Set(await Promise.all(caseIds.map(assigneeOf)));

/** Straight into the store: what processes do must not depend on who wrote. */
async function assigned(count: number, caseworkerId: string): Promise<string[]> {
  const caseIds = Array.from({ length: count }, () => randomUUID());
  await caseledger.app.get(EventStore).append(
    caseIds.map(caseId => ({
      stream: `case-${caseId}`,
      expectedRevision: 'no-stream' as const,
      events: [{ ...opened(), personal: undefined }, anEvent({ type: 'CaseAssigned', data: { caseworkerId } })],
    })),
  );
  return caseIds;
}

/** Calls the runner off once so many cases were assigned; resolves when it has stopped. */
function stopAfter(count: number): Promise<void> {
  const bus = caseledger.app.get(CommandBus);
  const runner = caseledger.app.get(ProcessRunner);
  const { execute } = bus;
  let seen = 0;
  return new Promise(resolve => {
    bus.execute = async (act: Act) => {
      if (act.constructor.name === 'AssignCase' && ++seen === count) {
        bus.execute = execute;
        void runner.stop().then(resolve);
      }
      return execute.call(bus, act);
    };
  });
}

test('every open case of the own office goes from one to the other, and no other case', async () => {
  const { supervisor, workerElsewhere, supervisorElsewhere } = world.staff;
  const [open, closed, released] = [await world.open(), await world.open(), await world.open()];
  const elsewhere = await world.open({}, workerElsewhere);
  for (const caseId of [open, closed, released]) await world.act(supervisor, caseId, 'assign-case', { caseworkerId: 'cw-leaves' });
  await world.act(supervisorElsewhere, elsewhere, 'assign-case', { caseworkerId: 'cw-leaves' });
  await world.act(supervisor, released, 'release-case', { caseworkerId: 'cw-leaves' });
  await world.act(supervisor, closed, 'refer-to-us-procedure', { ground: 'policy' });
  await world.act(supervisor, closed, 'close-case', { reasonCode: 'ended' });
  const key = randomUUID();
  const answer = done(await order('cw-leaves', 'cw-comes', {}, supervisor, { key }), 201);
  expect(Object.keys(answer.body)).toEqual(['reassignmentId', 'revision', 'events']);
  expect(answer.body['events']).toMatchObject([{ type: 'ReassignmentOrdered', revision: 0 }]);
  expect(answer.headers.get('location')).toBe(`/v1/reassignments/${String(answer.body['reassignmentId'])}`);
  expect(done(await order('cw-leaves', 'cw-comes', {}, supervisor, { key }), 201).text).toBe(answer.text);
  await caseledger.settled();
  expect(await Promise.all([open, closed, released, elsewhere].map(assigneeOf))).toEqual(['cw-comes', 'cw-leaves', null, 'cw-leaves']);
  expect((await world.events(open)).at(-1)).toMatchObject({
    type: 'CaseAssigned',
    data: { caseworkerId: 'cw-comes', reassignmentId: answer.body['reassignmentId'] },
    metadata: { actor: { id: 'system' } },
  });
  // What is assigned to the same person afterwards stays.
  await world.act(supervisor, open, 'assign-case', { caseworkerId: 'cw-leaves' });
  await caseledger.settled();
  expect(await assigneeOf(open)).toBe('cw-leaves');
});

test('to the same person is a 400, and for supervisors alone', async () => {
  const answer = await order('cw-ana', 'cw-ana');
  refused(answer, 400, 'validation-failed');
  expect(answer.body['errors']).toMatchObject([{ pointer: '/to' }]);
  refused(await order('cw-ana', 'cw-beto', {}, world.staff.worker), 403, 'role-not-allowed');
});

test('interrupted in the middle it goes on: each case once, and the newcomer in between stays where a person put it', async () => {
  const caseIds = await assigned(MANY, 'cw-many');
  await caseledger.settled();
  const stopped = stopAfter(250);
  done(await order('cw-many', 'cw-next'), 201);
  await stopped;
  expect((await assignees(caseIds)).size).toBe(2);
  const by = await Promise.all(caseIds.map(assigneeOf));
  const waiting = caseIds[by.lastIndexOf('cw-many')] ?? '';
  await caseledger.app.get(EventStore).append([
    {
      stream: `case-${waiting}`,
      expectedRevision: 1,
      events: [anEvent({ type: 'CaseAssigned', data: { caseworkerId: 'cw-other' } })],
    },
  ]);
  caseledger.app.get(ProcessRunner).start();
  await caseledger.settled();
  expect(await assigneeOf(waiting)).toBe('cw-other');
  const others = caseIds.filter(caseId => caseId !== waiting);
  expect(await assignees(others)).toEqual(new Set(['cw-next']));
  for (const caseId of others) expect((await caseledger.app.get(Ledger).read(caseStream, caseId)).revision).toBe(2);
  const newest = await caseledger.app.get(EventStore).newest();
  await answerAgain(caseledger.app.get(Database), whenReassignmentOrderedAssignCases, 'reassignment');
  await caseledger.settled();
  expect(await caseledger.app.get(EventStore).newest()).toBe(newest);
});

test('who takes over leaves as well before all is done: the last one has it all', async () => {
  const caseIds = await assigned(30, 'cw-first');
  done(await order('cw-first', 'cw-second'), 201);
  done(await order('cw-second', 'cw-third'), 201);
  await caseledger.settled();
  expect(await assignees(caseIds)).toEqual(new Set(['cw-third']));
});
