import Sequencer from '@jest/test-sequencer';

/** What waits or works longest; begun last, it would be waited for alone. */
const LONG = [
  'operating/doctor',
  'journeys/database-fault',
  'journeys/safeguards',
  'journeys/time',
  'journeys/outrunning',
  'console/console',
  'journeys/roles',
  'journeys/sealed-at-rest',
  'journeys/frozen-leader',
  'console/case-forms',
  'journeys/feed',
  'processes/deaths',
  'contract/eventstoredb-event-store',
  'journeys/errors',
  'projecting/generations',
  'reacting/processes',
  'http/issuer-keys',
  'console/case-pages',
  'processes/suspension',
  'console/flights',
  'contract/postgres-event-store',
  'journeys/access',
  'console/sign-in',
  'console/health',
  'operating/commands',
  'http/document',
  'journeys/backup',
  'console/reports',
  'event-store/copy-events',
  'demo/load',
  'console/agreements',
  'journeys/program',
  'projecting/projecting',
  'model/model',
  'read-models/figures-disclosure',
  'audit/witnesses',
  'read-models/outcomes',
  'http/error-table',
  'drills/kurrentdb-event-store',
  'drills/faults',
  'drills/moving',
  'drills/moving-clock',
  'drills/outrunning-others',
  'drills/generated-requests',
  'drills/planted-faults',
  'drills/database-faults',
  'drills/starting',
  'drills/backup-elsewhere',
  'drills/master-key',
  'drills/access-unrecorded',
  'drills/suspension-of-many',
  'drills/recount',
  'drills/gone-back',
  'drills/interruptions',
  'drills/embedded-postgres',
  'drills/long-case',
  'drills/event-store',
  'drills/eventstoredb-process',
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
