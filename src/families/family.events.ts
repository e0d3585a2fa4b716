import type { Fact } from '../event-store/stream-kind.js';

export type FamilyEvent =
  | Fact<'FamilyUnitFormed', object>
  | Fact<'FamilyMemberAdded', { caseId: string; relationshipCode: string }>
  /** Those named part from all others, not from each other. */
  | Fact<'SeparationProposed', { proposalId: string; caseIds: readonly string[] }, { reasons: string }>
  | Fact<'SeparationAuthorised', { proposalId: string; caseIds: readonly string[] }>;

export const familyEvents: Readonly<Record<FamilyEvent['type'], number>> = {
  FamilyUnitFormed: 1, FamilyMemberAdded: 1, SeparationProposed: 1, SeparationAuthorised: 1,
};

/** Of the stream `membership-<case>`, which can be begun once: it keeps a case in one family. */
export type MembershipEvent = Fact<'FamilyMembershipTaken', { familyUnitId: string; relationshipCode: string }>;

export const membershipEvents: Readonly<Record<MembershipEvent['type'], number>> = { FamilyMembershipTaken: 1 };
