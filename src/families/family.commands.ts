import { Act } from '../event-store/act.js';
import { CaseId, CaseIdList, Code, Optional, Reason, Text, Uuid } from '../fields/fields.js';

export class FormFamilyUnit extends Act {
  static readonly type = 'FormFamilyUnit';

  @Optional()
  @Uuid()
  readonly familyUnitId?: string;
}

export class AddMember extends Act {
  static readonly type = 'AddMember';

  @CaseId({ title: 'Person' })
  readonly caseId!: string;

  @Code({
    title: 'Relationship',
    description: 'What the person is in the family; a parent or legal guardian may look after a minor.',
    example: 'parent',
  })
  readonly relationshipCode!: string;

  /** Set by the system alone: the membership that was taken, and whose member was not added. */
  readonly membershipId?: string;
}

export class CorrectRelationship extends Act {
  static readonly type = 'CorrectRelationship';

  @CaseId({ title: 'Person' })
  readonly caseId!: string;

  @Code({ title: 'Relationship', example: 'aunt' })
  readonly relationshipCode!: string;

  @Reason({ example: 'told-wrongly' })
  readonly reasonCode!: string;
}

export class RemoveMember extends Act {
  static readonly type = 'RemoveMember';

  @CaseId({ title: 'Person' })
  readonly caseId!: string;

  @Reason({ example: 'another-person' })
  readonly reasonCode!: string;
}

export class ProposeSeparation extends Act {
  static readonly type = 'ProposeSeparation';

  @CaseIdList({ min: 1, max: 100, title: 'Who parts', description: 'Those who part from all others, not from each other.' })
  readonly caseIds!: string[];

  @Text({ personal: true })
  readonly reasons!: string;
}

export class AuthoriseSeparation extends Act {
  static readonly type = 'AuthoriseSeparation';

  @Uuid({ title: 'Separation' })
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
