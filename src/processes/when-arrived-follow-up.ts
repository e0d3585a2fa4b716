import type { PartnerCountry } from '../agreements/agreement.events.js';
import { agreementFacts } from '../agreements/agreement.facts.js';
import { RecordFollowUpOverdue } from '../cases/aftercare.commands.js';
import { arrivedWith, caseFacts, isSilent } from '../cases/case.facts.js';
import { idOf } from '../event-store/event-store.js';
import { hoursOf, isAfter, plusHours } from '../fields/time.js';
import type { ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { noted } from './noted.js';
import { isOneOf, process } from './trigger.js';

/** After these the person may be silent again. */
const RESUMES = ['EntryRetracted', 'CaseReopened'] as const;
const ARRIVALS = ['TransferredToElSalvador', 'TransferredToGuatemala', 'TransferredToHonduras'] as const;

/**
 * Nobody is forgotten after the arrival: silence up to a milestone of the agreement's newest rules is noted. What was heard
 * in error was silence: the milestones that passed meanwhile are noted when it is retracted. So are those of a closed file
 * when it is reopened, and those that newer rules name.
 */
export const whenArrivedFollowUp = process({
  name: 'when-arrived-follow-up',
  on: [...ARRIVALS, ...RESUMES, 'AgreementRulesPublished'],
  startsFrom: 'beginning',
  async react(trigger, step) {
    const id = idOf(trigger.stream);
    if (trigger.type === 'AgreementRulesPublished') return followAll(id as PartnerCountry, trigger.metadata.recordedAt, step);
    if (isOneOf(RESUMES, trigger)) return followAgain(id, trigger.metadata.recordedAt, step);
    const {
      data: { country },
      metadata: { occurredAt },
    } = trigger;
    // Noted before the rules are asked: whoever publishes others meanwhile finds the case.
    await step.note(country, id);
    for (const milestone of await milestonesOf(country, step)) await step.at(milestone, plusHours(occurredAt, hoursOf(milestone)));
  },
  async keeps(trigger) {
    return isOneOf(ARRIVALS, trigger) ? [{ list: trigger.data.country, item: idOf(trigger.stream) }] : [];
  },
  timers: {
    async elapsed(trigger, timer, step) {
      const [milestone = '', named, caseId = idOf(trigger.stream)] = timer.split(' ');
      const transferId = named ?? (isOneOf(ARRIVALS, trigger) ? trigger.data.transferId : undefined);
      if (transferId !== undefined)
        await step.send(`overdue ${milestone}`, command(RecordFollowUpOverdue, { transferId, milestone }), caseId);
    },
    async dueAt(trigger, timer, look) {
      const [milestone = '', transferId, caseId = ''] = timer.split(' ');
      const hours = hoursOf(milestone);
      const own = isOneOf(ARRIVALS, trigger) ? trigger.metadata.occurredAt : undefined;
      const arrivedAt = transferId === undefined ? own : await arrivedWith(look, caseId, transferId);
      return arrivedAt === undefined || Number.isNaN(hours) ? undefined : plusHours(arrivedAt, hours);
    },
    async awaited(trigger, look) {
      if (!isOneOf(ARRIVALS, trigger)) return [];
      const {
        data: { country, transferId },
        metadata: { occurredAt },
      } = trigger;
      const caseId = idOf(trigger.stream);
      const { ruleSet } = await agreementFacts(look, country, look.now());
      const awaited = (ruleSet?.followUp ?? []).map(milestone => ({
        timer: milestone,
        otherwise: again(milestone, transferId, caseId),
        dueAt: plusHours(occurredAt, hoursOf(milestone)),
      }));
      // Of most arrivals all has passed: their cases need not be read.
      const found = awaited.some(({ dueAt }) => isAfter(dueAt, look.now())) ? await caseFacts(look, caseId) : null;
      return found && isSilent(found) && found.transfer?.transferId === transferId ? awaited : [];
    },
  },
});

const again = (milestone: string, transferId: string, caseId: string): string => `${milestone} ${transferId} ${caseId}`;

async function milestonesOf(country: PartnerCountry, step: ProcessStep): Promise<readonly string[]> {
  return (await agreementFacts(step, country, await step.now())).ruleSet?.followUp ?? [];
}

/** A milestone whose first timer is still to run down is noted by whichever comes first. */
async function followAgain(caseId: string, arrivedBy: string, step: ProcessStep): Promise<void> {
  const found = await caseFacts(step, caseId);
  const { country, transferId, arrivedAt } = found?.transfer ?? {};
  if (!found || !isSilent(found) || !country || !transferId || !arrivedAt || isAfter(arrivedAt, arrivedBy)) return;
  // The arrival is named with the milestone: the person may be back, and sent again, by then.
  for (const milestone of await milestonesOf(country, step))
    await step.at(again(milestone, transferId, caseId), plusHours(arrivedAt, hoursOf(milestone)));
}

/** Who arrived after the publication is followed by these rules from the arrival. */
async function followAll(country: PartnerCountry, publishedAt: string, step: ProcessStep): Promise<void> {
  for await (const caseId of noted(country, step)) await followAgain(caseId, publishedAt, step);
}
