import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Queryable } from '../../database/database.js';
import { START, type Position } from '../../event-store/event-store.js';
import { Figure, Nested, Nullable, PublishedCounts, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { published, regionOf, requireWhole, requireWholeMonths, Suppressions } from '../../reporting/publishing.js';
import { requireDaysInOrder, type PublishedReportAsked } from '../../reporting/report-asked.js';
import { cellsOf, NEVER_PUBLISHED, RELATIONS } from './screening.disclosure.js';

/** To one decimal. */
export class MedianHours {
  @Figure({ description: 'The exact median, from the start to the first submission.' }) @Nullable() readonly screening!: number | null;
  @Figure({ description: 'The exact median, from a submission to its confirmation or return.' }) @Nullable() readonly review!:
    | number
    | null;
}

/** Screenings begun and determinations returned are counted; of exceptions and fears, each person once for each agreement. */
export class ScreeningFigures {
  @WholeNumber({ description: 'Screenings begun on these days.' }) @Nullable() readonly screened!: number | null;
  @PublishedCounts({ description: 'People of whom an exception was established, by ground, once for each agreement.' })
  readonly exceptions!: Readonly<Record<string, number | null>>;
  @WholeNumber({ description: 'People who spoke of a fear of the country, once for each agreement.' }) @Nullable() readonly fearExpressed!:
    | number
    | null;
  @WholeNumber({ description: 'People whose fear was assessed and established, once for each agreement.' })
  @Nullable()
  readonly fearEstablished!: number | null;
  @WholeNumber({ description: 'Determinations that a supervisor sent back.' }) @Nullable() readonly returned!: number | null;
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
    readonly asked: PublishedReportAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

const WHICH = "($1::text IS NULL OR country = $1) AND day BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity')";

const COUNTED = `
  SELECT fact, key, sum(count) AS count FROM (
    SELECT fact, key, count FROM {screening}.sums WHERE ${WHICH}
    UNION ALL SELECT fact, key, -count FROM {screening}.repeats WHERE ${WHICH} AND since >= coalesce($2::date, '-infinity')) AS counted
  GROUP BY fact, key ORDER BY fact COLLATE "C", key COLLATE "C"`;
/** How long that took which comes at the place, from 0, among those of one size. */
const AT_PLACE = `
  SELECT took_ms AS "tookMs" FROM (
    SELECT took_ms, sum(sum(count)) OVER (ORDER BY took_ms) AS upto FROM {screening}.took
    WHERE ${WHICH} AND fact = $4 AND size = $5 GROUP BY took_ms) AS ordered
  WHERE upto > $6 ORDER BY took_ms LIMIT 1`;

type Which = readonly [country?: string, from?: string, to?: string];
interface Found {
  readonly fact: string;
  readonly key: string;
  readonly count: number;
}

@QueryHandler(ReportScreening)
export class ReportScreeningHandler implements IQueryHandler<ReportScreening> {
  private readonly suppressions = new Suppressions(RELATIONS);

  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `validation-failed` for what is not published; ReadModelBehind, DatabaseUnavailable */
  async execute({ asked, token }: ReportScreening): Promise<ScreeningReport> {
    const { country, from, to, disclosure } = asked;
    requireDaysInOrder(asked);
    if (disclosure === 'public') requireWholeMonths(asked);
    if (token !== undefined) await this.readModels.waitFor('screening', token);
    const [exact, asOf, cells] = await this.readModels.snapshot(
      'screening',
      async tx =>
        [
          await figuresOf([country, from, to], tx),
          (await tx.query<{ position: Position }>('SELECT position FROM {screening}.as_of')).rows,
          disclosure === 'public' ? await cellsOf(tx) : undefined,
        ] as const,
    );
    const parked = await this.readModels.parked('screening');
    if (cells) requireWhole('screening', parked);
    const figures = cells ? published(exact, regionOf(asked), await this.suppressions.of(cells), NEVER_PUBLISHED) : exact;
    return { figures, asOfPosition: asOf[0]?.position ?? START, ...(parked > 0 && { parked }) };
  }
}

async function figuresOf(which: Which, tx: Queryable): Promise<ScreeningFigures> {
  const { rows } = await tx.query<Found>(COUNTED, which);
  const of = (fact: string): Found[] => rows.filter(row => row.fact === fact);
  const count = (fact: string): number => of(fact).reduce((sum, row) => sum + row.count, 0);
  return {
    screened: count('screened'),
    exceptions: Object.fromEntries(of('exception').map(({ key, count: people }) => [key, people])),
    fearExpressed: count('fear-expressed'),
    fearEstablished: count('fear-established'),
    returned: count('returned'),
    medianHours: {
      screening: inHours(await medianOf(of('took-screening'), which, tx)),
      review: inHours(await medianOf(of('took-review'), which, tx)),
    },
  };
}

/** Exact: the sizes tell where the middle lies, and what lies there is looked up. */
async function medianOf(sizes: readonly Found[], which: Which, tx: Queryable): Promise<number | null> {
  const all = sizes.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  const ordered = sizes.toSorted((a, b) => Number(a.key) - Number(b.key));
  const at = async (place: number): Promise<number> => {
    let left = place;
    for (const { fact, key, count } of ordered) {
      if (left < count) return (await tx.query<{ tookMs: number }>(AT_PLACE, [...which, fact, Number(key), left])).rows[0]?.tookMs ?? 0;
      left -= count;
    }
    return 0;
  };
  const [low, high] = [await at((all - 1) >> 1), await at(all >> 1)];
  return low + (high - low) / 2;
}

const TENTH_OF_HOUR_MS = 360_000;
const inHours = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / TENTH_OF_HOUR_MS) / 10);
