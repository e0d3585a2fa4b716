import { Act } from '../event-store/act.js';
import { Code, Optional, Text, Uuid, UuidList } from '../fields/fields.js';

export class FormFamilyUnit extends Act {
  static readonly type = 'FormFamilyUnit';

  @Optional()
  @Uuid()
  readonly familyUnitId?: string;
}

export class AddMember extends Act {
  static readonly type = 'AddMember';

  @Uuid()
  readonly caseId!: string;

  /** What the person is in the family; `parent` and `legal-guardian` may look after a minor. */
  @Code({ example: 'parent' })
  readonly relationshipCode!: string;

  /** Set by the system alone: the membership that was taken, and whose member was not added. */
  readonly membershipId?: string;
}

export class CorrectRelationship extends Act {
  static readonly type = 'CorrectRelationship';

  @Uuid()
  readonly caseId!: string;

  @Code({ example: 'aunt' })
  readonly relationshipCode!: string;

  @Code({ example: 'told-wrongly' })
  readonly reasonCode!: string;
}

export class RemoveMember extends Act {
  static readonly type = 'RemoveMember';

  @Uuid()
  readonly caseId!: string;

  @Code({ example: 'another-person' })
  readonly reasonCode!: string;
}

export class ProposeSeparation extends Act {
  static readonly type = 'ProposeSeparation';

  /** Those who part from all others, not from each other. */
  @UuidList({ min: 1, max: 100 })
  readonly caseIds!: string[];

  @Text({ personal: true })
  readonly reasons!: string;
}

export class AuthoriseSeparation extends Act {
  static readonly type = 'AuthoriseSeparation';

  @Uuid()
  readonly proposalId!: string;
}

/** Of the stream of one case's membership; sent on the way of `AddMember`. */
export class TakeMembership extends Act {
  static readonly type = 'TakeMembership';

  @Uuid()
  readonly familyUnitId!: string;

  @Code()
  readonly relationshipCode!: string;
}

/** Gives back that membership and no other: the case may be in a family again by then. */
export class ReleaseMembership extends Act {
  static readonly type = 'ReleaseMembership';

  @Uuid()
  readonly membershipId!: string;
}
