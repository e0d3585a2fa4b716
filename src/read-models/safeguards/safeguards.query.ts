import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { Counts, Figure, Nested, Nullable, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { requireDaysInOrder, type ReportAsked } from '../../reporting/report-asked.js';

export class AlertFigures {
  @WholeNumber({ description: 'Protection alerts raised on these days: what must be answered of somebody who has left.' })
  readonly raised!: number;
  @WholeNumber({ description: 'Of those, how many nobody has answered yet.' }) readonly open!: number;
}

export class SafeguardFigures {
  @Counts({ description: 'Refused withdrawals, by the first code.' }) readonly refusals!: Readonly<Record<string, number>>;
  @Counts({ description: 'By every check that failed: a departure with three faults counts under each.' })
  readonly blockedDepartures!: Readonly<Record<string, number>>;
  @WholeNumber({ description: 'Departures recorded although checks had failed.' }) readonly irregularDepartures!: number;
  @Counts({ description: 'Holds placed, by kind.' }) readonly holds!: Readonly<Record<string, number>>;
  @Figure({ description: 'Of those holds that still stand, the longest, to one decimal.' }) @Nullable() readonly longestOpenHours!:
    | number
    | null;
  @Nested(() => AlertFigures) readonly protectionAlerts!: AlertFigures;
  @WholeNumber({ description: 'Said to be by written consent, where none stood that covers them.' })
  readonly disclosuresWithoutConsent!: number;
  @WholeNumber({ description: 'Files that were closed as duplicates.' }) readonly duplicatesMerged!: number;
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
    readonly asked: ReportAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

const FIGURES = `
  SELECT fact, code, count(*) AS count, count(*) FILTER (WHERE closed_at IS NULL) AS open,
    round(extract(epoch FROM max(a.recorded_at - opened_at) FILTER (WHERE closed_at IS NULL)) / 3600, 1)::float8 AS "longestOpen"
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
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ asked: { country, from, to }, token }: ReportSafeguards): Promise<SafeguardsReport> {
    requireDaysInOrder({ from, to });
    if (token !== undefined) await this.readModels.waitFor('safeguards', token);
    const [found, asOf] = await this.readModels.snapshot(
      'safeguards',
      async tx =>
        [
          (await tx.query<Found>(FIGURES, [country, from, to])).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {safeguards}.as_of')).rows,
        ] as const,
    );
    const parked = await this.readModels.parked('safeguards');
    return { figures: figuresOf(found), asOfPosition: asOf[0]?.position ?? START, ...(parked > 0 && { parked }) };
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
