// Guarded in every run by journeys/main-road, contract/eventstoredb-event-store.
import { START } from '../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { keptIn } from '../support/caseledger.js';
import { serveStandIn } from '../support/eventstoredb/served.js';

// The whole main road again, its events in a server of another process.
const served = await serveStandIn();
keptIn.eventStoreUrl = served.url;
afterAll(() => {
  delete keptIn.eventStoreUrl;
  return served.stop();
});

await import('../journeys/main-road.spec.js');

it('has kept its events there', async () => {
  const store = await openEventStoreDb(served.url);
  expect(await store.newest()).not.toBe(START);
  await store.close();
});
