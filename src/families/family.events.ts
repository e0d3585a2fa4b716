import { list, nullable, text, uuid, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

export type FamilyEvent =
  | DomainEvent<'FamilyUnitFormed'>
  | DomainEvent<'FamilyMemberAdded', { caseId: string; relationshipCode: string }>
  | DomainEvent<'FamilyRelationshipCorrected', { caseId: string; relationshipCode: string; reasonCode: string }>
  /** Entered in error. `membershipId`: the taking that is given back. */
  | DomainEvent<'FamilyMemberRemoved', { caseId: string; reasonCode: string; membershipId: string | null }>
  /** Those named part from all others, not from each other. */
  | DomainEvent<'SeparationProposed', { proposalId: string; caseIds: readonly string[] }, { reasons: string }>
  | DomainEvent<'SeparationAuthorised', { proposalId: string; caseIds: readonly string[] }>
  /** It relied on what was corrected of that member. */
  | DomainEvent<'SeparationVoided', { proposalId: string; caseId: string }>;

const proposal = { proposalId: uuid, caseIds: list(uuid) };
export const familyEvents: Described<FamilyEvent> = {
  FamilyUnitFormed: [{}],
  FamilyMemberAdded: [{ caseId: uuid, relationshipCode: text }],
  FamilyRelationshipCorrected: [{ caseId: uuid, relationshipCode: text, reasonCode: text }],
  FamilyMemberRemoved: [{ caseId: uuid, reasonCode: text, membershipId: nullable(uuid) }],
  SeparationProposed: [proposal],
  SeparationAuthorised: [proposal],
  SeparationVoided: [{ proposalId: uuid, caseId: uuid }],
};

/** Of the stream `membership-<case>`: what is taken cannot be taken again before it is given back, so that a case is in one family. */
export type MembershipEvent =
  | DomainEvent<'FamilyMembershipTaken', { familyUnitId: string; relationshipCode: string }>
  | DomainEvent<'FamilyMembershipReleased', { familyUnitId: string }>;

export const membershipEvents: Described<MembershipEvent> = {
  FamilyMembershipTaken: [{ familyUnitId: uuid, relationshipCode: text }],
  FamilyMembershipReleased: [{ familyUnitId: uuid }],
};
