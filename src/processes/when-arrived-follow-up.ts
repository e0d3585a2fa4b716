import { agreementFacts } from '../agreements/agreement.facts.js';
import { RecordFollowUpOverdue } from '../cases/aftercare.commands.js';
import type { CaseEvent } from '../cases/case.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import { hoursOf, plusHours } from '../event-store/time.js';
import type { Process, ProcessStep } from '../projecting/process.js';
import { command } from './command.js';

type Arrived = Recorded<Extract<CaseEvent, { type: `TransferredTo${string}` }>>;

/** Nobody is forgotten after the arrival: silence up to a milestone of the agreement's rules is noted. */
export const whenArrivedFollowUp: Process = {
  name: 'when-arrived-follow-up',
  on: ['TransferredToElSalvador', 'TransferredToGuatemala', 'TransferredToHonduras'],
  startsFrom: 'beginning',
  async react(trigger: Recorded<Fact>, step: ProcessStep): Promise<void> {
    const { data: { country }, metadata: { occurredAt, recordedAt } } = trigger as Arrived;
    const { ruleSet } = await agreementFacts(step, country, recordedAt);
    for (const milestone of ruleSet?.followUp ?? []) await step.at(milestone, plusHours(occurredAt, hoursOf(milestone)));
  },
  async elapsed(trigger: Recorded<Fact>, milestone: string, step: ProcessStep): Promise<void> {
    const { transferId } = (trigger as Arrived).data;
    await step.send(`overdue ${milestone}`, command(RecordFollowUpOverdue, { transferId, milestone }), idOf(trigger.stream));
  },
};
