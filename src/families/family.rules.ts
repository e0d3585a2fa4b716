import { countsAsMinor, countsInFamily, isNobody, type AsylumCase } from '../cases/case.facts.js';
import { isSystem } from '../event-store/actor.js';
import { DomainError } from '../event-store/domain-error.js';
import { notThere, type Broken, type Moment, type Rule, type RuleBook } from '../event-store/rule.js';
import type {
  AddMember,
  AuthoriseSeparation,
  CorrectRelationship,
  FormFamilyUnit,
  ProposeSeparation,
  ReleaseMembership,
  RemoveMember,
  TakeMembership,
} from './family.commands.js';
import type { FamilyEvent, MembershipEvent } from './family.events.js';
import { isGuardian, partsOf, type Family, type Member, type Membership, type Separation } from './family.state.js';

export const familyRuleBook = {
  'other-office': 'No case of the family belongs to your office.',
  'already-exists': 'The case is in another family, or in this one as something else.',
  'same-officer': 'Whoever proposed the separation cannot authorise it.',
  'minor-alone': 'A minor would be left without a parent or legal guardian.',
} satisfies RuleBook;

type FamilyRule<Command, Facts = object> = Rule<Command, Family, FamilyEvent, Facts>;

/** The members' cases by id; null where there is none of that id. */
export interface WithMembers {
  readonly cases: ReadonlyMap<string, AsylumCase | null>;
}
/** The case that is named, and its place in a family. */
export interface WithMembership extends WithMembers {
  readonly membership: Membership;
}
export interface WithCandidate extends WithMembership {
  readonly candidate: AsylumCase | null;
  readonly familyUnitId: string;
}

export const formFamilyUnit: FamilyRule<FormFamilyUnit> = {
  events: () => [{ type: 'FamilyUnitFormed', data: {} }],
};

/** A family belongs to every office that has a case of it. */
const ofOtherOffices = ({ members }: Family, { cases, actor }: WithMembers & Moment): DomainError | false =>
  !isSystem(actor) &&
  !members.some(({ caseId }) => cases.get(caseId)?.office === actor.office) &&
  new DomainError('other-office', familyRuleBook['other-office']);
/** Whatever the fields say. */
const elsewhere = (family: Family, facts: WithMembers & Moment): readonly Broken[] => [ofOtherOffices(family, facts) && 'other-office'];

export const addMember: FamilyRule<AddMember, WithCandidate> = {
  unfit: (_, family, facts) => (family.members.length > 0 && ofOtherOffices(family, facts)) || (!facts.candidate && notThere('/caseId')),
  foreseen: (family, facts) => (family.members.length > 0 ? elsewhere(family, facts) : []),
  standing: (_, { membership, familyUnitId }) => [
    membership.familyUnitId !== null && membership.familyUnitId !== familyUnitId && 'already-exists',
  ],
  asked: ({ caseId, relationshipCode, membershipId }, family) => [
    !membershipId && (memberOf(family, caseId)?.relationshipCode ?? relationshipCode) !== relationshipCode && 'already-exists',
  ],
  events: ({ caseId, relationshipCode, membershipId }, family, { membership }) => {
    const isOver = membershipId && (membership.membershipId !== membershipId || family.endedMemberships.includes(membershipId));
    return isOver || memberOf(family, caseId) ? [] : [{ type: 'FamilyMemberAdded', data: { caseId, relationshipCode } }];
  },
};

const memberOf = ({ members }: Family, caseId: string): Member | undefined => members.find(member => member.caseId === caseId);
const noMember = (family: Family, { caseId }: { readonly caseId: string }): DomainError | false =>
  !memberOf(family, caseId) && notThere('/caseId');

/** What was authorised of that member, or parts a minor from who looks after it as the ties are now, relied on what was wrong. */
function voidedSeparations(corrected: Family, caseId: string, { cases }: WithMembers): FamilyEvent[] {
  const authorised = corrected.separations.filter(({ authorisedBy }) => authorisedBy !== null);
  const separations = authorised.filter(({ caseIds }) => !caseIds.includes(caseId));
  const alone = partsAlone({ ...corrected, separations }, cases).flat();
  const lookAfter = corrected.members.filter(member => looksAfter(member, cases));
  const partsMinors = ({ caseIds }: Separation): boolean =>
    alone.some(minor => lookAfter.some(other => caseIds.includes(minor.caseId) !== caseIds.includes(other.caseId)));
  return authorised
    .filter(separation => separation.caseIds.includes(caseId) || partsMinors(separation))
    .map(({ proposalId }) => ({ type: 'SeparationVoided', data: { proposalId, caseId } }));
}

export const correctRelationship: FamilyRule<CorrectRelationship, WithMembers> = {
  foreseen: elsewhere,
  unfit: (command, family, facts) => ofOtherOffices(family, facts) || noMember(family, command),
  events: ({ caseId, relationshipCode, reasonCode }, family, facts) => {
    if (memberOf(family, caseId)?.relationshipCode === relationshipCode) return [];
    const members = family.members.map(member => (member.caseId === caseId ? { caseId, relationshipCode } : member));
    return [
      { type: 'FamilyRelationshipCorrected', data: { caseId, relationshipCode, reasonCode } },
      ...voidedSeparations({ ...family, members }, caseId, facts),
    ];
  },
};

export const removeMember: FamilyRule<RemoveMember, WithMembership> = {
  foreseen: elsewhere,
  unfit: (command, family, facts) => ofOtherOffices(family, facts) || noMember(family, command),
  events: ({ caseId, reasonCode }, family, facts) => [
    { type: 'FamilyMemberRemoved', data: { caseId, reasonCode, membershipId: facts.membership.membershipId } },
    ...voidedSeparations({ ...family, members: family.members.filter(member => member.caseId !== caseId) }, caseId, facts),
  ],
};

type Cases = WithMembers['cases'];
const isMinor = ({ caseId }: Member, cases: Cases): boolean => {
  const found = cases.get(caseId);
  return !found || countsAsMinor(found);
};
/** Who is known by another file, or has died, is neither left alone nor looks after anybody. */
const isSomebody = ({ caseId }: Member, cases: Cases): boolean => {
  const found = cases.get(caseId);
  return !found || !isNobody(found);
};
const looksAfter = (member: Member, cases: Cases): boolean => isGuardian(member) && isSomebody(member, cases) && !isMinor(member, cases);

/** Of each part that is left without an adult who is parent or legal guardian, the minors. */
function partsAlone(family: Family, cases: Cases, separated: readonly string[] = []): Member[][] {
  return partsOf(family, separated)
    .filter(part => !part.some(member => looksAfter(member, cases)))
    .map(part => part.filter(member => isSomebody(member, cases) && isMinor(member, cases)))
    .filter(minors => minors.length > 0);
}

const minorAlone = (family: Family, separated: readonly string[], { cases }: WithMembers): Broken =>
  partsAlone(family, cases, separated).length > 0 && 'minor-alone';

/**
 * Whether those who travel would part a minor from everybody still here who looks after it: what was authorised may rely on
 * somebody who died since.
 */
export function partsMinor(family: Family, cases: Cases, travelling: readonly string[]): boolean {
  const here = family.members.filter(({ caseId }) => {
    const found = cases.get(caseId);
    return found && countsInFamily(found);
  });
  const lookAfter = here.filter(member => looksAfter(member, cases));
  const travels = ({ caseId }: Member): boolean => travelling.includes(caseId);
  const alone = partsAlone({ ...family, members: here }, cases).flat();
  return lookAfter.length > 0 && alone.some(minor => !lookAfter.some(member => travels(member) === travels(minor)));
}

export const proposeSeparation: FamilyRule<ProposeSeparation, WithMembers> = {
  foreseen: elsewhere,
  unfit: ({ caseIds }, family, facts) => {
    const stranger = caseIds.findIndex(caseId => !family.members.some(member => member.caseId === caseId));
    return ofOtherOffices(family, facts) || (stranger >= 0 && notThere(`/caseIds/${stranger}`));
  },
  asked: ({ caseIds }, family, facts) => [minorAlone(family, caseIds, facts)],
  events: ({ caseIds, reasons }, _, { newId }) => [
    { type: 'SeparationProposed', data: { proposalId: newId('separation'), caseIds }, personal: { reasons } },
  ],
};

const proposed = ({ separations }: Family, proposalId: string) => separations.find(separation => separation.proposalId === proposalId);

export const authoriseSeparation: FamilyRule<AuthoriseSeparation, WithMembers> = {
  foreseen: elsewhere,
  unfit: ({ proposalId }, family, facts) => ofOtherOffices(family, facts) || (!proposed(family, proposalId) && notThere('/proposalId')),
  asked: ({ proposalId }, family, facts) => {
    const separation = proposed(family, proposalId);
    if (!separation || separation.authorisedBy !== null) return [];
    return [separation.proposedBy === facts.actor.id && 'same-officer', minorAlone(family, separation.caseIds, facts)];
  },
  events: ({ proposalId }, family) => {
    const separation = proposed(family, proposalId);
    return separation?.authorisedBy === null ? [{ type: 'SeparationAuthorised', data: { proposalId, caseIds: separation.caseIds } }] : [];
  },
};

export const membershipRuleBook = { 'already-exists': familyRuleBook['already-exists'] } satisfies RuleBook;

export const takeMembership: Rule<TakeMembership, Membership, MembershipEvent> = {
  standing: ({ familyUnitId }) => [familyUnitId !== null && 'already-exists'],
  events: ({ familyUnitId, relationshipCode }) => [{ type: 'FamilyMembershipTaken', data: { familyUnitId, relationshipCode } }],
};

export const releaseMembership: Rule<ReleaseMembership, Membership, MembershipEvent> = {
  events: ({ membershipId }, membership) =>
    membership.familyUnitId !== null && membership.membershipId === membershipId
      ? [{ type: 'FamilyMembershipReleased', data: { familyUnitId: membership.familyUnitId } }]
      : [],
};
