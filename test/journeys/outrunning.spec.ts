import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandBus } from '@nestjs/cqrs';
import type { Act } from '../../src/event-store/act.js';
import { isSystem } from '../../src/event-store/actor.js';
import { EventStore } from '../../src/event-store/event-store.js';
import { ProcessInbox } from '../../src/reacting/process-inbox.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { codesOf, done, refused, World, type Flight } from '../support/world.js';

/* Nothing outruns a safeguard: between a court's order and the hold that a process places for it, nobody leaves as cleared. */

const ORDERS = 'when-hold-order-issued-hold-cases';
let caseledger: Caseledger;
let world: World;
let execute: CommandBus['execute'];

beforeAll(async () => {
  caseledger = await startCaseledger();
  world = await World.in(caseledger);
  ({ execute } = caseledger.app.get(CommandBus));
});
afterEach(() => {
  caseledger.app.get(CommandBus).execute = execute;
  caseledger.app.get(ProcessRunner).start();
});
afterAll(() => caseledger.stop());

const newest = () => caseledger.app.get(EventStore).newest();
const order = (caseId: string): Promise<Answer> =>
  world.staff.supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [caseId] });
const depart = (flight: Flight, key?: string): Promise<Answer> =>
  world.staff.liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: flight.caseIds }, { key });

function expectBehind(answer: Answer): void {
  expect(Number(refused(answer, 503, 'safeguards-behind').headers.get('retry-after'))).toBeGreaterThan(0);
}

/** Somebody who was cleared and is about to leave. */
async function boarding(): Promise<{ readonly caseId: string; readonly flight: Flight }> {
  const caseId = await world.caseAt('boarding');
  return { caseId, flight: world.flightOf(caseId) };
}

test('while processes are stopped nobody is cleared or leaves as cleared; then the hold stands in the way', async () => {
  const { caseId, flight } = await boarding();
  const scheduled = await world.schedule([await world.caseAt('accepted')], { flight: 'GT303' });
  const { liaison } = world.staff;
  const runner = caseledger.app.get(ProcessRunner);
  await runner.stop();
  done(await order(caseId), 201);
  const before = await newest();
  const attempts = await Promise.all([
    depart(flight),
    liaison.post(`manifests/${scheduled.manifestId}/open-boarding`),
    liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId }),
    liaison.post(`cases/${caseId}/record-departure`, { flight: flight.flight }),
  ]);
  attempts.forEach(expectBehind);
  expect(await newest()).toBe(before);
  // What is known without them is answered as ever.
  refused(await liaison.post(`cases/${randomUUID()}/record-departure`, { flight: 'GT101' }), 404, 'not-found');
  refused(
    await liaison.post(`manifests/${flight.manifestId}/depart`, { boarded: flight.caseIds }, { ifMatch: 0 }),
    412,
    'revision-mismatch',
  );
  runner.start();
  refused(await depart(flight), 409, 'not-cleared');
  expect(codesOf(refused(await liaison.post(`cases/${caseId}/record-departure`, { flight: flight.flight }), 409, 'not-cleared'))).toContain(
    'hold-standing',
  );
  expect(await world.statusOf(caseId)).toBe('transfer-scheduled');
});

test('a process that is slow is waited for: the order comes first', async () => {
  const { caseId, flight } = await boarding();
  const bus = caseledger.app.get(CommandBus);
  bus.execute = async (act: Act) => {
    if (isSystem(act.context.actor)) await sleep(1_500);
    return execute.call(bus, act as never);
  };
  done(await order(caseId), 201);
  const [together, alone] = await Promise.all([
    depart(flight),
    world.staff.liaison.post(`cases/${caseId}/record-departure`, { flight: flight.flight }),
  ]);
  refused(together, 409, 'not-cleared');
  expect(codesOf(refused(alone, 409, 'not-cleared'))).toContain('hold-standing');
});

test('a safeguard that a process failed to place keeps the gate shut, at once, until it is placed', async () => {
  const { caseId, flight } = await boarding();
  const bus = caseledger.app.get(CommandBus);
  bus.execute = (act: Act) => (isSystem(act.context.actor) ? Promise.reject(new TypeError('broken')) : execute.call(bus, act as never));
  done(await order(caseId), 201);
  await caseledger.settled();
  expect((await caseledger.app.get(ProcessInbox).status()).find(({ name }) => name === ORDERS)).toMatchObject({ failed: 1 });
  const answer = await depart(flight);
  expectBehind(answer);
  expect(answer.body['detail']).toContain('an operator has to look');
  bus.execute = execute;
  await caseledger.app.get(ProcessRunner).retryProcess(ORDERS);
  refused(await depart(flight), 409, 'not-cleared');
});
