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
  }
}

export const familyStream: StreamKind<Family, FamilyEvent> = {
  category: 'family',
  events: familyEvents,
  initial: { members: [], separations: [] },
  evolve: evolveFamily,
};

export interface Membership {
  readonly familyUnitId: string | null;
}

export const membershipStream: StreamKind<Membership, MembershipEvent> = {
  category: 'membership',
  events: membershipEvents,
  initial: { familyUnitId: null },
  evolve: (_, event) => ({ familyUnitId: event.data.familyUnitId }),
};
