import { CaseFile } from '../cases/shown-case.file.js';
import {
  ANY_NUMBER,
  AnyFields,
  AnyJson,
  AnyText,
  Instant,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Revisions,
  Rows,
  TextList,
  Uuid,
  WholeNumber,
} from '../fields/fields.js';

export class ShownActor {
  @AnyText() readonly id!: string;
  @TextList(ANY_NUMBER) readonly roles!: readonly string[];
  @AnyText() @Nullable() readonly office!: string | null;
}

export class ShownRuleSetUsed {
  @AnyText() readonly country!: string;
  @WholeNumber() readonly version!: number;
}

export class ShownMetadata {
  @Nested(() => ShownActor) readonly actor!: ShownActor;
  @Uuid() readonly commandId!: string;
  @AnyText() readonly commandHash!: string;
  @AnyText() readonly correlationId!: string;
  @AnyText() readonly causationId!: string;
  @Instant({ description: 'When it happened in the world.' }) readonly occurredAt!: string;
  @Instant({ description: 'When it was recorded here.' }) readonly recordedAt!: string;
  @Nested(() => ShownRuleSetUsed, { description: 'What it was decided under.' }) @Optional() readonly ruleSet?: ShownRuleSetUsed;
  @Revisions({ description: 'Of the other streams that the rule relied on; -1 where there was no event yet.' })
  @Optional()
  readonly basedOn?: Readonly<Record<string, number>>;
  @AnyText({ description: 'The data key that seals what is personal.' }) @Optional() readonly keyId?: string;
  @AnyText({ description: 'Of the trace that stored it (W3C Trace Context), where it was traced.' })
  @Optional()
  readonly traceparent?: string;
}

export class ShownEvent {
  @AnyText() readonly stream!: string;
  @WholeNumber() readonly revision!: number;
  @Uuid() readonly id!: string;
  @AnyText({ example: 'CaseOpened' }) readonly type!: string;
  @WholeNumber({ min: 1 }) readonly schemaVersion!: number;
  @AnyFields({ description: 'As the type of the event says.' }) readonly data!: object;
  @AnyFields({ description: 'What is personal in it, opened; null where there is nothing, or its key was destroyed.' })
  @Nullable()
  readonly personal!: object | null;
  @Nested(() => ShownMetadata) readonly metadata!: ShownMetadata;
}

export class AuditEvents {
  @Rows(() => ShownEvent) readonly events!: readonly ShownEvent[];
  @WholeNumber({ description: 'The first revision of the next page.' }) @Nullable() readonly next!: number | null;
}

export class AuditState {
  @WholeNumber({ min: -1, description: 'The last that counts; -1 before the opening.' }) readonly revision!: number;
  @Nested(() => CaseFile) @Nullable() readonly state!: CaseFile | null;
}

/** RFC 6902. */
export class PatchOperation {
  @OneOf(['add', 'remove', 'replace', 'move', 'copy', 'test']) readonly op!: string;
  @AnyText() readonly path!: string;
  @AnyText() @Optional() readonly from?: string;
  @AnyJson() @Optional() readonly value?: unknown;
}

export class AuditChange {
  @WholeNumber() readonly revision!: number;
  @AnyText({ example: 'CaseOpened' }) readonly type!: string;
  @Nested(() => ShownActor) readonly actor!: ShownActor;
  @Instant() readonly recordedAt!: string;
}

export class AuditDiff {
  @Rows(() => PatchOperation) readonly patch!: readonly PatchOperation[];
  @Rows(() => AuditChange) readonly changes!: readonly AuditChange[];
}
