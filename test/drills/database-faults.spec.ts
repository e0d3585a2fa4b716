// Guarded in every run by journeys/database-fault.
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultyServer } from '../support/database-faults.js';
import { Children, worldOf, type ChildService } from '../support/child-service.js';
import { done, eventually, refused, type World } from '../support/world.js';

/*
 * What passes by itself stops nobody for good: after each fault a court's order reaches the case that it names, and is
 * shown, by the very processes that were there before.
 */

const CLOCK = '2020-01-13T15:00:00Z';
const LASTS_MS = 2_000;

const children = new Children();
let server: FaultyServer;
let services: ChildService[];
let world: World;

beforeAll(async () => {
  server = await FaultyServer.start(children.folder());
  const dataDir = children.folder();
  const env = { CLOCK: `simulated:${CLOCK}`, ...server.env };
  services = await Promise.all([children.start(env, { dataDir }), children.start(env, { dataDir })]);
  world = await worldOf((...who) => (services[0] as ChildService).person(...who), CLOCK);
  await world.begin(CLOCK);
});
afterAll(async () => {
  await children.endServices();
  await server.stop();
  await children.end();
});

const FAULTS = [
  'it may only be read (25006)',
  'nobody may log in (28000)',
  'the password is another one (28P01)',
  'it takes no connections (55000)',
  'it has another name (3D000)',
  'rights are revoked (42501)',
  'it may not be written (42501)',
];

async function passes(name: string): Promise<void> {
  const { staff } = world;
  const caseId = await world.open();
  const fault = server.faults[name];
  if (!fault) throw new Error(`no such fault: ${name}`);
  await fault.begin();
  try {
    // Nothing is stored, and whoever asks hears that it may be sent again.
    const attempt = await staff.supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [caseId] });
    expect(Number(refused(attempt, 503, 'store-unavailable').headers.get('retry-after'))).toBeGreaterThan(0);
    await eventually(
      'a service that cannot write says so',
      () => Promise.all(services.map(service => service.health())),
      seen => seen.every(status => status === 503),
    );
    await sleep(LASTS_MS);
  } finally {
    await fault.end();
  }
  await eventually(
    'the order is taken',
    () => staff.supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [caseId] }),
    ({ status }) => status === 201,
  );
  await eventually(
    'the hold stands',
    () => staff.supervisor.get(`/v1/cases/${caseId}`),
    ({ body }) => JSON.stringify(body['holds'] ?? '').includes('court-order'),
  );
  done(await staff.worker.post(`cases/${caseId}/add-note`, { text: 'note' }));
  await eventually(
    'the services are ready',
    () => Promise.all(services.map(service => service.health())),
    seen => seen.every(status => status === 200),
  );
}

describe('with two services', () => {
  it.each(FAULTS)('%s', passes, 60_000);
});

describe('with one', () => {
  beforeAll(async () => {
    await services[1]?.kill();
    services.pop();
  });
  it.each(['nobody may log in (28000)', 'it takes no connections (55000)', 'rights are revoked (42501)'])('%s', passes, 60_000);
});
