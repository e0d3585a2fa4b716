import { PlaceHold } from '../cases/transfer.commands.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import type { HoldOrderEvent } from '../hold-orders/hold-order.events.js';
import { URGENCY, type Process, type ProcessStep } from '../reacting/process.js';
import { sideBySide } from '../reacting/side-by-side.js';
import { command } from './command.js';

type Issued = Recorded<HoldOrderEvent>;

/** An order for a class of cases holds each of them; each hold is released by itself. */
export const whenHoldOrderIssuedHoldCases: Process = {
  name: 'when-hold-order-issued-hold-cases',
  on: ['HoldOrderIssued'],
  startsFrom: 'beginning',
  urgency: () => URGENCY.protectsMany,
  async react(trigger: Recorded<Fact>, step: ProcessStep): Promise<void> {
    const { stream, data: { kind, caseIds }, personal } = trigger as Issued;
    await sideBySide(caseIds, async caseId => {
      const holdId = uuidV5(caseId, idOf(stream));
      await step.send('hold', command(PlaceHold, { holdId, kind, ...(personal && { reference: personal.reference }) }), caseId);
    });
  },
};
