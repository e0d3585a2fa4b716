import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { AnyText, Day, Figure, Nullable, OneOf, Optional, PartnerCountry, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { requireDaysInOrder } from '../../reporting/report-asked.js';

const GROUPS = {
  month: "to_char(f.day, 'YYYY-MM')",
  nationality: `CASE WHEN c.nationality_unknown THEN 'unknown' WHEN c.nationalities = '{}' THEN 'stateless'
    ELSE (SELECT string_agg(DISTINCT one COLLATE "C", '+' ORDER BY one COLLATE "C") FROM unnest(c.nationalities) AS one) END`,
  country: 'f.country',
  office: 'f.office',
  minor: "CASE WHEN c.minor THEN 'minor' ELSE 'adult' END",
} as const;
const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

export class OutcomesAsked {
  @PartnerCountry() @Optional() readonly country?: string;
  @Day({ example: '2020-01-01', description: 'The first day that counts, UTC.' }) @Optional() readonly from?: string;
  @Day({ example: '2020-12-31', description: 'The last day that counts, UTC.' }) @Optional() readonly to?: string;
  @OneOf(groups, { description: 'By month unless told; `minor` tells `minor` from `adult`.' })
  @Optional()
  readonly by?: keyof typeof GROUPS;
}

/** `requested` to `lapsed` count events on their day; the rest people of the cohort, each once. */
export class OutcomeFigures {
  @WholeNumber() readonly requested!: number;
  @WholeNumber() readonly accepted!: number;
  @WholeNumber() readonly refused!: number;
  @WholeNumber() readonly lapsed!: number;
  @WholeNumber() readonly transferred!: number;
  @WholeNumber() readonly intended!: number;
  @WholeNumber() readonly applied!: number;
  @WholeNumber({ description: 'Without other protection.' }) readonly granted!: number;
  @WholeNumber() readonly denied!: number;
  @WholeNumber() readonly abandoned!: number;
  @WholeNumber() readonly onward!: number;
  @WholeNumber({ description: 'Overdue at a milestone before which, by all that is known now, nothing had happened.' })
  readonly silent!: number;
  @Figure({ description: '`applied` in percent of `transferred`, to one decimal.' }) @Nullable() readonly appliedRate!: number | null;
}

export class OutcomesOfGroup extends OutcomeFigures {
  @AnyText({ example: '2020-01' }) readonly group!: string;
}

export interface Outcomes {
  readonly rows: OutcomesOfGroup[];
  readonly total: OutcomeFigures;
  /** Of the newest event that the figures reflect: the same position means the same figures. */
  readonly asOfPosition: Position;
  /** How many cases may be missing or out of date, if any. */
  readonly parked?: number;
}

export class ReportOutcomes extends Query<Outcomes> {
  constructor(
    readonly asked: OutcomesAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

const events = ['requested', 'accepted', 'refused', 'lapsed'].map(fact => `'${fact}', count(*) FILTER (WHERE fact = '${fact}')`);
const people = ['transferred', 'intended', 'applied', 'granted', 'denied', 'abandoned', 'onward', 'silent'].map(
  fact => `'${fact}', count(DISTINCT case_id) FILTER (WHERE fact = '${fact}')`,
);

const sql = (by: keyof typeof GROUPS): string => `
  WITH counted AS (
    SELECT ${GROUPS[by]} AS "group", f.fact, f.case_id FROM {outcomes}.facts f JOIN {outcomes}.cases c USING (case_id)
    WHERE ($1::text IS NULL OR f.country = $1) AND ($2::date IS NULL OR f.day >= $2) AND ($3::date IS NULL OR f.day <= $3)
      AND f.fact <> 'heard' AND (f.fact <> 'silent' OR NOT (coalesce(c.died_at < f.happened_at, false) OR EXISTS (
        SELECT FROM {outcomes}.facts h WHERE h.case_id = f.case_id AND h.transfer_id = f.transfer_id
          AND h.fact NOT IN ('transferred', 'silent') AND h.happened_at < f.happened_at)))
  )
  SELECT "group", json_build_object(${[...events, ...people].join(', ')}) AS counts FROM counted
  GROUP BY GROUPING SETS (("group"), ()) ORDER BY grouping("group"), "group" COLLATE "C"`;

type Counts = Omit<OutcomeFigures, 'appliedRate'>;

@QueryHandler(ReportOutcomes)
export class ReportOutcomesHandler implements IQueryHandler<ReportOutcomes> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ asked: { country, from, to, by = 'month' }, token }: ReportOutcomes): Promise<Outcomes> {
    requireDaysInOrder({ from, to });
    if (token !== undefined) await this.readModels.waitFor('outcomes', token);
    const [found, asOf] = await this.readModels.snapshot(
      'outcomes',
      async tx =>
        [
          (await tx.query<{ group: string | null; counts: Counts }>(sql(by), [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {outcomes}.as_of')).rows,
        ] as const,
    );
    const parked = await this.readModels.parked('outcomes');
    // Of all groups: a person who is in two of them is one person there.
    const total = found.find(row => row.group === null)?.counts as Counts;
    const rows = found.flatMap(({ group, counts }) => (group === null ? [] : [{ group, ...figures(counts) }]));
    return { rows, total: figures(total), asOfPosition: asOf[0]?.position ?? START, ...(parked > 0 && { parked }) };
  }
}

const figures = (counts: Counts): OutcomeFigures => ({
  ...counts,
  appliedRate: counts.transferred === 0 ? null : Math.round((counts.applied / counts.transferred) * 1000) / 10,
});
