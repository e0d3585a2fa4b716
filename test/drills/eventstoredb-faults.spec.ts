// Guarded in every run by contract/eventstoredb-event-store.
import { appendingWhateverFails } from '../contract/eventstoredb-appends.contract.js';
import { survivingFaults } from '../contract/eventstoredb-faults.contract.js';
import { StandIn } from '../support/eventstoredb/stand-in.js';

survivingFaults('esdb', StandIn);
appendingWhateverFails('esdb', StandIn);
