// Guarded in every run by journeys/access, contract/eventstoredb-event-store.
import { keptIn } from '../support/caseledger.js';
import { serveStandIn } from '../support/eventstoredb/served.js';

// Who looked, again, the records in a server of another process.
const served = await serveStandIn();
keptIn.eventStoreUrl = served.url;
afterAll(() => {
  delete keptIn.eventStoreUrl;
  return served.stop();
});

await import('../journeys/access.spec.js');
