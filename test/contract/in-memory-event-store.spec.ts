import { InMemoryEventStore } from '../support/in-memory-event-store.js';
import { everyEventStore } from './event-store.contract.js';

/* What specs of many steps run on must behave as the stores that people's cases are kept in. */

everyEventStore('memory', async () => {
  const store = new InMemoryEventStore();
  return { store, reopen: async () => new InMemoryEventStore(store.contents), disconnect: async () => {}, stop: () => store.close() };
});
