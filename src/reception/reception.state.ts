import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { receptionEvents, type ReceptionEvent } from './reception.events.js';

export interface Place {
  readonly week: string;
  readonly manifestId: string;
}

/** What one partner country receives in a week, and for whom places are kept: the flight of each, by case. */
interface Week {
  readonly declared: number;
  readonly reserved: number;
  readonly places: Readonly<Record<string, string>>;
}

/** Places lie in their weeks: a change copies one week's, not those of all years. */
export interface Reception {
  readonly weeks: Readonly<Record<string, Week>>;
}

const none: Week = { declared: 0, reserved: 0, places: {} };
export const weekOfReception = (reception: Reception, week: string): Week => reception.weeks[week] ?? none;

/** A person has one place at most. */
export function placeOf({ weeks }: Reception, caseId: string): Place | undefined {
  for (const week in weeks) {
    const manifestId = weeks[week]?.places[caseId];
    if (manifestId !== undefined) return { week, manifestId };
  }
  return undefined;
}

function evolve(reception: Reception, event: Recorded<ReceptionEvent>): Reception {
  const { week } = event.data;
  const before = weekOfReception(reception, week);
  const withWeek = (change: Partial<Week>): Reception => ({ weeks: { ...reception.weeks, [week]: { ...before, ...change } } });
  switch (event.type) {
    case 'CapacityDeclared':
      return withWeek({ declared: event.data.places });
    case 'PlaceReserved':
      return withWeek({ reserved: before.reserved + 1, places: { ...before.places, [event.data.caseId]: event.data.manifestId } });
    case 'PlaceReleased': {
      const { [event.data.caseId]: _, ...places } = before.places;
      return withWeek({ reserved: before.reserved - 1, places });
    }
  }
}

export const receptionStream: StreamKind<Reception, ReceptionEvent> = {
  category: 'reception',
  versions: receptionEvents,
  initial: { weeks: {} },
  evolve,
  alwaysExists: true,
};
