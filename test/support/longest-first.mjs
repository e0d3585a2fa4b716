import Sequencer from '@jest/test-sequencer';

/** What waits or works longest; begun last, it would be waited for alone. */
const LONG = [
  'contract/kurrentdb-event-store',
  'journeys/faults',
  'journeys/starting',
  'journeys/safeguards',
  'journeys/outrunning',
  'operating/planted-faults',
  'journeys/database-faults',
  'contract/eventstoredb-event-store',
  'processes/deaths',
  'journeys/gone-back',
  'journeys/errors',
  'database/embedded-postgres',
  'journeys/time',
  'http/error-table',
  'journeys/backup-elsewhere',
  'journeys/moving',
  'journeys/event-store',
  'journeys/frozen-leader',
  'journeys/long-case',
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
