import type { Recorded, StreamKind } from '../event-store/stream-kind.js';
import { familyEvents, membershipEvents, type FamilyEvent, type MembershipEvent } from './family.events.js';

export interface Member {
  readonly caseId: string;
  readonly relationshipCode: string;
}

export interface Separation {
  readonly proposalId: string;
  /** Those who part from all others. */
  readonly caseIds: readonly string[];
  readonly proposedBy: string;
  readonly authorisedBy: string | null;
}

/** Cases that travel together, unless a separation was authorised. */
export interface Family {
  readonly members: readonly Member[];
  readonly separations: readonly Separation[];
  /** The revision at which the newest tie was corrected: what was decided before did not know of it. */
  readonly correctedAt: number;
  /** Memberships of members who were removed: nobody is added by them any more. */
  readonly endedMemberships: readonly string[];
}

/** Who may look after a minor. */
const GUARDIANS = ['parent', 'legal-guardian'];
export const isGuardian = ({ relationshipCode }: Member): boolean => GUARDIANS.includes(relationshipCode);

/** Whether an authorised separation parts the one from the other. */
export const isParted = ({ separations }: Family, one: string, other: string): boolean =>
  separations.some(({ caseIds, authorisedBy }) => authorisedBy !== null && caseIds.includes(one) !== caseIds.includes(other));

/** The members who travel together: parted from each other by no authorised separation, nor by this one. */
export function partsOf(family: Family, separated: readonly string[]): Member[][] {
  const parts = new Map<string, Member[]>();
  const separations = [...family.separations.filter(({ authorisedBy }) => authorisedBy !== null).map(({ caseIds }) => caseIds), separated];
  for (const member of family.members) {
    const side = separations.map(caseIds => (caseIds.includes(member.caseId) ? 'named' : 'other')).join();
    parts.set(side, [...(parts.get(side) ?? []), member]);
  }
  return [...parts.values()];
}

function evolveFamily(family: Family, event: Recorded<FamilyEvent>): Family {
  switch (event.type) {
    case 'FamilyUnitFormed':
      return family;
    case 'FamilyMemberAdded':
      return { ...family, members: [...family.members, event.data] };
    case 'FamilyRelationshipCorrected': {
      const { caseId, relationshipCode } = event.data;
      const members = family.members.map(member => (member.caseId === caseId ? { caseId, relationshipCode } : member));
      return { ...family, members, correctedAt: event.revision };
    }
    case 'FamilyMemberRemoved': {
      const { caseId, membershipId } = event.data;
      return {
        ...family,
        members: family.members.filter(member => member.caseId !== caseId),
        // Nobody may be parted later by what was proposed of a stranger.
        separations: family.separations.filter(({ caseIds, authorisedBy }) => authorisedBy !== null || !caseIds.includes(caseId)),
        correctedAt: event.revision,
        endedMemberships: membershipId ? [...family.endedMemberships, membershipId] : family.endedMemberships,
      };
    }
    case 'SeparationProposed': {
      const { proposalId, caseIds } = event.data;
      return {
        ...family,
        separations: [...family.separations, { proposalId, caseIds, proposedBy: event.metadata.actor.id, authorisedBy: null }],
      };
    }
    case 'SeparationAuthorised': {
      const authorisedBy = event.metadata.actor.id;
      return {
        ...family,
        separations: family.separations.map(one => (one.proposalId === event.data.proposalId ? { ...one, authorisedBy } : one)),
      };
    }
    case 'SeparationVoided':
      return { ...family, separations: family.separations.filter(({ proposalId }) => proposalId !== event.data.proposalId) };
  }
}

export const familyStream: StreamKind<Family, FamilyEvent> = {
  category: 'family',
  events: familyEvents,
  initial: { members: [], separations: [], correctedAt: -1, endedMemberships: [] },
  evolve: evolveFamily,
};

export interface Membership {
  readonly familyUnitId: string | null;
  /** Of the taking that stands. */
  readonly membershipId: string | null;
}

const noMembership: Membership = { familyUnitId: null, membershipId: null };

export const membershipStream: StreamKind<Membership, MembershipEvent> = {
  category: 'membership',
  events: membershipEvents,
  initial: noMembership,
  alwaysExists: true,
  evolve: (_, event) =>
    event.type === 'FamilyMembershipTaken' ? { familyUnitId: event.data.familyUnitId, membershipId: event.id } : noMembership,
};
