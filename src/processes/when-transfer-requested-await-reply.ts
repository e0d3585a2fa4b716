import { LapseTransferRequest } from '../cases/transfer.commands.js';
import type { CaseEvent } from '../cases/case.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import type { Process, ProcessStep } from '../reacting/process.js';
import { command } from './command.js';

type Requested = Recorded<Extract<CaseEvent, { type: 'TransferRequested' }>>;

/** Silence is no acceptance: a request that nobody answers lapses when the reply was due. */
export const whenTransferRequestedAwaitReply: Process = {
  name: 'when-transfer-requested-await-reply',
  on: ['TransferRequested'],
  startsFrom: 'beginning',
  react: (trigger: Recorded<Fact>, step: ProcessStep) => step.at('reply-due', (trigger as Requested).data.replyDueAt),
  async elapsed(trigger: Recorded<Fact>, _timer: string, step: ProcessStep): Promise<void> {
    await step.send('lapse', command(LapseTransferRequest, { requestId: (trigger as Requested).data.requestId }), idOf(trigger.stream));
  },
};
