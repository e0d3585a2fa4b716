import Sequencer from '@jest/test-sequencer';

/** What waits or works longest; begun last, it would be waited for alone. */
const LONG = [
  'contract/kurrentdb-event-store',
  'journeys/faults',
  'journeys/database-faults',
  'contract/eventstoredb-event-store',
  'journeys/moving',
  'journeys/outrunning',
  'database/embedded-postgres',
  'processes/deaths',
  'journeys/starting',
  'journeys/safeguards',
  'journeys/gone-back',
  'journeys/errors',
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
