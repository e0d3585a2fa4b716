import { list, text, uuid, type Described } from '../event-store/shape.js';
import type { DomainEvent } from '../event-store/stream-kind.js';

export type FamilyEvent =
  | DomainEvent<'FamilyUnitFormed'>
  | DomainEvent<'FamilyMemberAdded', { caseId: string; relationshipCode: string }>
  /** Those named part from all others, not from each other. */
  | DomainEvent<'SeparationProposed', { proposalId: string; caseIds: readonly string[] }, { reasons: string }>
  | DomainEvent<'SeparationAuthorised', { proposalId: string; caseIds: readonly string[] }>;

const proposal = { proposalId: uuid, caseIds: list(uuid) };
export const familyEvents: Described<FamilyEvent> = {
  FamilyUnitFormed: [{}],
  FamilyMemberAdded: [{ caseId: uuid, relationshipCode: text }],
  SeparationProposed: [proposal],
  SeparationAuthorised: [proposal],
};

/** Of the stream `membership-<case>`, which can be begun once: it keeps a case in one family. */
export type MembershipEvent = DomainEvent<'FamilyMembershipTaken', { familyUnitId: string; relationshipCode: string }>;

export const membershipEvents: Described<MembershipEvent> = { FamilyMembershipTaken: [{ familyUnitId: uuid, relationshipCode: text }] };
