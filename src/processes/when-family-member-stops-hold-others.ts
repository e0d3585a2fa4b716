import { caseFacts, countsInFamily, isCauseOfFamilyHolds, isOnTheWay, type AsylumCase } from '../cases/case.facts.js';
import { PlaceHold, ReleaseHold } from '../cases/transfer.commands.js';
import { uuidV5 } from '../event-store/command-identity.js';
import { categoryOf, idOf } from '../event-store/event-store.js';
import { companionsOf, familyFacts, familyUnitOf } from '../families/family.facts.js';
import { URGENCY, type ProcessStep } from '../reacting/process.js';
import { command } from './command.js';
import { isOneOf, process, type Trigger } from './trigger.js';

/** What stops a member, or lets one go on: after each of them the holds of the family are seen to. */
const STOPS = ['DeterminationReopened', 'DeterminationConfirmed', 'ClaimWithdrawn', 'ReferredToUsProcedure', 'TransferHoldPlaced'] as const;
/** Who joins the family, or joins it again, may be kept by any other member; so may those whom nothing parts any more. */
const JOINS = ['FamilyMemberAdded', 'SeparationVoided', 'ReturnRecorded', 'CaseReopened'] as const;
const GOES_ON = [
  'TransferAccepted',
  'TransferScheduled',
  'TransferHoldReleased',
  'ApplicantDeparted',
  'MarkedAsDuplicate',
  'DeathRecorded',
] as const;

/**
 * A family travels together: while one member cannot go, a hold stands on each of the others who has not departed,
 * one for each cause and member. It falls when everybody who must travel along is on the way again, or is parted, and when
 * the cause died.
 */
export const whenFamilyMemberStopsHoldOthers = process({
  name: 'when-family-member-stops-hold-others',
  on: [...STOPS, ...JOINS, ...GOES_ON, 'SeparationAuthorised', 'FamilyMemberRemoved', 'FamilyMembershipReleased'],
  startsFrom: 'beginning',
  urgency: () => URGENCY.protects,
  async react(trigger, step) {
    if (trigger.type === 'FamilyMembershipReleased') return releaseHolds(idOf(trigger.stream), step);
    const ofFamily = categoryOf(trigger.stream) === 'family';
    const familyUnitId = ofFamily ? idOf(trigger.stream) : await familyUnitOf(step, idOf(trigger.stream));
    // Held for a family that the person was removed from meanwhile.
    if (familyUnitId === null)
      return isOneOf(STOPS, trigger) && isFamilyHold(trigger) ? releaseHolds(idOf(trigger.stream), step) : undefined;
    const { members } = await familyFacts(step, familyUnitId);
    const caseIds = members.map(({ caseId }) => caseId);
    if (isOneOf(JOINS, trigger)) for (const cause of caseIds) await holdOthers(cause, trigger, step);
    else if (isOneOf(STOPS, trigger) && !isFamilyHold(trigger)) await holdOthers(idOf(trigger.stream), trigger, step);
    for (const caseId of caseIds) await releaseHolds(caseId, step);
  },
});

/** A hold of the family stops nobody else: it would hold its own cause. */
const isFamilyHold = (trigger: Trigger<(typeof STOPS)[number]>): boolean =>
  trigger.type === 'TransferHoldPlaced' && trigger.data.kind === 'family';

async function holdOthers(cause: string, trigger: Trigger<(typeof STOPS | typeof JOINS)[number]>, step: ProcessStep): Promise<void> {
  const stopped = await caseFacts(step, cause);
  if (!stopped || !isCauseOfFamilyHolds(stopped)) return;
  for (const caseId of await companionsOf(step, cause)) {
    const other = await caseFacts(step, caseId);
    const held = other?.holds.some(hold => hold.cause === cause);
    if (!other || !countsInFamily(other) || held) continue;
    const holdId = uuidV5(`${cause} holds ${caseId}`, trigger.id);
    await step.send(`hold for ${cause}`, command(PlaceHold, { holdId, kind: 'family', cause }), caseId);
  }
}

/** Holds that a person placed have no cause, and stay. */
async function releaseHolds(caseId: string, step: ProcessStep): Promise<void> {
  const held = await caseFacts(step, caseId);
  const companions = await companionsOf(step, caseId);
  for (const { holdId, cause } of held?.holds ?? []) {
    if (cause === null) continue;
    const released = !companions.includes(cause) || (await hasDied(cause, step)) || (await allOnTheWay(companions, step));
    if (released) await step.send(`release ${holdId}`, command(ReleaseHold, { holdId }), caseId);
  }
}

const hasDied = async (caseId: string, step: ProcessStep): Promise<boolean> => Boolean((await caseFacts(step, caseId))?.diedAt);

async function allOnTheWay(caseIds: readonly string[], step: ProcessStep): Promise<boolean> {
  const cases = await Promise.all(caseIds.map(caseId => caseFacts(step, caseId)));
  return cases.filter((found): found is AsylumCase => found !== null && countsInFamily(found)).every(isOnTheWay);
}
