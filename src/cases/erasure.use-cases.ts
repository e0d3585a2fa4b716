import { line, supervisors } from './case.line.js';
import * as commands from './erasure.commands.js';
import * as rules from './erasure.rules.js';

/** What of a file must be kept, and what must not be kept any longer. */
export const erasureUseCases = [
  line({
    command: commands.PlaceLegalHold,
    rule: rules.placeLegalHold,
    in: 'always',
    leadsTo: ['LegalHoldPlaced'],
    roles: supervisors,
    summary: 'Order that nothing of the file is erased',
    takenWhenFull: true,
  }),
  line({
    command: commands.ReleaseLegalHold,
    rule: rules.releaseLegalHold,
    in: 'always',
    leadsTo: ['LegalHoldReleased'],
    roles: supervisors,
    summary: 'Release the legal hold',
    takenWhenFull: true,
  }),
  line({
    command: commands.RequestErasure,
    rule: rules.requestErasure,
    in: 'always',
    leadsTo: ['ErasureRequested'],
    roles: supervisors,
    summary: 'Request that all that is personal in the closed case is erased',
    codes: ['case-not-closed', 'legal-hold'],
    takenWhenFull: true,
  }),
];
