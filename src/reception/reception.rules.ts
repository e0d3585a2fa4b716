import type { Rule, RuleBook } from '../event-store/rule.js';
import type { DeclareCapacity, ReleasePlace, ReservePlace } from './reception.commands.js';
import type { ReceptionEvent } from './reception.events.js';
import { weekOfPlace, weekOfReception, type Reception } from './reception.state.js';

export const receptionRuleBook = {
  'capacity-exhausted': 'More places would be reserved than are declared.',
} satisfies RuleBook;

type ReceptionRule<Command> = Rule<Command, Reception, ReceptionEvent>;

export const declareCapacity: ReceptionRule<DeclareCapacity> = {
  asked: ({ week, places }, reception) => [places < weekOfReception(reception, week).reserved && 'capacity-exhausted'],
  events: ({ week, places }, reception) =>
    reception.weeks[week]?.declared === places ? [] : [{ type: 'CapacityDeclared', data: { week, places } }],
};

/** For one flight a person has one place. */
export const reservePlace: ReceptionRule<ReservePlace> = {
  asked: ({ caseId, week, manifestId }, reception) => {
    const { declared, reserved } = weekOfReception(reception, week);
    return [weekOfPlace(reception, caseId, manifestId) === undefined && reserved >= declared && 'capacity-exhausted'];
  },
  events: ({ caseId, week, manifestId }, reception) =>
    weekOfPlace(reception, caseId, manifestId) === undefined ? [{ type: 'PlaceReserved', data: { caseId, week, manifestId } }] : [],
};

export const releasePlace: ReceptionRule<ReleasePlace> = {
  events: ({ caseId, manifestId }, reception) => {
    const week = weekOfPlace(reception, caseId, manifestId);
    return week === undefined ? [] : [{ type: 'PlaceReleased', data: { caseId, week, manifestId } }];
  },
};
