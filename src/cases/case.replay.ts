import { fold, retractedBy, type Recorded } from '../event-store/stream-kind.js';
import { isAfter } from '../fields/time.js';
import type { CaseEvent } from './case.events.js';
import type { AsylumCase } from './case.state.js';
import { hasLeft } from './standing.state.js';
import { caseStream } from './case.stream.js';
import { caseUseCases } from './case.use-cases.js';
import { CarryOver } from './merging.commands.js';

/** Up to where a history is read: what was recorded by then, of what had happened by then. */
export interface Horizon {
  /** RFC 3339 UTC. */
  readonly recordedBy?: string;
  readonly occurredBy?: string;
}

/** A report may be dated before the act that made it possible: with that act left out, it has no ground. */
function hasGround(asylumCase: AsylumCase, event: Recorded<CaseEvent>): boolean {
  if (event.type === 'ApplicantDeparted') return !hasLeft(asylumCase);
  if (caseStream.refusal?.(event) || 'from' in event.data) return true;
  const comesFrom = caseUseCases.decider.useCases.filter(({ command, leadsTo }) => command !== CarryOver && leadsTo.includes(event.type));
  return comesFrom.some(({ in: statuses, standsAlone }) => standsAlone || statuses === 'always' || statuses.includes(asylumCase.status));
}

/** Corrections and retractions count on the recorded axis only: what is corrected or retracted was never otherwise. */
const isOfTheRecord = ({ type }: Recorded<CaseEvent>): boolean => type === 'ApplicantCorrected' || type === 'EntryRetracted';

/** A case at a revision; -1 and no state before the opening. */
export interface Replayed {
  readonly revision: number;
  readonly state: AsylumCase | null;
}

const UNOPENED: Replayed = { revision: -1, state: null };

/**
 * Folds a case's history, in its order, as far as the horizon lets it be seen, with the `evolve` that decides.
 * @param from where the history goes on from; nothing before may be taken back in it, nor lie beyond the horizon
 * @param passing told of each state on the way, one for every event unless what had not happened is passed over
 */
export function replay(
  history: readonly Recorded<CaseEvent>[],
  { recordedBy, occurredBy }: Horizon = {},
  from = UNOPENED,
  passing: (at: Replayed) => void = () => undefined,
): Replayed {
  let at = from;
  const end = recordedBy === undefined ? -1 : history.findIndex(({ metadata }) => isAfter(metadata.recordedAt, recordedBy));
  const known = end < 0 ? history : history.slice(0, end);
  const retracted = retractedBy(caseStream, known);
  for (const event of known) {
    const { state } = at;
    const happened = occurredBy === undefined || isOfTheRecord(event) || !isAfter(event.metadata.occurredAt, occurredBy);
    const opened: boolean = state !== null || event.type === 'CaseOpened';
    if (!opened || !happened || (occurredBy !== undefined && state && !hasGround(state, event))) continue;
    at = { revision: event.revision, state: fold(caseStream, state ?? caseStream.initial, event, retracted) };
    passing(at);
  }
  return at;
}
