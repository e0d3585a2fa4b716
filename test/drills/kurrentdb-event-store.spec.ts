/** @jest-environment node */
// Guarded in every run by contract/eventstoredb-event-store, contract/eventstoredb-opening.
import { openEventStoreDb } from '../../src/event-store/eventstoredb/open-eventstoredb.js';
import { everyEventStore } from '../contract/event-store.contract.js';
import { survivingCommonFaults, survivingFaults } from '../contract/eventstoredb-faults.contract.js';
import { overRealServer } from '../contract/eventstoredb-real.contract.js';
import { PATIENT } from '../contract/over-stand-in.js';

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
survivingCommonFaults('kurrentdb', StandIn);
survivingFaults('kurrentdb', StandIn);
overRealServer('KurrentDB', 'kurrentdb');
