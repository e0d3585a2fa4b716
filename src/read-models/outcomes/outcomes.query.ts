import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { AnyText, Day, Figure, Nullable, OneOf, Optional, PartnerCountry, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { requireWhole, Suppressions } from '../../reporting/publishing.js';
import { requireDaysInOrder } from '../../reporting/report-asked.js';
import { cellsOf, published, RELATIONS, requirePublishable } from './outcomes.disclosure.js';
import { EVENTS, PEOPLE, SPREAD_PEOPLE } from './outcomes.figures.js';

const GROUPS = {
  month: "to_char(day, 'YYYY-MM')",
  nationality: 'nationality',
  country: 'country',
  office: 'office',
  minor: "CASE WHEN minor THEN 'minor' ELSE 'adult' END",
} as const;
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

const WHICH = "($1::text IS NULL OR country = $1) AND day BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')";
const json = (figure: (fact: string) => string, facts: readonly string[]): string =>
  `json_build_object(${facts.map(fact => `'${fact}', ${figure(fact)}`).join(', ')}) AS counts`;
const people = json(fact => `count(DISTINCT case_id) FILTER (WHERE fact = '${fact}')`, PEOPLE);

/** The sums of each group; of people who are spread each group's, and those of all groups, where a person in two of them is one. */
const sql = (by: keyof typeof GROUPS): string => `
  WITH spread AS (${SPREAD_PEOPLE}), counted AS (SELECT *, ${GROUPS[by]} AS "group" FROM spread WHERE ${WHICH})
  SELECT 'summed' AS kind, ${GROUPS[by]} AS "group", ${json(fact => `sum(${fact})`, [...EVENTS, ...PEOPLE])}
  FROM {outcomes}.sums WHERE ${WHICH} GROUP BY 2
  UNION ALL SELECT 'spread', "group", ${people} FROM counted GROUP BY "group"
  UNION ALL SELECT 'all spread', '', ${people} FROM counted`;

type Counts = Readonly<Record<(typeof EVENTS | typeof PEOPLE)[number], number>>;
interface Found {
  readonly kind: 'summed' | 'spread' | 'all spread';
  readonly group: string;
  readonly counts: Partial<Counts>;
}

const added = (found: readonly Found[]): OutcomeFigures => {
  const sum = (fact: keyof Counts): number => found.reduce((total, { counts }) => total + (counts[fact] ?? 0), 0);
  return figures(Object.fromEntries([...EVENTS, ...PEOPLE].map(fact => [fact, sum(fact)])) as Counts);
};

@QueryHandler(ReportOutcomes)
export class ReportOutcomesHandler implements IQueryHandler<ReportOutcomes> {
  private readonly suppressions = new Suppressions(RELATIONS);

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
          (await tx.query<Found>(sql(by), [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {outcomes}.as_of')).rows,
          disclosure === 'public' ? await cellsOf(tx) : undefined,
        ] as const,
    );
    const parked = await this.readModels.parked('outcomes');
    if (cells) requireWhole('outcomes', parked);
    const total = added(found.filter(({ kind }) => kind !== 'spread'));
    const grouped = found.filter(({ kind }) => kind !== 'all spread');
    const rows = [...new Set(grouped.map(({ group }) => group))]
      .sort((a, b) => (a < b ? -1 : 1))
      .map(group => ({ group, ...added(grouped.filter(one => one.group === group)) }))
      .filter(row => [...EVENTS, ...PEOPLE].some(fact => row[fact] !== 0));
    return {
      ...(cells ? published({ rows, total }, asked, await this.suppressions.of(cells)) : { rows, total }),
      asOfPosition: asOf[0]?.position ?? START,
      ...(parked > 0 && { parked }),
    };
  }
}

const figures = (counts: Counts): OutcomeFigures => ({
  ...counts,
  appliedRate: counts.transferred === 0 ? null : Math.round((counts.applied / counts.transferred) * 1000) / 10,
});
