import { caseFacts } from '../cases/case.facts.js';
import { CarryOver, NoteMerged, NoteReopened, ReopenDuplicate } from '../cases/merging.commands.js';
import { duplicateOfBefore, protectionsOf, ringOf, staysInFile } from '../cases/merging.facts.js';
import { idOf } from '../event-store/event-store.js';
import { URGENCY, type ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { isOneOf, process } from './trigger.js';

/** Who has left has left, whatever the file was closed for. */
const GOES_ON = ['CaseReopened', 'ApplicantDeparted'] as const;
/** What protects somebody is taken in every status, also once the file was closed. */
const REACH_CLOSED = ['FearExpressed', 'VulnerabilityRecorded', 'EvidenceReceived', 'TransferHoldPlaced'] as const;

/**
 * Merging loses no protection: what protects the person in a file that is closed as a duplicate is carried to the one that
 * goes on, and so is what reaches the closed file later. Of files that were marked as each other's one is opened again.
 */
export const whenMarkedAsDuplicateCarryOver = process({
  name: 'when-marked-as-duplicate-carry-over',
  on: ['MarkedAsDuplicate', ...GOES_ON, ...REACH_CLOSED],
  startsFrom: 'beginning',
  passesOver: ({ type, data }) => type === 'TransferHoldPlaced' && staysInFile(data),
  urgency: () => URGENCY.protects,
  async react(trigger, step) {
    const caseId = idOf(trigger.stream);
    const of = isOneOf(GOES_ON, trigger) ? await duplicateOfBefore(step, caseId, trigger.revision) : null;
    if (of !== null) await noteReopened(of, step);
    if (trigger.type === 'MarkedAsDuplicate') await breakRing(caseId, step);
    await carryAlong(caseId, step);
  },
});

/** Along the files that are duplicates of one another, up to the one that goes on: one reaction, so that the gate waits for all of it. */
async function carryAlong(caseId: string, step: ProcessStep): Promise<void> {
  const seen = new Set<string>();
  for (let from: string | null = caseId; from !== null && !seen.has(from);) {
    seen.add(from);
    const duplicate = await caseFacts(step, from);
    const to: string | null = duplicate?.duplicateOf ?? null;
    if (duplicate && to !== null) await carry(from, duplicate.merged, to, step);
    from = to;
  }
}

async function carry(caseId: string, mergedBefore: readonly string[], to: string, step: ProcessStep): Promise<void> {
  const survivor = await caseFacts(step, to);
  if (!survivor) return;
  for (const merged of [caseId, ...mergedBefore])
    if (merged !== to && !survivor.merged.includes(merged))
      await step.send(`merged ${merged}`, command(NoteMerged, { caseId: merged }), to);
  for (const { from, ...told } of await protectionsOf(step, caseId))
    if (from.caseId !== to && !survivor.carried.includes(from.eventId))
      await step.send(`carry ${from.eventId}`, command(CarryOver, { from, ...told }), to);
}

async function breakRing(caseId: string, step: ProcessStep): Promise<void> {
  const [first] = (await ringOf(step, caseId)).toSorted();
  const of = first && (await caseFacts(step, first))?.duplicateOf;
  if (first && of) await step.send('reopen', command(ReopenDuplicate, { of }), first);
}

/** Whatever was merged with the file before goes with it, but from where it leads all the same: the files were marked in a ring. */
async function noteReopened(of: string, step: ProcessStep): Promise<void> {
  for (const survivor of [of, ...(await survivorsOf(of, step))]) {
    // Not only what came by this file: another one may have been reopened before this was heard of.
    for (const merged of (await caseFacts(step, survivor))?.merged ?? [])
      if (!(await survivorsOf(merged, step)).includes(survivor))
        await step.send(`reopened ${merged}`, command(NoteReopened, { caseId: merged }), survivor);
  }
}

/** What the file is a duplicate of, and that one, and so on. */
async function survivorsOf(caseId: string, step: ProcessStep): Promise<readonly string[]> {
  const survivors: string[] = [];
  for (let next = await duplicateOf(caseId, step); next !== null && !survivors.includes(next); next = await duplicateOf(next, step))
    survivors.push(next);
  return survivors;
}

const duplicateOf = async (caseId: string, step: ProcessStep): Promise<string | null> =>
  (await caseFacts(step, caseId))?.duplicateOf ?? null;
