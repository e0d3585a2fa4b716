import Sequencer from '@jest/test-sequencer';

/** What waits or works longest; begun last, it would be waited for alone. */
const LONG = [
  'drills/kurrentdb-event-store',
  'drills/faults',
  'drills/moving',
  'drills/moving-clock',
  'drills/outrunning-others',
  'drills/generated-requests',
  'journeys/outrunning',
  'drills/planted-faults',
  'drills/database-faults',
  'contract/eventstoredb-event-store',
  'journeys/time',
  'drills/starting',
  'drills/backup-elsewhere',
  'journeys/safeguards',
  'processes/deaths',
  'drills/master-key',
  'journeys/roles',
  'drills/access-unrecorded',
  'drills/suspension-of-many',
  'journeys/errors',
  'drills/recount',
  'drills/gone-back',
  'drills/interruptions',
  'drills/embedded-postgres',
  'drills/long-case',
  'http/error-table',
  'processes/suspension',
  'journeys/frozen-leader',
  'journeys/program',
  'drills/event-store',
  'event-store/copy-events',
  'drills/eventstoredb-process',
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
