import Sequencer from '@jest/test-sequencer';

/** What waits or works longest; begun last, it would be waited for alone. */
const LONG = [
  'contract/kurrentdb-event-store',
  'journeys/faults',
  'journeys/moving',
  'journeys/outrunning',
  'operating/planted-faults',
  'journeys/database-faults',
  'contract/eventstoredb-event-store',
  'journeys/time',
  'journeys/starting',
  'journeys/backup-elsewhere',
  'journeys/safeguards',
  'processes/deaths',
  'journeys/master-key',
  'journeys/roles',
  'journeys/access-unrecorded',
  'processes/suspension-of-many',
  'journeys/errors',
  'demo/recount',
  'journeys/gone-back',
  'processes/interruptions',
  'database/embedded-postgres',
  'journeys/long-case',
  'http/error-table',
  'processes/suspension',
  'journeys/frozen-leader',
  'journeys/event-store',
  'event-store/copy-events',
  'contract/eventstoredb-process',
  'http/issuer-keys',
  'model/model',
];

const rank = ({ path }) => {
  const place = LONG.findIndex(name => path.endsWith(`/${name}.spec.ts`));
  return place < 0 ? LONG.length : place;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}
