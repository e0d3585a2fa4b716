import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Clock } from '../../database/clock.js';
import type { Actor, Position } from '../../event-store/event-store.js';
import { AnyText, Counts, Nested, Nullable, Optional, Rows, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';

export class Share {
  @WholeNumber({ description: 'Cases that are not closed.' }) readonly open!: number;
  @WholeNumber({ description: 'Of those, with a reply, an acceptance, an alert or a follow-up that is past its time.' })
  readonly overdue!: number;
  @WholeNumber({ description: 'Whole days since the oldest of them was opened; null without one.' })
  @Nullable()
  readonly oldestDays!: number | null;
}

export class AssigneeShare extends Share {
  @AnyText() readonly assignee!: string;
}

export class CaseloadSummary {
  @WholeNumber({ description: 'Cases that are not closed.' }) readonly open!: number;
  @WholeNumber({ description: 'Of those, with a reply, an acceptance, an alert or a follow-up that is past its time.' })
  readonly overdue!: number;
  @WholeNumber({ description: 'Open cases that are assigned to nobody.' }) readonly unassigned!: number;
  @Counts({ description: 'Of all cases, the closed ones too.' }) readonly byStatus!: Record<string, number>;
  @Rows(() => AssigneeShare) readonly byAssignee!: AssigneeShare[];
  @Nested(() => Share, { description: 'Of a caseworker: the own share.' }) @Optional() readonly mine?: Share;
}

/** Of the office of whoever asks; of all offices where the reader has none. */
export class SummariseCaseload extends Query<CaseloadSummary> {
  constructor(
    readonly actor: Actor,
    readonly token?: Position,
  ) {
    super();
  }
}

const COUNTED = `
  SELECT status, assigned_to AS assignee, count(*) AS cases,
    count(*) FILTER (WHERE status <> 'closed' AND (due_at < $2::timestamptz OR follow_up_overdue)) AS overdue,
    floor(extract(epoch FROM max(greatest($2::timestamptz - opened_at, interval '0')) FILTER (WHERE status <> 'closed')) / 86400)::int
      AS "oldestDays"
  FROM {caseload}.cases WHERE $1::text IS NULL OR office = $1
  GROUP BY status, assigned_to ORDER BY assigned_to COLLATE "C", status COLLATE "C"`;

interface Counted {
  readonly status: string;
  readonly assignee: string | null;
  readonly cases: number;
  readonly overdue: number;
  readonly oldestDays: number | null;
}

@QueryHandler(SummariseCaseload)
export class SummariseCaseloadHandler implements IQueryHandler<SummariseCaseload> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly clock: Clock,
  ) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ actor, token }: SummariseCaseload): Promise<CaseloadSummary> {
    const rows = await this.readModels.query<Counted>('caseload', COUNTED, [actor.office, this.clock.now()], { token });
    const open = rows.filter(({ status }) => status !== 'closed');
    const byStatus: Record<string, number> = {};
    for (const { status, cases } of rows) byStatus[status] = (byStatus[status] ?? 0) + cases;
    const assignees = [...new Set(open.flatMap(({ assignee }) => assignee ?? []))];
    const of = (sub: string | null): Share => shareOf(open.filter(({ assignee }) => assignee === sub));
    const whole = shareOf(open);
    return {
      open: whole.open,
      overdue: whole.overdue,
      unassigned: of(null).open,
      byStatus,
      byAssignee: assignees.map(assignee => ({ assignee, ...of(assignee) })),
      ...(actor.roles.includes('caseworker') && { mine: of(actor.id) }),
    };
  }
}

function shareOf(rows: readonly Counted[]): Share {
  const sum = (what: 'cases' | 'overdue'): number => rows.reduce((total, row) => total + row[what], 0);
  const days = rows.flatMap(({ oldestDays }) => oldestDays ?? []);
  return { open: sum('cases'), overdue: sum('overdue'), oldestDays: days.length > 0 ? Math.max(...days) : null };
}
