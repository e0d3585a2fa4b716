import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCaseledger, type Answer, type Caseledger } from '../support/caseledger.js';
import { FaultyServer } from '../support/database-faults.js';
import { done, eventually, MARK, refused, World } from '../support/world.js';

/*
 * A fault of the database that passes by itself: meanwhile nothing is stored, and nothing shown that cannot be recorded;
 * afterwards a court's order reaches the case that it names, by the very processes that were there before.
 * What other faults do to built services is for drills: database-faults, access-unrecorded.
 */

const folder = mkdtempSync(join(tmpdir(), 'database-fault-'));
let server: FaultyServer;
let caseledger: Caseledger;

beforeAll(async () => {
  server = await FaultyServer.start(folder);
  caseledger = await startCaseledger(server.env);
});
afterAll(async () => {
  await caseledger.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('while the database may only be read nothing is stored or shown, and then all goes on', async () => {
  const world = await World.in(caseledger);
  const { worker, supervisor, auditor } = world.staff;
  const caseId = await world.open();
  await world.file(caseId);
  const order = (): Promise<Answer> => supervisor.post('hold-orders', { kind: 'court-order', reference: 'order', caseIds: [caseId] });
  const reads = [
    () => worker.get(`/v1/cases/${caseId}`),
    () => worker.get('/v1/cases'),
    () => auditor.get(`/v1/audit/cases/${caseId}/state`),
  ];
  for (const read of reads) done(await read());
  const health = async (): Promise<number> => (await fetch(`${caseledger.url}/health/ready`)).status;

  const fault = server.faults['it may only be read (25006)'];
  if (!fault) throw new Error('no such fault');
  await fault.begin();
  try {
    for (const answer of await Promise.all([order, ...reads].map(ask => ask()))) {
      refused(answer, 503, 'store-unavailable');
      expect([Number(answer.headers.get('retry-after')) > 0, answer.text.includes(MARK)]).toEqual([true, false]);
    }
    await eventually('it says that it cannot write', health, status => status === 503);
  } finally {
    await fault.end();
  }
  await eventually('the order is taken', order, ({ status }) => status === 201);
  await eventually(
    'the hold stands',
    () => supervisor.get(`/v1/cases/${caseId}`),
    ({ body }) => JSON.stringify(body['holds'] ?? '').includes('court-order'),
  );
  await eventually('it is ready', health, status => status === 200);
});
