import { PlaceHold } from '../cases/transfer.commands.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { idOf } from '../event-store/event-store.js';
import { URGENCY } from '../reacting/process.js';
import { sideBySide } from '../reacting/side-by-side.js';
import { command } from './command.js';
import { process } from './trigger.js';

/** An order for a class of cases holds each of them; each hold is released by itself. */
export const whenHoldOrderIssuedHoldCases = process({
  name: 'when-hold-order-issued-hold-cases',
  on: ['HoldOrderIssued'],
  startsFrom: 'beginning',
  urgency: () => URGENCY.protectsMany,
  async react({ stream, data: { kind, caseIds }, personal }, step) {
    await sideBySide(caseIds, async caseId => {
      const holdId = uuidV5(caseId, idOf(stream));
      await step.send('hold', command(PlaceHold, { holdId, kind, ...(personal && { reference: personal.reference }) }), caseId);
    });
  },
});
