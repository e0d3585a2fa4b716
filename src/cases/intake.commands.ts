import { Act } from '../event-store/act.js';
import {
  Bool,
  CaseId,
  CaseIdList,
  Code,
  CodeList,
  Matching,
  Name,
  Nested,
  OccurredAt,
  Office,
  OneOf,
  Optional,
  PersonId,
  Reason,
  Reference,
  ShortText,
  Text,
  Uuid,
  WholeNumber,
} from '../fields/fields.js';
import { ApplicantBody, EncounterBody, DOCUMENTS } from './applicant.commands.js';
import type { Protection, TravelDocuments } from './case.events.js';

export class OpenCase extends Act {
  static readonly type = 'OpenCase';

  @Optional()
  @Uuid()
  readonly caseId?: string;

  @Nested(() => ApplicantBody)
  readonly applicant!: ApplicantBody;

  @Nested(() => EncounterBody)
  readonly encounter!: EncounterBody;

  @OneOf(DOCUMENTS, { title: 'Travel documents' })
  readonly documents!: TravelDocuments;

  @Optional()
  @CaseIdList({ max: 50, title: 'Earlier files of this person' })
  readonly previousCaseIds?: string[];

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordProtectionClaim extends Act {
  static readonly type = 'RecordProtectionClaim';

  @OneOf(['asylum', 'withholding', 'convention-against-torture'])
  readonly protection!: Protection;

  @Optional()
  @Text({ personal: true })
  readonly statement?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AssignCase extends Act {
  static readonly type = 'AssignCase';

  @PersonId({ title: 'Caseworker' })
  readonly caseworkerId!: string;

  /** Set by the system alone: who has the case, or nothing is to be done. */
  readonly insteadOf?: string;

  /** Set by the system alone: the order that it answers. */
  readonly reassignmentId?: string;
}

export class ReleaseCase extends Act {
  static readonly type = 'ReleaseCase';

  @PersonId({ title: 'Caseworker' })
  readonly caseworkerId!: string;
}

export class HandOverCase extends Act {
  static readonly type = 'HandOverCase';

  @Office({ example: 'LRD' })
  readonly toOffice!: string;

  @Reason({ example: 'moved' })
  readonly reasonCode!: string;

  @Optional()
  @Text({ personal: true })
  readonly note?: string;
}

export class RecordRepresentative extends Act {
  static readonly type = 'RecordRepresentative';

  @Name({ max: 20_000, personal: true })
  readonly name!: string;

  @Text({ personal: true })
  readonly contact!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordConsent extends Act {
  static readonly type = 'RecordConsent';

  @ShortText({ example: 'consulate' })
  readonly recipient!: string;

  @CodeList({ min: 1, max: 50, example: ['identity'] })
  readonly categories!: string[];

  @Optional()
  @Bool()
  readonly withdrawn?: boolean;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordVulnerability extends Act {
  static readonly type = 'RecordVulnerability';

  @Code({ example: 'medical-condition' })
  readonly kind!: string;

  @Optional()
  @Text({ personal: true })
  readonly detail?: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RecordEvidence extends Act {
  static readonly type = 'RecordEvidence';

  @Uuid({ title: 'Piece of evidence' })
  readonly evidenceId!: string;

  @Text({ personal: true })
  readonly description!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class ReturnEvidence extends Act {
  static readonly type = 'ReturnEvidence';

  @Uuid({ title: 'Piece of evidence' })
  readonly evidenceId!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AttachDocument extends Act {
  static readonly type = 'AttachDocument';

  @Uuid({ title: 'Document' })
  readonly documentId!: string;

  @Reference({ personal: true, title: 'File name', example: 'birth-certificate.pdf' })
  readonly name!: string;

  @Matching(/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/, 'Must be a media type.', { example: 'application/pdf' })
  readonly mediaType!: string;

  @WholeNumber({ title: 'Size in bytes', example: 48_213 })
  readonly byteLength!: number;

  @Matching(/^[0-9a-f]{64}$/i, 'Must be 64 hexadecimal digits.', {
    title: 'Checksum (SHA-256)',
    description: '64 hexadecimal digits by which an altered document is known.',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly sha256!: string;

  @Reference({ personal: true, title: 'Where it is kept', example: 'vault://documents/0001' })
  readonly location!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class AddNote extends Act {
  static readonly type = 'AddNote';

  @Text({ personal: true, example: 'Asked for a Garifuna interpreter.' })
  readonly text!: string;
}

export class RecordDisclosure extends Act {
  static readonly type = 'RecordDisclosure';

  @ShortText({ example: 'consulate' })
  readonly recipient!: string;

  @CodeList({ min: 1, max: 50, example: ['identity'] })
  readonly categories!: string[];

  @Code({ example: 'written-consent' })
  readonly basis!: string;

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class RetractEntry extends Act {
  static readonly type = 'RetractEntry';

  @Uuid({ title: 'Entry', description: 'The one that was made in error.' })
  readonly eventId!: string;

  @Reason({ example: 'other-person' })
  readonly reasonCode!: string;
}

export class MarkAsDuplicate extends Act {
  static readonly type = 'MarkAsDuplicate';

  @CaseId({ title: 'File that goes on', description: 'The case of the same person that goes on.' })
  readonly of!: string;
}

export class RecordDeath extends Act {
  static readonly type = 'RecordDeath';

  @OccurredAt()
  override readonly occurredAt?: string;
}

export class CloseCase extends Act {
  static readonly type = 'CloseCase';

  @Reason({ example: 'procedure-ended' })
  readonly reasonCode!: string;
}

export class ReopenCase extends Act {
  static readonly type = 'ReopenCase';

  @Reason({ example: 'closed-in-error' })
  readonly reasonCode!: string;
}
