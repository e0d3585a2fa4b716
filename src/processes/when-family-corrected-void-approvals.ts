import { idOf } from '../event-store/event-store.js';
import { ReleaseMembership } from '../families/family.commands.js';
import { correctionsAfter, familyFacts, joinedAfter, joinedAt, type Correction } from '../families/family.facts.js';
import { VoidApproval } from '../manifests/manifest.commands.js';
import { isApprovedFor, isToFlyWith, manifestFacts } from '../manifests/manifest.facts.js';
import { URGENCY, type ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { noted } from './noted.js';
import { isOneOf, process, type Trigger } from './trigger.js';

/** What is told of a member turns out to be wrong, and the cause that voiding an approval gives. */
const CAUSES = { FamilyRelationshipCorrected: 'relationship-corrected', FamilyMemberRemoved: 'member-removed' } as const;
const CORRECTIONS = Object.keys(CAUSES) as (keyof typeof CAUSES)[];
const GIVEN_UP = ['PassengerRemoved', 'FlightDeparted', 'FlightCancelled'] as const;

/**
 * Who approved a flight relied on who belongs to whom: where that is corrected before the departure, the manifest is drafted
 * again. Whoever was removed can be added to another family.
 */
export const whenFamilyCorrectedVoidApprovals = process({
  name: 'when-family-corrected-void-approvals',
  on: ['ManifestApproved', ...GIVEN_UP, ...CORRECTIONS],
  startsFrom: 'beginning',
  urgency: () => URGENCY.protects,
  async react(trigger, step) {
    if (isOneOf(CORRECTIONS, trigger)) return voidApprovals(trigger, step);
    const manifestId = idOf(trigger.stream);
    if (trigger.type === 'ManifestApproved') return noteApproval(trigger, manifestId, step);
    for (const caseId of givenUp(trigger)) await step.forget(caseId, manifestId);
  },
  async keeps(trigger, look) {
    if (trigger.type !== 'ManifestApproved') return [];
    const manifestId = idOf(trigger.stream);
    const manifest = await manifestFacts(look, manifestId);
    const flying = trigger.data.passengers.filter(caseId => isToFlyWith(manifest, caseId) && isApprovedFor(manifest, caseId));
    return flying.map(caseId => ({ list: caseId, item: manifestId }));
  },
});

/** Whose seats on the flight are none any more. */
function givenUp(event: Trigger<(typeof GIVEN_UP)[number]>): readonly string[] {
  if (event.type === 'PassengerRemoved') return [event.data.caseId];
  return event.type === 'FlightDeparted' ? [...event.data.boarded, ...event.data.leftBehind] : event.data.passengers;
}

// The approval is noted before the families are asked, and the approvals are read after the correction: one of the two sees the other.
// Asked are the families that the approval saw: whoever was removed since is of none any more.
async function noteApproval({ data: { passengers } }: Trigger<'ManifestApproved'>, manifestId: string, step: ProcessStep): Promise<void> {
  for (const caseId of passengers) await step.note(caseId, manifestId);
  const { familiesSeen = {}, membershipsSeen = {} } = (await manifestFacts(step, manifestId)) ?? {};
  for (const [familyUnitId, seenAt] of Object.entries(familiesSeen)) {
    const { members } = await familyFacts(step, familyUnitId);
    for (const correction of await correctionsAfter(step, familyUnitId, seenAt)) {
      const concerned = new Set([correction.caseId, ...members.map(member => member.caseId)]);
      for (const caseId of passengers.filter(one => concerned.has(one))) await voidApproval(manifestId, caseId, correction, step);
    }
  }
  // Whoever joined a family after the approval is concerned by what was corrected in it since.
  for (const caseId of passengers) {
    for (const { familyUnitId, tiedAt } of await joinedAfter(step, caseId, membershipsSeen[caseId] ?? -1)) {
      for (const correction of await correctionsAfter(step, familyUnitId, tiedAt)) await voidApproval(manifestId, caseId, correction, step);
    }
  }
}

async function voidApproval(
  manifestId: string,
  caseId: string,
  { type, familyUnitId, revision }: Omit<Correction, 'caseId'>,
  step: ProcessStep,
): Promise<void> {
  const joined = await joinedAt(step, caseId, familyUnitId);
  const wrong = { caseId, cause: CAUSES[type], familyUnitId, correctedAt: revision, joinedAt: joined };
  await step.send(`void ${caseId}`, command(VoidApproval, wrong), manifestId);
}

async function voidApprovals(trigger: Trigger<(typeof CORRECTIONS)[number]>, step: ProcessStep): Promise<void> {
  const familyUnitId = idOf(trigger.stream);
  const members = (await familyFacts(step, familyUnitId)).members.map(member => member.caseId);
  const correction = { type: trigger.type, familyUnitId, revision: trigger.revision };
  for (const caseId of new Set([trigger.data.caseId, ...members])) {
    for await (const manifestId of noted(caseId, step)) await voidApproval(manifestId, caseId, correction, step);
  }
  if (trigger.type === 'FamilyMemberRemoved' && trigger.data.membershipId !== null)
    await step.send('release', command(ReleaseMembership, { membershipId: trigger.data.membershipId }), trigger.data.caseId);
}
