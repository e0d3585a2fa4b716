import type { Placed } from '../event-store/fact-reader.js';
import { foldHistory } from '../event-store/stream-kind.js';
import type { CaseEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import { caseStream } from './case.stream.js';

/**
 * The opening or correction since which the person bears each number.
 * @param history with what is personal opened
 */
export function takenUpBy(history: readonly Placed<CaseEvent>[]): ReadonlyMap<string, Placed<CaseEvent>> {
  const since = Object.entries(foldHistory(caseStream, history).numbersSince);
  return new Map(since.flatMap(([number, eventId]) => history.filter(({ id }) => id === eventId).map(event => [number, event])));
}

/** By which events, of either file, the two bear the same numbers. */
export const sharedSince = ({ numbersSince: own }: AsylumCase, { numbersSince: others }: AsylumCase): readonly string[] => [
  ...new Set(
    Object.entries(own).flatMap(([number, eventId]) => {
      const also = others[number];
      return also === undefined ? [] : [eventId, also];
    }),
  ),
];
