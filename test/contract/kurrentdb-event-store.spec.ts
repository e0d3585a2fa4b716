/** @jest-environment node */
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { everyEventStore } from './event-store.contract.js';
import { survivingFaults } from './eventstoredb-faults.contract.js';
import { overRealServer } from './eventstoredb-real.contract.js';
import { PATIENT } from './over-stand-in.js';

process.env['STAND_IN_SPEAKS'] = 'kurrentdb';
const { StandIn } = await import('../support/eventstoredb/stand-in.js');

everyEventStore('KurrentDB', async () => {
  const server = await StandIn.start();
  const open = () => openEventStoreDb(`kurrentdb://${server.address}?tls=false`, PATIENT);
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

// Appends over our own calls are tried with the other client.
survivingFaults('kurrentdb', StandIn);
overRealServer('KurrentDB', 'kurrentdb');
