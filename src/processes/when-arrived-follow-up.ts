import type { PartnerCountry } from '../agreements/agreement.events.js';
import { agreementFacts } from '../agreements/agreement.facts.js';
import { RecordFollowUpOverdue } from '../cases/aftercare.commands.js';
import { caseFacts, isSilent } from '../cases/case.facts.js';
import type { CaseEvent } from '../cases/case.events.js';
import { idOf } from '../event-store/event-store.js';
import type { Fact, Recorded } from '../event-store/stream-kind.js';
import { hoursOf, plusHours } from '../event-store/time.js';
import type { Process, ProcessStep } from '../projecting/process.js';
import { command } from './command.js';

/** After these the person may be silent again. */
const RESUMES = ['EntryRetracted', 'CaseReopened'];
type Arrived = Recorded<Extract<CaseEvent, { type: `TransferredTo${string}` }>>;

/**
 * Nobody is forgotten after the arrival: silence up to a milestone of the agreement's rules is noted. What was heard in
 * error was silence: the milestones that passed meanwhile are noted when it is retracted. So are those of a closed file when
 * it is reopened.
 */
export const whenArrivedFollowUp: Process = {
  name: 'when-arrived-follow-up',
  on: ['TransferredToElSalvador', 'TransferredToGuatemala', 'TransferredToHonduras', ...RESUMES],
  startsFrom: 'beginning',
  async react(trigger: Recorded<Fact>, step: ProcessStep): Promise<void> {
    if (RESUMES.includes(trigger.type)) return followAgain(trigger, step);
    const { data: { country }, metadata: { occurredAt } } = trigger as Arrived;
    for (const milestone of await milestonesOf(country, trigger, step)) await step.at(milestone, plusHours(occurredAt, hoursOf(milestone)));
  },
  async elapsed(trigger: Recorded<Fact>, timer: string, step: ProcessStep): Promise<void> {
    const [milestone = '', transferId = (trigger as Arrived).data.transferId] = timer.split(' ');
    await step.send(`overdue ${milestone}`, command(RecordFollowUpOverdue, { transferId, milestone }), idOf(trigger.stream));
  },
};

async function milestonesOf(country: PartnerCountry, { metadata }: Recorded<Fact>, step: ProcessStep): Promise<readonly string[]> {
  return (await agreementFacts(step, country, metadata.recordedAt)).ruleSet?.followUp ?? [];
}

/** A milestone whose first timer is still to run down is noted by whichever comes first. */
async function followAgain(trigger: Recorded<Fact>, step: ProcessStep): Promise<void> {
  const found = await caseFacts(step, idOf(trigger.stream));
  const { country, transferId, arrivedAt } = found?.transfer ?? {};
  if (!found || !isSilent(found) || !country || !transferId || !arrivedAt) return;
  // The arrival is named with the milestone: the person may be back, and sent again, by then.
  for (const milestone of await milestonesOf(country, trigger, step)) await step.at(`${milestone} ${transferId}`, plusHours(arrivedAt, hoursOf(milestone)));
}
