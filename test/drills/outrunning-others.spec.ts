// Guarded in every run by journeys/outrunning, journeys/roles, processes/shared-numbers, operating/monitoring.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandBus } from '@nestjs/cqrs';
import { CarryOver } from '../../src/cases/merging.commands.js';
import { Database } from '../../src/database/database.js';
import type { Act } from '../../src/event-store/act.js';
import { examine } from '../../src/operating/doctor.js';
import { ProcessRunner } from '../../src/reacting/process-runner.js';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { codesOf, done, eventually, refused, World, type Flight } from '../support/world.js';

/* Nothing outruns a safeguard, however it comes about, and whoever is asked sees that nobody places them. */

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

test('one safeguard that follows from another is waited for too: a court orders it for a file that is merged with this one', async () => {
  const { caseId, flight } = await boarding();
  const closed = await world.open();
  await world.act(world.staff.supervisor, closed, 'mark-as-duplicate', { of: caseId });
  await caseledger.settled();
  const bus = caseledger.app.get(CommandBus);
  bus.execute = async (act: Act) => {
    if (act instanceof CarryOver) await sleep(1_500);
    return execute.call(bus, act as never);
  };
  done(await order(closed), 201);
  refused(await depart(flight), 409, 'not-cleared');
  expect((await world.file(caseId)).holds).toMatchObject([{ kind: 'court-order' }]);
});

test('nobody leaves while another file is opened with the same number, before it is known what stands there', async () => {
  const { caseId, flight } = await boarding();
  const { alienNumber } = (await world.file(caseId))['applicant'] as { alienNumber: string };
  const runner = caseledger.app.get(ProcessRunner);
  await runner.stop();
  const other = await world.open({ alienNumber });
  expectBehind(await depart(flight));
  runner.start();
  refused(await depart(flight), 409, 'not-cleared');
  const { liaison, supervisor } = world.staff;
  const clear = (): Promise<Answer> => liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId });
  expect(codesOf(refused(await clear(), 409, 'duplicate-unresolved'))).toEqual(['duplicate-unresolved']);
  await world.act(supervisor, other, 'dismiss-duplicate', { of: caseId, reasonCode: 'another-person' });
  done(await clear());
  done(await depart(flight));
});

test('who left has left: an irregular departure is taken at once, and a repeat is answered without waiting', async () => {
  const { caseId, flight } = await boarding();
  const other = await world.caseAt('accepted');
  await world.moveTo(flight.departsAt);
  const key = randomUUID();
  const first = done(await depart(flight, key));
  await caseledger.app.get(ProcessRunner).stop();
  done(await order(other), 201);
  const again = done(await depart(flight, key));
  expect(again.text).toBe(first.text);
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
  done(await world.staff.liaison.post(`cases/${other}/record-departure`, { flight: 'GT303', irregular: { explanation: 'taken along' } }));
  expectBehind(await world.staff.liaison.post(`cases/${caseId}/clear-for-boarding`, { manifestId: flight.manifestId }));
});

test('that nobody runs the processes is seen by whoever is asked, by the positions alone', async () => {
  const caseId = await world.open();
  const runner = caseledger.app.get(ProcessRunner);
  await runner.stop();
  done(await order(caseId), 201);
  const ready = () => fetch(`${caseledger.url}/health/ready`).then(async answer => ({ status: answer.status, text: await answer.text() }));
  const unwell = await eventually('it is not ready', ready, ({ status }) => status === 503, 60_000);
  expect(JSON.parse(unwell.text)).toMatchObject({ details: { processes: { status: 'down' }, 'read-models': { status: 'up' } } });
  expect(
    (await fetch(`${caseledger.url}/metrics`).then(answer => answer.text())).match(
      /follower_lag_seconds\{follower="when-hold-order-issued-hold-cases"\} [1-9]/,
    ),
  ).not.toBeNull();
  const { healthy, lines } = await examine(caseledger.app);
  expect(healthy).toBe(false);
  expect(lines.filter(line => line.startsWith('not ok')).join()).toContain(`${ORDERS}: has not looked`);
  runner.start();
  await eventually('it is ready again', ready, ({ status }) => status === 200);
});

// The last one: those positions stay.
test('a process that is said to stand beyond the end of the store has answered nothing', async () => {
  const { caseId, flight } = await boarding();
  await caseledger.settled();
  await caseledger.app.get(ProcessRunner).stop();
  await caseledger.app.get(Database).query('UPDATE ledger.processes SET position = $1', ['9'.repeat(19)]);
  done(await order(caseId), 201);
  expectBehind(await depart(flight));
});
