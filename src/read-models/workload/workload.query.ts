import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { AnyText, Nullable, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { requireDaysInOrder, type ReportAsked } from '../../reporting/report-asked.js';

export class WorkloadRow {
  @AnyText() readonly office!: string;
  @AnyText({ description: 'Null: assigned to nobody.' }) @Nullable() readonly caseworker!: string | null;
  @WholeNumber({ description: 'Cases that are not closed.' }) readonly open!: number;
  @WholeNumber({ description: 'Whole days since the oldest of them was opened.' }) readonly oldestDays!: number;
  @WholeNumber({ description: 'Cases of them with a reply, an acceptance, an alert or a follow-up that is past its time.' })
  readonly overdue!: number;
}

export interface Workload {
  readonly rows: WorkloadRow[];
  /** Of the newest event that the figures reflect: the same position means the same figures. */
  readonly asOfPosition: Position;
  /** How many cases may be missing or out of date, if any. */
  readonly parked?: number;
}

/** Of the cases that were opened in those days. */
export class ReportWorkload extends Query<Workload> {
  constructor(
    readonly asked: ReportAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

// The newest event may be of an earlier time than one before it: commands overlap, and the clocks of processes differ.
const ROWS = `
  SELECT office, caseworker, count(*) AS open,
    floor(extract(epoch FROM max(greatest(a.recorded_at - opened_at, interval '0'))) / 86400)::int AS "oldestDays",
    count(*) FILTER (WHERE due_at < a.recorded_at OR follow_up_overdue) AS overdue
  FROM {workload}.cases CROSS JOIN {workload}.as_of a
  WHERE open AND ($1::text IS NULL OR country = $1)
    AND ($2::date IS NULL OR (opened_at AT TIME ZONE 'UTC')::date >= $2)
    AND ($3::date IS NULL OR (opened_at AT TIME ZONE 'UTC')::date <= $3)
  GROUP BY office, caseworker ORDER BY office COLLATE "C", caseworker COLLATE "C" NULLS LAST`;

@QueryHandler(ReportWorkload)
export class ReportWorkloadHandler implements IQueryHandler<ReportWorkload> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ asked: { country, from, to }, token }: ReportWorkload): Promise<Workload> {
    requireDaysInOrder({ from, to });
    if (token !== undefined) await this.readModels.waitFor('workload', token);
    const [rows, asOf] = await this.readModels.snapshot(
      'workload',
      async tx =>
        [
          (await tx.query<WorkloadRow>(ROWS, [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {workload}.as_of')).rows,
        ] as const,
    );
    const parked = await this.readModels.parked('workload');
    return { rows, asOfPosition: asOf[0]?.position ?? START, ...(parked > 0 && { parked }) };
  }
}
