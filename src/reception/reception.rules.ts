import type { Rule, RuleBook } from '../event-store/rule.js';
import type { DeclareCapacity, ReleasePlace, ReservePlace } from './reception.commands.js';
import type { ReceptionEvent } from './reception.events.js';
import { placeOf, weekOfReception, type Reception } from './reception.state.js';

export const receptionRuleBook = {
  'capacity-exhausted': 'More places would be reserved than are declared.',
} satisfies RuleBook;

type ReceptionRule<Command> = Rule<Command, Reception, ReceptionEvent>;

export const declareCapacity: ReceptionRule<DeclareCapacity> = {
  asked: ({ week, places }, reception) => [places < weekOfReception(reception, week).reserved && 'capacity-exhausted'],
  events: ({ week, places }, reception) =>
    (reception.weeks[week]?.declared === places ? [] : [{ type: 'CapacityDeclared', data: { week, places } }]),
};

/** A person has one place at most: a place for another flight is given back in the same append. */
export const reservePlace: ReceptionRule<ReservePlace> = {
  asked: ({ caseId, week }, reception) => {
    const { declared, reserved } = weekOfReception(reception, week);
    const own = placeOf(reception, caseId)?.week === week ? 1 : 0;
    return [reserved - own >= declared && 'capacity-exhausted'];
  },
  events: ({ caseId, week, manifestId }, reception) => {
    const place = placeOf(reception, caseId);
    if (place?.week === week && place.manifestId === manifestId) return [];
    return [
      ...(place ? [{ type: 'PlaceReleased' as const, data: { caseId, ...place } }] : []),
      { type: 'PlaceReserved', data: { caseId, week, manifestId } },
    ];
  },
};

export const releasePlace: ReceptionRule<ReleasePlace> = {
  events: ({ caseId, manifestId }, reception) => {
    const place = placeOf(reception, caseId);
    return place?.manifestId === manifestId ? [{ type: 'PlaceReleased', data: { caseId, ...place } }] : [];
  },
};
