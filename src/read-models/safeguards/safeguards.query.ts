import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { Figure, Nested, Nullable, PublishedCounts, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { published, regionOf, requireWhole, requireWholeMonths, Suppressions } from '../../reporting/publishing.js';
import { requireDaysInOrder, type PublishedReportAsked } from '../../reporting/report-asked.js';
import { cellsOf, NEVER_PUBLISHED, RELATIONS } from './safeguards.disclosure.js';

export class AlertFigures {
  @WholeNumber({ description: 'Protection alerts raised on these days: what must be answered of somebody who has left.' })
  @Nullable()
  readonly raised!: number | null;
  @WholeNumber({ description: 'Of those, how many nobody has answered yet.' }) @Nullable() readonly open!: number | null;
}

export class SafeguardFigures {
  @PublishedCounts({ description: 'Refused withdrawals, by the first code.' }) readonly refusals!: Readonly<Record<string, number | null>>;
  @PublishedCounts({ description: 'By every check that failed: a departure with three faults counts under each.' })
  readonly blockedDepartures!: Readonly<Record<string, number | null>>;
  @WholeNumber({ description: 'Departures recorded although checks had failed.' }) @Nullable() readonly irregularDepartures!: number | null;
  @PublishedCounts({ description: 'Holds placed, by kind.' }) readonly holds!: Readonly<Record<string, number | null>>;
  @Figure({ description: 'Of those holds that still stand, the longest, to one decimal.' }) @Nullable() readonly longestOpenHours!:
    | number
    | null;
  @Nested(() => AlertFigures) readonly protectionAlerts!: AlertFigures;
  @WholeNumber({ description: 'Said to be by written consent, where none stood that covers them.' })
  @Nullable()
  readonly disclosuresWithoutConsent!: number | null;
  @WholeNumber({ description: 'Files that were closed as duplicates.' }) @Nullable() readonly duplicatesMerged!: number | null;
}

export interface SafeguardsReport {
  readonly figures: SafeguardFigures;
  /** Of the newest event that the figures reflect: the same position means the same figures. */
  readonly asOfPosition: Position;
  /** How many cases may be missing or out of date, if any. */
  readonly parked?: number;
}

export class ReportSafeguards extends Query<SafeguardsReport> {
  constructor(
    readonly asked: PublishedReportAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

const FIGURES = `
  SELECT fact, code, count(*) AS count, count(*) FILTER (WHERE closed_at IS NULL) AS open,
    round(extract(epoch FROM max(greatest(a.recorded_at - opened_at, interval '0')) FILTER (WHERE closed_at IS NULL)) / 3600, 1)::float8
      AS "longestOpen"
  FROM {safeguards}.facts CROSS JOIN {safeguards}.as_of a
  WHERE ($1::text IS NULL OR country = $1) AND ($2::date IS NULL OR day >= $2) AND ($3::date IS NULL OR day <= $3)
  GROUP BY fact, code ORDER BY fact COLLATE "C", code COLLATE "C"`;

interface Found {
  readonly fact: string;
  readonly code: string;
  readonly count: number;
  readonly open: number;
  readonly longestOpen: number | null;
}

@QueryHandler(ReportSafeguards)
export class ReportSafeguardsHandler implements IQueryHandler<ReportSafeguards> {
  private readonly suppressions = new Suppressions(RELATIONS);

  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `validation-failed` for what is not published; ReadModelBehind, DatabaseUnavailable */
  async execute({ asked, token }: ReportSafeguards): Promise<SafeguardsReport> {
    const { country, from, to, disclosure } = asked;
    requireDaysInOrder(asked);
    if (disclosure === 'public') requireWholeMonths(asked);
    if (token !== undefined) await this.readModels.waitFor('safeguards', token);
    const [found, asOf, cells] = await this.readModels.snapshot(
      'safeguards',
      async tx =>
        [
          (await tx.query<Found>(FIGURES, [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {safeguards}.as_of')).rows,
          disclosure === 'public' ? await cellsOf(tx) : undefined,
        ] as const,
    );
    const parked = await this.readModels.parked('safeguards');
    if (cells) requireWhole('safeguards', parked);
    const exact = figuresOf(found);
    const figures = cells ? published(exact, regionOf(asked), await this.suppressions.of(cells), NEVER_PUBLISHED) : exact;
    return { figures, asOfPosition: asOf[0]?.position ?? START, ...(parked > 0 && { parked }) };
  }
}

function figuresOf(found: readonly Found[]): SafeguardFigures {
  const of = (fact: string): Found[] => found.filter(row => row.fact === fact);
  const byCode = (fact: string): Record<string, number> => Object.fromEntries(of(fact).map(({ code, count }) => [code, count]));
  const sum = (fact: string, what: 'count' | 'open' = 'count'): number => of(fact).reduce((total, row) => total + row[what], 0);
  const standing = of('hold').flatMap(({ longestOpen }) => (longestOpen === null ? [] : [longestOpen]));
  return {
    refusals: byCode('refusal'),
    blockedDepartures: byCode('blocked'),
    irregularDepartures: sum('irregular'),
    holds: byCode('hold'),
    longestOpenHours: standing.length > 0 ? Math.max(...standing) : null,
    protectionAlerts: { raised: sum('alert'), open: sum('alert', 'open') },
    disclosuresWithoutConsent: sum('unconsented'),
    duplicatesMerged: sum('merged'),
  };
}
