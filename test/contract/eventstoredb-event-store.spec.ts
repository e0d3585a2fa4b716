import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';
import { everyEventStore } from './event-store.contract.js';
import { survivingCommonFaults } from './eventstoredb-faults.contract.js';
import { overRealServer } from './eventstoredb-real.contract.js';
import { PATIENT } from './over-stand-in.js';

everyEventStore('EventStoreDB', async () => {
  const server = await StandIn.start();
  const open = () => openEventStoreDb(`esdb://${server.address}?tls=false`, PATIENT);
  const store = await open();
  return {
    store,
    reopen: open,
    disconnect: async () => server.line.cut(),
    stop: async () => {
      await store.close();
      await server.kill();
    },
  };
});

// All else that may fail is for a drill: eventstoredb-faults.
survivingCommonFaults('esdb', StandIn);
overRealServer('EventStoreDB', 'esdb');
