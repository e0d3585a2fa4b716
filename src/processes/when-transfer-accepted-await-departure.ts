import { AbortTransfer } from '../cases/transfer.commands.js';
import { idOf } from '../event-store/event-store.js';
import { waitsUntil } from '../reacting/process.js';
import { command } from './command.js';
import { process, type Trigger } from './trigger.js';

/** An acceptance that runs out before the departure ends the transfer. */
export const whenTransferAcceptedAwaitDeparture = process({
  name: 'when-transfer-accepted-await-departure',
  on: ['TransferAccepted'],
  startsFrom: 'beginning',
  ...waitsUntil<Trigger<'TransferAccepted'>>(
    'acceptance-runs-out',
    ({ data }) => data.validUntil,
    async ({ stream, data: { acceptanceId } }, _timer, step) => {
      await step.send('abort', command(AbortTransfer, { acceptanceId, reasonCode: 'acceptance-expired' }), idOf(stream));
    },
  ),
});
