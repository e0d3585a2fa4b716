import { START } from '../../src/event-store/event-store.js';
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { keptIn } from '../support/caseledger.js';
import { haveAlone, REAL_SERVER } from '../support/eventstoredb/real-server.js';

// The whole main road on a real server. Its read models show what is in the store: so there must be nothing of others.
const release = REAL_SERVER === undefined ? undefined : await haveAlone();
afterAll(() => {
  delete keptIn.eventStoreUrl;
  return release?.();
});

async function isEmpty(url: string): Promise<boolean> {
  const store = await openEventStoreDb(url);
  const newest = await store.newest();
  await store.close();
  return newest === START;
}

if (REAL_SERVER === undefined) it.skip('journeys on a real server: TEST_EVENT_STORE_URL is not set', () => undefined);
else if (!(await isEmpty(REAL_SERVER)))
  it.skip('journeys on a real server: the one of TEST_EVENT_STORE_URL holds events already, and they need an empty one', () => undefined);
else {
  keptIn.eventStoreUrl = REAL_SERVER;
  await import('./main-road.spec.js');
}
