import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { receptionEvents, type ReceptionEvent } from './reception.events.js';

export interface Place {
  readonly week: string;
  readonly manifestId: string;
}

/** What one partner country receives in each week, and for whom its places are kept. */
export interface Reception {
  readonly weeks: Readonly<Record<string, { readonly declared: number; readonly reserved: number }>>;
  readonly places: Readonly<Record<string, Place>>;
}

const none = { declared: 0, reserved: 0 };
export const weekOfReception = (reception: Reception, week: string) => reception.weeks[week] ?? none;

function evolve(reception: Reception, event: Recorded<ReceptionEvent>): Reception {
  const { week } = event.data;
  const before = weekOfReception(reception, week);
  const withWeek = (change: Partial<typeof none>) => ({ ...reception.weeks, [week]: { ...before, ...change } });
  switch (event.type) {
    case 'CapacityDeclared':
      return { ...reception, weeks: withWeek({ declared: event.data.places }) };
    case 'PlaceReserved':
      return { weeks: withWeek({ reserved: before.reserved + 1 }), places: { ...reception.places, [event.data.caseId]: { week, manifestId: event.data.manifestId } } };
    case 'PlaceReleased': {
      const { [event.data.caseId]: _, ...places } = reception.places;
      return { weeks: withWeek({ reserved: before.reserved - 1 }), places };
    }
  }
}

export const receptionStream: StreamKind<Reception, ReceptionEvent> = {
  category: 'reception',
  versions: receptionEvents,
  initial: { weeks: {}, places: {} },
  evolve,
  alwaysExists: true,
};
