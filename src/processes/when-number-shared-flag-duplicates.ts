import { caseFacts } from '../cases/case.facts.js';
import { DismissDuplicate, FlagPossibleDuplicate } from '../cases/merging.commands.js';
import { numbersOf, sharedBy } from '../cases/merging.facts.js';
import { idOf } from '../event-store/event-store.js';
import { URGENCY, type ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { noted } from './noted.js';
import { process, type Trigger } from './trigger.js';

/**
 * Two files that bear one alien number may be one person's: each is flagged in the other when a number becomes shared, and a
 * dismissal in one is taken over by the other. Which files bear a number is kept in lists of the process's own, by a keyed hash.
 */
export const whenNumberSharedFlagDuplicates = process({
  name: 'when-number-shared-flag-duplicates',
  on: ['CaseOpened', 'ApplicantCorrected', 'DuplicateDismissed', 'PersonalDataErased'],
  startsFrom: 'beginning',
  urgency: () => URGENCY.protects,
  async react(trigger, step) {
    if (trigger.type === 'DuplicateDismissed') return dismissInOther(trigger, step);
    // Which numbers the person bore is forgotten with all else.
    if (trigger.type === 'PersonalDataErased') return seeToNumbers(idOf(trigger.stream), trigger.id, step);
    const { alienNumber, otherAlienNumbers } = trigger.personal?.applicant ?? {};
    if (alienNumber !== undefined || otherAlienNumbers !== undefined) await seeToNumbers(idOf(trigger.stream), trigger.id, step);
  },
});

const listOf = (number: string, step: ProcessStep): Promise<string> => step.keyed(`files with the alien number ${number}`);
const listsOf = (caseId: string): string => `lists of ${caseId}`;

// A file is noted before it looks for others: of two that take up a number at once, one sees the other.
async function seeToNumbers(caseId: string, corrected: string, step: ProcessStep): Promise<void> {
  const found = await caseFacts(step, caseId);
  const lists = await Promise.all((found ? numbersOf(found) : []).map(number => listOf(number, step)));
  const others = new Set<string>();
  for (const list of lists) {
    await step.note(listsOf(caseId), list);
    await step.note(list, caseId);
    for await (const other of noted(list, step)) if (other !== caseId) others.add(other);
  }
  for (const other of others) await flag(caseId, corrected, other, step);
  for await (const list of noted(listsOf(caseId), step)) {
    if (lists.includes(list)) continue;
    await step.forget(list, caseId);
    await step.forget(listsOf(caseId), list);
  }
}

async function flag(caseId: string, corrected: string, other: string, step: ProcessStep): Promise<void> {
  const eventId = await sharedBy(step, caseId, corrected, other);
  if (eventId === undefined) return;
  await step.send(`flag ${caseId} since ${eventId}`, command(FlagPossibleDuplicate, { caseId, sharedBy: eventId }), other);
  await step.send(`flag ${other} since ${eventId}`, command(FlagPossibleDuplicate, { caseId: other, sharedBy: eventId }), caseId);
}

async function dismissInOther({ stream, data: { caseId, reasonCode } }: Trigger<'DuplicateDismissed'>, step: ProcessStep): Promise<void> {
  const own = idOf(stream);
  const { standing, sharedBy: known } = (await caseFacts(step, own))?.duplicates[caseId] ?? {};
  if (standing === 'dismissed') await step.send('dismiss', command(DismissDuplicate, { of: own, reasonCode, known }), caseId);
}
