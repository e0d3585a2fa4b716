import { AbortTransfer } from '../cases/transfer.commands.js';
import type { CaseEvent } from '../cases/case.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Recorded } from '../event-store/stream-kind.js';
import { waitsUntil, type Process } from '../reacting/process.js';
import { command } from './command.js';

type Accepted = Recorded<Extract<CaseEvent, { type: 'TransferAccepted' }>>;

/** An acceptance that runs out before the departure ends the transfer. */
export const whenTransferAcceptedAwaitDeparture: Process = {
  name: 'when-transfer-accepted-await-departure',
  on: ['TransferAccepted'],
  startsFrom: 'beginning',
  ...waitsUntil('acceptance-runs-out', trigger => (trigger as Accepted).data.validUntil, async (trigger, _timer, step) => {
    const { acceptanceId } = (trigger as Accepted).data;
    await step.send('abort', command(AbortTransfer, { acceptanceId, reasonCode: 'acceptance-expired' }), idOf(trigger.stream));
  }),
};
