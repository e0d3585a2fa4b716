import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '../../event-store/event-store.js';
import { misfit } from '../../event-store/rule.js';
import { AnyText, Bool, Day, Figure, Nullable, OneOf, Rows, WholeNumber } from '../../fields/fields.js';
import { AccessIndex } from './access-index.js';
import { byRole, farAbove, FEWEST_OTHERS, type Measure, MEASURES, type Opened } from './unusual.js';

const LONGEST_DAYS = 366;
const MS_A_DAY = 86_400_000;

export class UnusualPeriod {
  @Day({ example: '2020-01-01', description: 'The first day that counts, UTC.' }) readonly from!: string;
  @Day({ example: '2020-01-31', description: `The last day that counts, UTC; at most ${LONGEST_DAYS} days are looked at.` })
  readonly to!: string;
}

export class UnusualRow {
  @AnyText({ example: 'cw-ana' }) readonly sub!: string;
  @AnyText({ description: 'Whoever has several roles is compared in each.' }) readonly role!: string;
  @OneOf(MEASURES, {
    description: 'Of all files that were opened; of those of another office than the own; of those opened without a purpose.',
  })
  readonly measure!: Measure;
  @WholeNumber({ description: 'Different files.' }) readonly count!: number;
  @Figure({ description: 'Of the others of the role.' }) readonly median!: number;
  @Figure({ description: '1.4826 × the median absolute deviation of the others; at least the root of their median, and 1.' })
  readonly spread!: number;
  @Figure({ description: 'How many spreads the count lies above the median; those from 3.5 on are told.' }) readonly score!: number;
  @Figure({ description: 'How many times the median it is; null where that is 0.' }) @Nullable() readonly times!: number | null;
  @WholeNumber({ description: 'Others of the role who opened a file in the period.' }) readonly others!: number;
}

export class RoleLookedAt {
  @AnyText() readonly role!: string;
  @WholeNumber({ description: 'Who opened a file in the period.' }) readonly callers!: number;
  @Bool({ description: `Only with ${FEWEST_OTHERS} others or more.` }) readonly compared!: boolean;
}

export class UnusualAccess {
  @Rows(() => UnusualRow) readonly rows!: UnusualRow[];
  @Rows(() => RoleLookedAt) readonly roles!: RoleLookedAt[];
}

/** Who opened far more than the others of the role did: figures to ask about, no verdict. */
export class FindUnusualAccess extends Query<UnusualAccess> {
  constructor(
    readonly period: UnusualPeriod,
    readonly token?: Position,
  ) {
    super();
  }
}

type Counted = { readonly sub: string; readonly role: string } & Readonly<Record<Measure, number>>;

@QueryHandler(FindUnusualAccess)
export class FindUnusualAccessHandler implements IQueryHandler<FindUnusualAccess> {
  constructor(private readonly index: AccessIndex) {}

  /** @throws ValidationFailed for days out of order or too many; ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  async execute({ period: { from, to }, token }: FindUnusualAccess): Promise<UnusualAccess> {
    if (from > to) throw misfit('/from', 'invalid', 'must not be after to');
    if (Date.parse(to) - Date.parse(from) >= LONGEST_DAYS * MS_A_DAY)
      throw misfit('/to', 'invalid', `must not be more than ${LONGEST_DAYS} days after from`);
    const counted = await this.index.query<Counted>(OPENED, [from, to], token);
    const callers = counted.map(({ sub, role, ...counts }): Opened => ({ sub, role, counts }));
    const roles = [...byRole(callers)].map(([role, { length }]) => ({
      role,
      callers: length,
      compared: length > FEWEST_OTHERS,
    }));
    return { rows: farAbove(callers), roles };
  }
}

/** Whose file it was is told by the time at which it was opened: many a case is handed over later. */
const OPENED = `
WITH opened AS (
  SELECT actor, roles, office, stream_id AS case_id, position, purpose_stated FROM {access}.records
  WHERE opened AND at >= $1::date::timestamp AT TIME ZONE 'UTC' AND at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
), held AS (
  SELECT case_id, office, position AS since, lead(position) OVER (PARTITION BY case_id ORDER BY position) AS until FROM {access}.offices
), files AS (
  SELECT o.actor, r.role, o.case_id, bool_or(h.office <> o.office) AS elsewhere, bool_or(NOT o.purpose_stated) AS unstated
  FROM opened o
  LEFT JOIN held h ON h.case_id = o.case_id AND o.position > h.since AND (o.position < h.until OR h.until IS NULL)
  CROSS JOIN LATERAL unnest(o.roles) AS r(role)
  GROUP BY o.actor, r.role, o.case_id
)
SELECT actor AS sub, role, count(*) AS files, count(*) FILTER (WHERE elsewhere) AS "other-offices",
  count(*) FILTER (WHERE unstated) AS "no-purpose"
FROM files GROUP BY actor, role ORDER BY role, actor`;
