import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { RETRACTABLE } from '../../cases/retraction.facts.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Actor, Position } from '../../event-store/event-store.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import { AnyText, Matching, Nullable, Optional, Rows, Uuid, WholeNumber } from '../../fields/fields.js';
import { assertReadable } from '../../http/offices.js';
import { TimelineRow } from '../../http/timeline-row.js';
import { ReadModels } from '../../projecting/read-models.js';

export class TimelinePart {
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Matching(/^[\w-]{1,500}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
  @WholeNumber({ max: 2 ** 31 - 1, example: 7, description: 'Only what came after this revision.' }) @Optional() readonly after?: number;
}

export class CaseTimelineRow extends TimelineRow {
  @WholeNumber({ description: 'Of the case, since this.' }) readonly revision!: number;
  @Uuid({ description: 'What RetractEntry names it by; null of what is no entry that may be retracted, or was.' })
  @Nullable()
  readonly entryId!: string | null;
}

export class TimelinePage {
  @Rows(() => CaseTimelineRow) readonly rows!: CaseTimelineRow[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
}

/** A page of the history, and the revision of the case that it is part of. */
export class ReadTimeline extends Query<{ readonly page: TimelinePage; readonly revision: number }> {
  constructor(
    readonly caseId: string,
    readonly part: TimelinePart,
    readonly reader: Actor,
    readonly token?: Position,
  ) {
    super();
  }
}

interface Stored extends Omit<CaseTimelineRow, 'entryId'> {
  readonly eventId: string;
  /** Whether this entry was retracted later. */
  readonly retracted: boolean;
  /** What an entry says that this one retracts. */
  readonly retracts: string | null;
}
const shown = ({ revision, eventId, at, recordedAt, event, summary, actor, retracted, retracts }: Stored): CaseTimelineRow => ({
  revision,
  entryId: RETRACTABLE.has(event) && !retracted ? eventId : null,
  at,
  recordedAt,
  event,
  summary: `${summary}${retracts === null ? '' : `: ${retracts}`}${retracted ? ' (retracted)' : ''}`,
  actor,
});
const isPlace = (value: unknown): value is [revision: number] =>
  Array.isArray(value) && value.length === 1 && Number.isSafeInteger(value[0]) && value[0] >= 0 && value[0] < 2 ** 31;

@QueryHandler(ReadTimeline)
export class ReadTimelineHandler implements IQueryHandler<ReadTimeline> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `not-found`, `other-office`; ValidationFailed for a wrong cursor; ReadModelBehind, DatabaseUnavailable */
  async execute({ caseId, part, reader, token }: ReadTimeline): Promise<{ page: TimelinePage; revision: number }> {
    const { limit = 50 } = part;
    const [after] = placeOf(part.cursor, isPlace) ?? [part.after ?? -1];
    const [asylumCase] = await this.readModels.query<{ office: string; revision: number }>(
      'timeline',
      'SELECT office, revision FROM {timeline}.cases WHERE case_id = $1',
      [caseId],
      { token },
    );
    await this.readModels.assertNotParked('timeline', `case-${caseId}`);
    if (!asylumCase) throw new DomainError('not-found', 'There is no such case.');
    assertReadable(reader, asylumCase.office);
    const found = await this.readModels.query<Stored>(
      'timeline',
      `SELECT e.revision, e.event_id AS "eventId", e.at, e.recorded_at AS "recordedAt", e.event, e.summary, e.actor,
         gone.summary AS retracts,
         EXISTS (SELECT FROM {timeline}.entries r WHERE r.case_id = e.case_id AND r.retracts = e.event_id) AS retracted
       FROM {timeline}.entries e LEFT JOIN {timeline}.entries gone ON gone.case_id = e.case_id AND gone.event_id = e.retracts
       WHERE e.case_id = $1 AND e.revision > $2 ORDER BY e.revision LIMIT $3`,
      [caseId, after, limit + 1],
    );
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      page: { rows: rows.map(shown), nextCursor: found.length > limit && last ? cursorOf([last.revision]) : null },
      revision: asylumCase.revision,
    };
  }
}
