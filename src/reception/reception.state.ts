import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { receptionEvents, type ReceptionEvent } from './reception.events.js';

/** The flights on which each person has a place, by the beginning of the person's id: a change copies a 256th of them. */
type Places = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>>;

/** What one partner country receives in a week, and for whom on which flight places are kept. */
interface Week {
  readonly declared: number;
  readonly reserved: number;
  readonly places: Places;
}

/** Places lie in their weeks: a change copies one week's, not those of all years. */
export interface Reception {
  readonly weeks: Readonly<Record<string, Week>>;
}

const none: Week = { declared: 0, reserved: 0, places: {} };
export const weekOfReception = (reception: Reception, week: string): Week => reception.weeks[week] ?? none;

const flightsOf = (places: Places, caseId: string): readonly string[] => places[caseId[0] ?? '']?.[caseId[1] ?? '']?.[caseId] ?? [];

function withFlights(places: Places, caseId: string, change: (flights: readonly string[]) => readonly string[]): Places {
  const [first = '', second = ''] = caseId;
  const { [caseId]: before = [], ...others } = places[first]?.[second] ?? {};
  const flights = change(before);
  return { ...places, [first]: { ...places[first], [second]: flights.length > 0 ? { ...others, [caseId]: flights } : others } };
}

/** The week of a person's place on a flight. One that was flown on stays used, so a person may have others. */
export const weekOfPlace = ({ weeks }: Reception, caseId: string, manifestId: string): string | undefined =>
  Object.keys(weeks).find(week => flightsOf(weeks[week]?.places ?? {}, caseId).includes(manifestId));

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
        places: withFlights(before.places, event.data.caseId, flights => [...flights, event.data.manifestId]),
      });
    case 'PlaceReleased':
      return withWeek({
        reserved: before.reserved - 1,
        places: withFlights(before.places, event.data.caseId, flights => flights.filter(flight => flight !== event.data.manifestId)),
      });
  }
}

export const receptionStream: StreamKind<Reception, ReceptionEvent> = {
  category: 'reception',
  events: receptionEvents,
  initial: { weeks: {} },
  evolve,
  alwaysExists: true,
};
