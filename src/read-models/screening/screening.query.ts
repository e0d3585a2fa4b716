import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { START, type Position } from '../../event-store/event-store.js';
import { Counts, Figure, Nested, Nullable, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { requireDaysInOrder, type ReportAsked } from '../../reporting/report-asked.js';

/** To one decimal. */
export class MedianHours {
  @Figure({ description: 'The exact median, from the start to the first submission.' }) @Nullable() readonly screening!: number | null;
  @Figure({ description: 'The exact median, from a submission to its confirmation or return.' }) @Nullable() readonly review!:
    | number
    | null;
}

/** Screenings begun and determinations returned are counted; of exceptions and fears, each person once for each agreement. */
export class ScreeningFigures {
  @WholeNumber({ description: 'Screenings begun on these days.' }) readonly screened!: number;
  @Counts({ description: 'People of whom an exception was established, by ground, once for each agreement.' })
  readonly exceptions!: Readonly<Record<string, number>>;
  @WholeNumber({ description: 'People who spoke of a fear of the country, once for each agreement.' }) readonly fearExpressed!: number;
  @WholeNumber({ description: 'People whose fear was assessed and established, once for each agreement.' })
  readonly fearEstablished!: number;
  @WholeNumber({ description: 'Determinations that a supervisor sent back.' }) readonly returned!: number;
  @Nested(() => MedianHours) readonly medianHours!: MedianHours;
}

export interface ScreeningReport {
  readonly figures: ScreeningFigures;
  /** Of the newest event that the figures reflect: the same position means the same figures. */
  readonly asOfPosition: Position;
  /** How many cases may be missing or out of date, if any. */
  readonly parked?: number;
}

export class ReportScreening extends Query<ScreeningReport> {
  constructor(
    readonly asked: ReportAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

const COUNTED = `
  WITH counted AS (
    SELECT * FROM {screening}.facts
    WHERE ($1::text IS NULL OR country = $1) AND ($2::date IS NULL OR day >= $2) AND ($3::date IS NULL OR day <= $3)
  )`;
const people = 'count(DISTINCT (case_id, country))';
const median = (...facts: readonly string[]): string =>
  `percentile_cont(0.5) WITHIN GROUP (ORDER BY took_ms) FILTER (WHERE fact IN (${facts.map(fact => `'${fact}'`).join(', ')}))`;

const FIGURES = `${COUNTED}
  SELECT count(*) FILTER (WHERE fact = 'screened') AS screened, ${people} FILTER (WHERE fact = 'fear-expressed') AS "fearExpressed",
    ${people} FILTER (WHERE fact = 'fear-established') AS "fearEstablished", count(*) FILTER (WHERE fact = 'returned') AS returned,
    ${median('submitted')} AS screening, ${median('confirmed', 'returned')} AS review
  FROM counted`;
const EXCEPTIONS = `${COUNTED} SELECT ground, ${people} AS count FROM counted WHERE fact = 'exception'
  GROUP BY ground ORDER BY ground COLLATE "C"`;

type Found = Omit<ScreeningFigures, 'exceptions' | 'medianHours'> & { readonly screening: number | null; readonly review: number | null };

@QueryHandler(ReportScreening)
export class ReportScreeningHandler implements IQueryHandler<ReportScreening> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ asked: { country, from, to }, token }: ReportScreening): Promise<ScreeningReport> {
    requireDaysInOrder({ from, to });
    if (token !== undefined) await this.readModels.waitFor('screening', token);
    const which = [country, from, to];
    const [figures, exceptions, asOf] = await this.readModels.snapshot(
      'screening',
      async tx =>
        [
          (await tx.query<Found>(FIGURES, which)).rows[0] as Found,
          (await tx.query<{ ground: string; count: number }>(EXCEPTIONS, which)).rows,
          (await tx.query<{ position: Position }>('SELECT position FROM {screening}.as_of')).rows,
        ] as const,
    );
    const parked = await this.readModels.parked('screening');
    const { screened, fearExpressed, fearEstablished, returned, screening, review } = figures;
    return {
      figures: {
        screened,
        exceptions: Object.fromEntries(exceptions.map(({ ground, count }) => [ground, count])),
        fearExpressed,
        fearEstablished,
        returned,
        medianHours: { screening: inHours(screening), review: inHours(review) },
      },
      asOfPosition: asOf[0]?.position ?? START,
      ...(parked > 0 && { parked }),
    };
  }
}

const TENTH_OF_HOUR_MS = 360_000;
const inHours = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / TENTH_OF_HOUR_MS) / 10);
