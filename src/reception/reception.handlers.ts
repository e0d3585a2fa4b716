import type { Type } from '@nestjs/common';
import { PARTNER_COUNTRIES } from '../agreements/agreement.events.js';
import { handlerFor, type StreamCommands } from '../event-store/handler.js';
import { commandController } from '../http/command-controller.js';
import { DeclareCapacity, ReleasePlace, ReservePlace } from './reception.commands.js';
import type { ReceptionEvent } from './reception.events.js';
import { declareCapacity, receptionRuleBook, releasePlace, reservePlace } from './reception.rules.js';
import { receptionStream, type Reception } from './reception.state.js';

const reception: StreamCommands<Reception, ReceptionEvent> = { kind: receptionStream, book: receptionRuleBook };

export const receptionHandlers: readonly Type[] = [
  handlerFor(reception, { command: DeclareCapacity, rule: declareCapacity }),
  handlerFor(reception, { command: ReservePlace, rule: reservePlace }),
  handlerFor(reception, { command: ReleasePlace, rule: releasePlace }),
];

/** Places are reserved and released by processes alone: they have no route. */
export const ReceptionController = commandController({
  path: 'v1/reception', idParam: 'country', idKey: 'country', ids: PARTNER_COUNTRIES, tag: 'reception',
  routes: [{ command: DeclareCapacity, roles: ['admin'], summary: 'Declare how many people the country receives in a week', codes: ['capacity-exhausted'] }],
});
