import { PARTNER_COUNTRIES } from '../agreements/agreement.events.js';
import { linesOf, type CommandedStream } from '../event-store/use-case.js';
import { useCases } from '../http/use-cases.js';
import { DeclareCapacity, ReleasePlace, ReservePlace } from './reception.commands.js';
import type { ReceptionEvent } from './reception.events.js';
import { declareCapacity, receptionRuleBook, releasePlace, reservePlace } from './reception.rules.js';
import { receptionStream, type Reception } from './reception.state.js';

const reception: CommandedStream<Reception, ReceptionEvent, never, keyof typeof receptionRuleBook> = {
  kind: receptionStream,
  book: receptionRuleBook,
  resource: { path: 'v1/reception', id: 'country', ids: PARTNER_COUNTRIES },
};
const line = linesOf(reception);

export const receptionUseCases = useCases(reception, [
  line({
    command: DeclareCapacity,
    rule: declareCapacity,
    in: 'always',
    leadsTo: ['CapacityDeclared'],
    roles: ['admin'],
    summary: 'Declare how many people the country receives in a week',
    codes: ['capacity-exhausted'],
  }),
  line({
    command: ReservePlace,
    rule: reservePlace,
    in: 'always',
    leadsTo: ['PlaceReserved'],
    roles: [],
    summary: 'Keep a place for a person on a flight',
    codes: ['capacity-exhausted'],
  }),
  line({ command: ReleasePlace, rule: releasePlace, in: 'always', leadsTo: ['PlaceReleased'], roles: [], summary: 'Give the place back' }),
]);
