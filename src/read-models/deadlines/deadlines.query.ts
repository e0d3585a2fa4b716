import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { CaseDeadlineKind } from '../../cases/deadlines.state.js';
import type { Position } from '../../event-store/event-store.js';
import { toInstant } from '../../fields/time.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import {
  AnyText,
  DayOrInstant,
  Duration,
  Instant,
  Matching,
  Nullable,
  Office,
  OneOf,
  Optional,
  Rows,
  Uuid,
  WholeNumber,
} from '../../fields/fields.js';
import { isInstant, isUuid } from '../../fields/formats.js';
import { ReadModels } from '../../projecting/read-models.js';

type DeadlineKind = CaseDeadlineKind | 'follow-up';
const KINDS: readonly DeadlineKind[] = ['transfer-reply', 'acceptance-expiry', 'follow-up', 'protection-alert'];

export class DeadlineFilter {
  @DayOrInstant() @Optional() readonly dueBefore?: string;
  @OneOf(KINDS) @Optional() readonly kind?: DeadlineKind;
  @Office() @Optional() readonly office?: string;
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Matching(/^[\w-]{1,500}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
}

export class DeadlineRow {
  @Uuid() readonly deadlineId!: string;
  @Uuid() readonly caseId!: string;
  @OneOf(KINDS) readonly kind!: DeadlineKind;
  @Duration({ description: 'Of a follow-up: the time after the arrival.' }) @Nullable() readonly milestone!: string | null;
  @Instant() readonly dueAt!: string;
  @AnyText() readonly office!: string;
  @AnyText() @Nullable() readonly assignedTo!: string | null;
}

export class DeadlinesPage {
  @Rows(() => DeadlineRow) readonly rows!: DeadlineRow[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
  @WholeNumber({ min: 1, description: 'How many cases and agreements may be missing or out of date, if any.' })
  @Optional()
  readonly parked?: number;
}

/** What is due, the earliest first. */
export class ListDeadlines extends Query<DeadlinesPage> {
  /** @param onlyOffice the office that the reader is confined to, if any */
  constructor(
    readonly filter: DeadlineFilter,
    readonly onlyOffice: string | null,
    readonly token?: Position,
  ) {
    super();
  }
}

const SQL = `
  SELECT deadline_id AS "deadlineId", case_id AS "caseId", kind, milestone, due_at AS "dueAt", office, assigned_to AS "assignedTo"
  FROM {deadlines}.deadlines
  WHERE ($1::timestamptz IS NULL OR due_at < $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR office = $3)
  AND ($4::text IS NULL OR office = $4)
    AND ($5::timestamptz IS NULL OR (due_at, deadline_id) > ($5, $6::uuid))
  ORDER BY due_at, deadline_id LIMIT $7`;

type Place = [dueAt: string, deadlineId: string];
const isPlace = (value: unknown): value is Place => Array.isArray(value) && value.length === 2 && isInstant(value[0]) && isUuid(value[1]);

@QueryHandler(ListDeadlines)
export class ListDeadlinesHandler implements IQueryHandler<ListDeadlines> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ValidationFailed for a wrong cursor; ReadModelBehind, DatabaseUnavailable */
  async execute({ filter, onlyOffice, token }: ListDeadlines): Promise<DeadlinesPage> {
    const { dueBefore, kind, office, limit = 50, cursor } = filter;
    const [dueAt, deadlineId] = placeOf(cursor, isPlace) ?? [null, null];
    const before = dueBefore?.length === 10 ? `${dueBefore}T00:00:00Z` : dueBefore;
    const found = await this.readModels.query<Omit<DeadlineRow, 'dueAt'> & { readonly dueAt: Date }>(
      'deadlines',
      SQL,
      [before, kind, office, onlyOffice, dueAt, deadlineId, limit + 1],
      { token },
    );
    const parked = await this.readModels.parked('deadlines');
    const rows = found.slice(0, limit).map(row => ({ ...row, dueAt: toInstant(row.dueAt.getTime()) }));
    const last = rows.at(-1);
    return {
      rows,
      nextCursor: found.length > limit && last ? cursorOf([last.dueAt, last.deadlineId]) : null,
      ...(parked > 0 && { parked }),
    };
  }
}
