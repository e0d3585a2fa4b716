import { LapseTransferRequest } from '../cases/transfer.commands.js';
import type { CaseEvent } from '../cases/case.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Recorded } from '../event-store/stream-kind.js';
import { waitsUntil, type Process } from '../reacting/process.js';
import { command } from './command.js';

type Requested = Recorded<Extract<CaseEvent, { type: 'TransferRequested' }>>;

/** Silence is no acceptance: a request that nobody answers lapses when the reply was due. */
export const whenTransferRequestedAwaitReply: Process = {
  name: 'when-transfer-requested-await-reply',
  on: ['TransferRequested'],
  startsFrom: 'beginning',
  ...waitsUntil('reply-due', trigger => (trigger as Requested).data.replyDueAt, async (trigger, _timer, step) => {
    await step.send('lapse', command(LapseTransferRequest, { requestId: (trigger as Requested).data.requestId }), idOf(trigger.stream));
  }),
};
