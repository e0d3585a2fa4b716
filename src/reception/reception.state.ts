import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { receptionEvents, type ReceptionEvent } from './reception.events.js';

/** What one partner country receives in a week, and for whom on which flight places are kept. */
interface Week {
  readonly declared: number;
  readonly reserved: number;
  readonly places: Readonly<Record<string, true>>;
}

/** Places lie in their weeks: a change copies one week's, not those of all years. */
export interface Reception {
  readonly weeks: Readonly<Record<string, Week>>;
}

const none: Week = { declared: 0, reserved: 0, places: {} };
export const weekOfReception = (reception: Reception, week: string): Week => reception.weeks[week] ?? none;

const key = (caseId: string, manifestId: string): string => `${caseId} ${manifestId}`;

/** The week of a person's place on a flight. One that was flown on stays used, so a person may have others. */
export const weekOfPlace = ({ weeks }: Reception, caseId: string, manifestId: string): string | undefined =>
  Object.keys(weeks).find(week => weeks[week]?.places[key(caseId, manifestId)]);

function evolve(reception: Reception, event: Recorded<ReceptionEvent>): Reception {
  const { week } = event.data;
  const before = weekOfReception(reception, week);
  const withWeek = (change: Partial<Week>): Reception => ({ weeks: { ...reception.weeks, [week]: { ...before, ...change } } });
  switch (event.type) {
    case 'CapacityDeclared':
      return withWeek({ declared: event.data.places });
    case 'PlaceReserved':
      return withWeek({
        reserved: before.reserved + 1,
        places: { ...before.places, [key(event.data.caseId, event.data.manifestId)]: true },
      });
    case 'PlaceReleased': {
      const { [key(event.data.caseId, event.data.manifestId)]: _, ...places } = before.places;
      return withWeek({ reserved: before.reserved - 1, places });
    }
  }
}

export const receptionStream: StreamKind<Reception, ReceptionEvent> = {
  category: 'reception',
  events: receptionEvents,
  initial: { weeks: {} },
  evolve,
  alwaysExists: true,
};
