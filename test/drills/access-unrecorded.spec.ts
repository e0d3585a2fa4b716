// Guarded in every run by journeys/database-fault.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptIn, startCaseledger, type Caseledger } from '../support/caseledger.js';
import { FaultyServer } from '../support/database-faults.js';
import { serveStandIn } from '../support/eventstoredb/served.js';
import { done, MARK, refused, World } from '../support/world.js';

/* A read that cannot be recorded is not answered, over both stores. */

const ASKED = (caseId: string): readonly (readonly [by: 'worker' | 'liaison' | 'auditor', path: string])[] => [
  ['worker', `/v1/cases/${caseId}`],
  ['worker', `/v1/cases/${caseId}/timeline`],
  ['worker', `/v1/cases/${caseId}/notes`],
  ['worker', `/v1/cases/${caseId}/possible-duplicates`],
  ['worker', `/v1/cases/${caseId}/allowed-commands`],
  ['worker', '/v1/cases'],
  ['worker', '/v1/cases?limit=1'],
  ['worker', '/v1/deadlines'],
  ['liaison', '/v1/manifests'],
  ['auditor', `/v1/audit/cases/${caseId}/state`],
  ['auditor', `/v1/audit/cases/${caseId}/access`],
  ['auditor', '/v1/audit/actors/cw-ana/access'],
];

const folder = mkdtempSync(join(tmpdir(), 'unrecorded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusesReads(caseledger: Caseledger, fault: { begin: () => Promise<unknown>; end: () => Promise<unknown> }): Promise<void> {
  const world = await World.in(caseledger);
  const caseId = await world.caseAt('requested');
  await world.host.calm();
  for (const [by, path] of ASKED(caseId)) done(await world.staff[by].get(path));
  await fault.begin();
  try {
    // Each is tried for some seconds.
    const answers = await Promise.all(ASKED(caseId).map(([by, path]) => world.staff[by].get(path)));
    for (const answer of answers) {
      // Who looked is asked of what was recorded until then: that may still have been on its way.
      refused(answer, 503, answer.body['code'] === 'read-model-behind' ? 'read-model-behind' : 'store-unavailable');
      expect([answer.headers.get('etag'), Number(answer.headers.get('retry-after')) > 0, answer.text.includes(MARK)]).toEqual([
        null,
        true,
        false,
      ]);
    }
  } finally {
    await fault.end();
  }
}

test('where the database may only be read, nothing is shown', async () => {
  const server = await FaultyServer.start(folder);
  const caseledger = await startCaseledger(server.env);
  try {
    const fault = server.faults['it may only be read (25006)'];
    if (!fault) throw new Error('no such fault');
    await refusesReads(caseledger, fault);
  } finally {
    await caseledger.stop();
    await server.stop();
  }
});

test('where the event store is gone, nothing is shown', async () => {
  const served = await serveStandIn();
  keptIn.eventStoreUrl = served.url;
  const caseledger = await startCaseledger();
  try {
    await refusesReads(caseledger, { begin: () => served.stop(), end: async () => {} });
  } finally {
    await caseledger.stop();
    delete keptIn.eventStoreUrl;
  }
});
