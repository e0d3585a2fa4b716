import { LapseTransferRequest } from '../cases/transfer.commands.js';
import { idOf } from '../event-store/event-store.js';
import { waitsUntil } from '../reacting/process.js';
import { command } from './command.js';
import { process, type Trigger } from './trigger.js';

/** Silence is no acceptance: a request that nobody answers lapses when the reply was due. */
export const whenTransferRequestedAwaitReply = process({
  name: 'when-transfer-requested-await-reply',
  on: ['TransferRequested'],
  startsFrom: 'beginning',
  ...waitsUntil<Trigger<'TransferRequested'>>(
    'reply-due',
    ({ data }) => data.replyDueAt,
    async ({ stream, data: { requestId } }, _timer, step) => {
      await step.send('lapse', command(LapseTransferRequest, { requestId }), idOf(stream));
    },
  ),
});
