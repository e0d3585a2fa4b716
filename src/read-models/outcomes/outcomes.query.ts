import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { AnyText, Day, Figure, Nullable, OneOf, Optional, PartnerCountry, WholeNumber } from '../../fields/fields.js';
import { ReadModelBehind, ReadModels } from '../../projecting/read-models.js';
import { requireDaysInOrder } from '../../reporting/report-asked.js';
import { cellsOf, published, requirePublishable, suppressionOf } from './outcomes.disclosure.js';
import { COUNTS, EVENTS, HEARD, NATIONALITY, PEOPLE, UNLESS_HEARD } from './outcomes.figures.js';

const GROUPS = {
  month: "date_trunc('month', f.day::timestamp)",
  nationality: NATIONALITY,
  country: 'f.country',
  office: 'f.office',
  minor: "CASE WHEN c.minor THEN 'minor' ELSE 'adult' END",
} as const;
/** What is worked out once for each group, not for each fact. */
const NAMES: Partial<Record<keyof typeof GROUPS, string>> = { month: `to_char(counted."group", 'YYYY-MM')` };
const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];

export class OutcomesAsked {
  @PartnerCountry() @Optional() readonly country?: string;
  @Day({ example: '2020-01-01', description: 'The first day that counts, UTC.' }) @Optional() readonly from?: string;
  @Day({ example: '2020-12-31', description: 'The last day that counts, UTC.' }) @Optional() readonly to?: string;
  @OneOf(groups, { description: 'By month unless told; `minor` tells `minor` from `adult`.' })
  @Optional()
  readonly by?: keyof typeof GROUPS;
  @OneOf(['public'], {
    description:
      'Figures of 1 to 4 are null, as are those that would give them away; whole months, by month, nationality or country. ' +
      'Without it the figures are exact, and for the office alone.',
  })
  @Optional()
  readonly disclosure?: 'public';
}

/** `requested` to `lapsed` count events on their day; the rest people of the cohort, each once. Null: not shown to the public. */
export class OutcomeFigures {
  @WholeNumber({ description: 'Transfer requests made on these days.' }) @Nullable() readonly requested!: number | null;
  @WholeNumber({ description: 'Requests that the partner country accepted on these days.' }) @Nullable() readonly accepted!: number | null;
  @WholeNumber({ description: 'Requests that the partner country refused on these days.' }) @Nullable() readonly refused!: number | null;
  @WholeNumber({ description: 'Requests that ended on these days because no answer had come in time.' }) @Nullable() readonly lapsed!:
    | number
    | null;
  @WholeNumber({ description: 'People who arrived in the partner country on these days, each once however often.' })
  @Nullable()
  readonly transferred!: number | null;
  @WholeNumber({ description: 'Of those who arrived: who said that they want to ask for asylum there, at any time since.' })
  @Nullable()
  readonly intended!: number | null;
  @WholeNumber({ description: 'Of those who arrived: who asked for asylum there.' }) @Nullable() readonly applied!: number | null;
  @WholeNumber({ description: 'Of those who arrived: who were granted asylum there; other protection does not count.' })
  @Nullable()
  readonly granted!: number | null;
  @WholeNumber({ description: 'Of those who arrived: who were denied asylum there, also if it was granted on appeal.' })
  @Nullable()
  readonly denied!: number | null;
  @WholeNumber({ description: 'Of those who arrived: whose application was given up.' }) @Nullable() readonly abandoned!: number | null;
  @WholeNumber({ description: 'Of those who arrived: who were reported to have gone on to another country.' })
  @Nullable()
  readonly onward!: number | null;
  @WholeNumber({
    description: 'Of those who arrived: who were overdue at a milestone before which, by all that is known now, nothing had happened.',
  })
  @Nullable()
  readonly silent!: number | null;
  @Figure({ description: '`applied` in percent of `transferred`, to one decimal; null without transfers, and where either is not shown.' })
  @Nullable()
  readonly appliedRate!: number | null;
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

/** Once for each case and group, which costs less than to tell apart the cases of each figure. */
const OF_CASE = [
  ...EVENTS.map(fact => `count(*) FILTER (WHERE fact = '${fact}') AS ${fact}`),
  ...PEOPLE.map(fact => `bool_or(fact = '${fact}') AS ${fact}`),
].join(', ');
const OF_GROUP = [
  ...EVENTS.map(fact => `'${fact}', coalesce(sum(${fact}), 0)`),
  ...PEOPLE.map(fact => `'${fact}', count(*) FILTER (WHERE ${fact})`),
].join(', ');
const OF_ALL = [...EVENTS.map(fact => `sum(${fact}) AS ${fact}`), ...PEOPLE.map(fact => `bool_or(${fact}) AS ${fact}`)].join(', ');

const sql = (by: keyof typeof GROUPS): string => `
  WITH heard AS (${HEARD}), counted AS (
    SELECT ${GROUPS[by]} AS "group", f.case_id, ${OF_CASE}
    FROM {outcomes}.facts f JOIN {outcomes}.cases c USING (case_id) ${UNLESS_HEARD}
    WHERE ($1::text IS NULL OR f.country = $1) AND ($2::date IS NULL OR f.day >= $2) AND ($3::date IS NULL OR f.day <= $3) AND ${COUNTS}
    GROUP BY 1, 2
  ), people AS (SELECT case_id, ${OF_ALL} FROM counted GROUP BY case_id)
  SELECT ${NAMES[by] ?? '"group"'} AS "group", json_build_object(${OF_GROUP}) AS counts FROM counted GROUP BY counted."group"
  UNION ALL SELECT NULL, json_build_object(${OF_GROUP}) FROM people`;

type Counts = Readonly<Record<(typeof EVENTS | typeof PEOPLE)[number], number>>;

@QueryHandler(ReportOutcomes)
export class ReportOutcomesHandler implements IQueryHandler<ReportOutcomes> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `validation-failed` for what is not published; ReadModelBehind, DatabaseUnavailable */
  async execute({ asked, token }: ReportOutcomes): Promise<Outcomes> {
    const { country, from, to, by = 'month', disclosure } = asked;
    requireDaysInOrder(asked);
    if (disclosure === 'public') requirePublishable(asked);
    if (token !== undefined) await this.readModels.waitFor('outcomes', token);
    const [found, asOf, cells] = await this.readModels.snapshot(
      'outcomes',
      async tx =>
        [
          (await tx.query<{ group: string | null; counts: Counts }>(sql(by), [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {outcomes}.as_of')).rows,
          disclosure === 'public' ? await cellsOf(tx) : undefined,
        ] as const,
    );
    const parked = await this.readModels.parked('outcomes');
    // Once repaired, there would be two answers of one position, which together tell more than either.
    if (cells && parked > 0) throw new ReadModelBehind('The read model outcomes holds cases back: nothing is published without them.');
    // Of all groups: a person who is in two of them is one person there.
    const total = figures(found.find(row => row.group === null)?.counts as Counts);
    const rows = found
      .flatMap(({ group, counts }) => (group === null ? [] : [{ group, ...figures(counts) }]))
      .sort((a, b) => (a.group < b.group ? -1 : 1));
    return {
      ...(cells ? published({ rows, total }, asked, await suppressionOf(cells)) : { rows, total }),
      asOfPosition: asOf[0]?.position ?? START,
      ...(parked > 0 && { parked }),
    };
  }
}

const figures = (counts: Counts): OutcomeFigures => ({
  ...counts,
  appliedRate: counts.transferred === 0 ? null : Math.round((counts.applied / counts.transferred) * 1000) / 10,
});
