import { keptIn } from '../support/caseledger.js';
import { serveStandIn } from '../support/eventstoredb/served.js';

// Who looked, again, the records in a server of another process.
const served = await serveStandIn();
keptIn.eventStoreUrl = served.url;
afterAll(() => {
  delete keptIn.eventStoreUrl;
  return served.stop();
});

await import('./access.spec.js');
