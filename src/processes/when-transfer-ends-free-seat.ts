import { idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import { RemovePassenger } from '../manifests/manifest.commands.js';
import { caseFacts } from '../cases/case.facts.js';
import type { Process, ProcessStep } from '../projecting/process.js';
import { command } from './command.js';

/**
 * A transfer that ends before departure, or a person who left by another way, gives up the seat.
 * What follows from the removal, the schedule and the place, is the flight's own process.
 */
export const whenTransferEndsFreeSeat: Process = {
  name: 'when-transfer-ends-free-seat',
  on: ['TransferAborted', 'ClaimWithdrawn', 'ReferredToUsProcedure', 'ApplicantDeparted'],
  startsFrom: 'beginning',
  async react(trigger: Recorded<Fact>, step: ProcessStep): Promise<void> {
    const caseId = idOf(trigger.stream);
    const manifestId = (trigger.data as { manifestId?: string }).manifestId ?? await flownWithout(trigger, caseId, step);
    if (manifestId) await step.send('remove', command(RemovePassenger, { caseId, reasonCode: REASONS[trigger.type] ?? 'transfer-ended' }), manifestId);
  },
};

const REASONS: Readonly<Record<string, string>> = {
  TransferAborted: 'transfer-aborted',
  ClaimWithdrawn: 'claim-withdrawn',
  ReferredToUsProcedure: 'us-procedure',
  ApplicantDeparted: 'departed-otherwise',
};

/** Once its own flight has departed, a manifest takes no removal, and nothing happens. */
async function flownWithout(trigger: Recorded<Fact>, caseId: string, step: ProcessStep): Promise<string | null> {
  if (trigger.type !== 'ApplicantDeparted') return null;
  return (await caseFacts(step, caseId))?.transfer?.manifestId ?? null;
}
