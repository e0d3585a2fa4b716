import type { StreamKind } from '../event-store/stream-kind.js';
import { accessEvents, type AccessEvent } from './access.events.js';

export const accessStream: StreamKind<object, AccessEvent> = {
  category: 'access',
  events: accessEvents,
  initial: {},
  evolve: state => state,
  standsAlone: true,
};
