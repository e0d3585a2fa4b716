import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PartnerCountry as PartnerOf } from '../../agreements/agreement.events.js';
import { HOLD_KINDS, type HoldKind } from '../../cases/case.events.js';
import { STATUSES, type Status } from '../../cases/case.status.js';
import type { Position } from '../../event-store/event-store.js';
import {
  ANY_NUMBER,
  AnyText,
  Bool,
  Instant,
  Nested,
  Nullable,
  OneOf,
  OneOfList,
  Optional,
  PartnerCountry,
  Rows,
  Uuid,
  WholeNumber,
} from '../../fields/fields.js';
import { isInstant, isUuid } from '../../fields/formats.js';
import { toInstant } from '../../fields/time.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { open, seal } from '../../personal-data/sealing.js';
import { ReadModels } from '../../projecting/read-models.js';
import { alike } from './alike.js';
import { type Asker, type CaseSearch, find, narrowed, NEWEST_FIRST } from './case-filter.js';
import type { Conditions } from './conditions.js';
import { search } from './searching.js';

interface Order {
  readonly by: string;
  readonly descending?: boolean;
  /** How a place in this order is written; a name is personal, and is sealed. */
  readonly type: 'timestamptz' | 'name';
}

/** By `-…` from the last to the first; what has no date comes last either way. */
const ORDERS: Readonly<Record<string, Order>> = {
  openedAt: { by: 'opened_at', type: 'timestamptz' },
  '-openedAt': { by: 'opened_at', type: 'timestamptz', descending: true },
  dueAt: { by: "coalesce(due_at, 'infinity'::timestamptz)", type: 'timestamptz' },
  '-dueAt': { by: "coalesce(due_at, '-infinity'::timestamptz)", type: 'timestamptz', descending: true },
  familyName: { by: 'family_key', type: 'name' },
  '-familyName': { by: 'family_key', type: 'name', descending: true },
};
/** How many rows a page has unless told otherwise. */
const USUAL = 50;
/** Where fewer fit than these, those follow that are alike. */
const FEW = 5;

export class CaseloadName {
  @AnyText({ personal: true }) @Nullable() readonly givenNames!: string | null;
  @AnyText({ personal: true }) @Nullable() readonly familyName!: string | null;
}

export class CaseloadRow {
  @Uuid() readonly caseId!: string;
  @WholeNumber() readonly revision!: number;
  @OneOf(STATUSES) readonly status!: Status;
  @AnyText() readonly office!: string;
  @AnyText() @Nullable() readonly assignedTo!: string | null;
  @Instant() readonly openedAt!: string;
  @PartnerCountry({ description: 'Of the transfer, else of the screening.' }) @Nullable() readonly country!: PartnerOf | null;
  @OneOfList(HOLD_KINDS, ANY_NUMBER) readonly holds!: HoldKind[];
  @Instant({ description: 'The earliest of the reply, the end of the acceptance and the alerts that are open.' })
  @Nullable()
  readonly dueAt!: string | null;
  @Nested(() => CaseloadName) @Nullable() readonly applicant!: CaseloadName | null;
  @AnyText({ personal: true }) @Nullable() readonly alienNumber!: string | null;
  @Bool() readonly minorAtEncounter!: boolean;
  @Bool() readonly ageDisputed!: boolean;
  @WholeNumber() readonly openAlerts!: number;
  @Bool({ description: 'Nothing was heard of the person up to a milestone after the arrival.' }) readonly followUpOverdue!: boolean;
  @Bool({ description: 'True: a name sounds or looks like one that was searched for.' }) @Optional() readonly similar?: boolean;
}

export class CaseloadPage {
  @Rows(() => CaseloadRow) readonly rows!: CaseloadRow[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
  @WholeNumber({ description: 'How many fit, where that was asked.' }) @Optional() readonly total?: number;
  @WholeNumber({ min: 1, description: 'How many cases may be missing or out of date, if any.' }) @Optional() readonly parked?: number;
}

export class ListCases extends Query<CaseloadPage> {
  constructor(
    readonly filter: CaseSearch,
    readonly asker: Asker,
    readonly token?: Position,
  ) {
    super();
  }
}

type Stored = Omit<CaseloadRow, 'openedAt' | 'dueAt' | 'applicant' | 'similar'> & {
  readonly openedAt: Date;
  readonly dueAt: Date | null;
  /** Null where the person is not known any more. */
  readonly familyKey: string | null;
  readonly givenNames: string | null;
  readonly familyName: string | null;
};

type Place = [sort: string, caseId: string, at: string];

const COLUMNS = `case_id AS "caseId", revision, status, office, assigned_to AS "assignedTo", opened_at AS "openedAt",
  country, holds, due_at AS "dueAt",
  CASE WHEN p.case_id IS NOT NULL THEN family_key END AS "familyKey",
  given_names AS "givenNames", family_name AS "familyName", alien_number AS "alienNumber",
  minor_at_encounter AS "minorAtEncounter", age_disputed AS "ageDisputed", open_alerts AS "openAlerts",
  follow_up_overdue AS "followUpOverdue"`;

@QueryHandler(ListCases)
export class ListCasesHandler implements IQueryHandler<ListCases> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly personalData: PersonalData,
  ) {}

  /** @throws ValidationFailed for a cursor of another list; ReadModelBehind, DatabaseUnavailable */
  async execute({ filter, asker, token }: ListCases): Promise<CaseloadPage> {
    const { sort = NEWEST_FIRST, limit = USUAL, cursor, q, count = false } = filter;
    const order = ORDERS[sort] as Order;
    const key = Buffer.from(await this.personalData.keyed('places in lists'), 'base64url');
    const place = placeOf(cursor, (value): value is Place => isPlaceIn(value, sort, order, key));
    const sql = narrowed(filter, asker);
    if (q !== undefined) find(sql, q);
    const counting = { text: `SELECT count(*) AS total FROM {caseload}.cases ${sql.where()}`, values: [...sql.values] };
    if (place) goOn(sql, order, place, key);
    const direction = order.descending ? 'DESC' : 'ASC';
    const [{ rows: found, parked }, totals] = await Promise.all([
      this.readModels.queryBesideParked<Stored>(
        'caseload',
        `SELECT ${COLUMNS}
         FROM (SELECT * FROM (SELECT *, ${order.by} AS place FROM {caseload}.cases ${sql.where()} ${fenceOf(filter, order)}) AS fitting
         ORDER BY place ${direction}, case_id ${direction} LIMIT ${limit + 1}) c
         LEFT JOIN {caseload}.people p USING (case_id) ORDER BY c.place ${direction}, case_id ${direction}`,
        sql.values,
        { token, hot: hotName(filter, asker) },
      ),
      count ? this.readModels.query<{ total: number }>('caseload', counting.text, counting.values, { token }) : [],
    ]);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const similar = q === undefined || cursor !== undefined || rows.length >= FEW ? [] : await this.alike(filter, asker, q, rows);
    return {
      rows: [...rows.map(shown), ...similar.slice(0, limit - rows.length)],
      nextCursor: found.length > limit && last ? cursorOf(placeOfRow(sort, order, last, key)) : null,
      ...(totals[0] && { total: totals[0].total }),
      ...(parked > 0 && { parked }),
    };
  }

  private async alike(filter: CaseSearch, asker: Asker, q: string, exact: readonly Stored[]): Promise<CaseloadRow[]> {
    const { names } = search(q);
    if (names.length === 0 || names.length > MOST_NAMES) return [];
    const { text, values } = alike(
      names,
      filter,
      asker,
      exact.map(({ caseId }) => caseId),
    );
    const ids = (await this.readModels.query<{ caseId: string }>('caseload', text, values)).map(({ caseId }) => caseId);
    if (ids.length === 0) return [];
    const rows = await this.readModels.query<Stored>(
      'caseload',
      `SELECT ${COLUMNS} FROM {caseload}.cases LEFT JOIN {caseload}.people p USING (case_id)
       WHERE case_id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], case_id)`,
      [ids],
    );
    return rows.map(row => ({ ...shown(row), similar: true }));
  }
}

/**
 * Of lists that are looked at all day, planned once: there each condition has an index in this order, which is right for any value. Of any
 * other the plan depends on the values.
 */
function hotName(filter: CaseSearch, { onlyOffice }: Asker): string | undefined {
  const { sort = NEWEST_FIRST, limit = USUAL, cursor, count: _, open, assignee, ...others } = filter;
  const plain = Object.values(others).every(value => value === undefined);
  if (!plain || ORDERS[sort]?.by !== 'opened_at' || limit !== USUAL || (assignee !== undefined && assignee !== 'me')) return undefined;
  const parts = [
    'caseload',
    onlyOffice === null ? 'all' : 'own',
    sort,
    open ?? 'any',
    assignee ?? 'anybody',
    cursor === undefined ? 'first' : 'next',
  ];
  return parts.join('-');
}

/** What one person has is few, and is sorted: in an order without an index of their own, all others would be gone through for it. */
const fenceOf = ({ assignee = 'none' }: CaseSearch, { by }: Order): string => (assignee === 'none' || by === 'opened_at' ? '' : 'OFFSET 0');

function goOn(sql: Conditions, { by, type, descending }: Order, [sort, caseId, at]: Place, key: Buffer): void {
  const value = type === 'name' ? (open(key, cursorAt(sort, caseId), at, 0) as { name: string }).name : at;
  sql.add(`(${by}, case_id) ${descending ? '<' : '>'} (?::${type === 'name' ? 'text' : type}, ?::uuid)`, value, caseId);
}

function placeOfRow(sort: string, { type }: Order, { caseId, openedAt, dueAt, familyKey }: Stored, key: Buffer): Place {
  if (type === 'name') return [sort, caseId, seal(key, cursorAt(sort, caseId), { name: familyKey ?? '' })];
  if (sort.endsWith('openedAt')) return [sort, caseId, toInstant(openedAt.getTime())];
  return [sort, caseId, dueAt ? toInstant(dueAt.getTime()) : undated(sort)];
}

function isPlaceIn(value: unknown, sort: string, { type }: Order, key: Buffer): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [inSort, caseId, at] = value as unknown[];
  if (inSort !== sort || !isUuid(caseId) || typeof at !== 'string') return false;
  return type === 'name' ? opens(key, sort, caseId, at) : isInstant(at) || at === undated(sort);
}

function opens(key: Buffer, sort: string, caseId: string, sealed: string): boolean {
  try {
    open(key, cursorAt(sort, caseId), sealed, 0);
    return true;
  } catch {
    return false;
  }
}

/** Nobody has more names; comparing them all would take too long. */
const MOST_NAMES = 6;

const cursorAt = (sort: string, caseId: string) => ({ stream: 'list', eventId: caseId, type: sort, keyId: 'cursor' });
const undated = (sort: string): string => (sort.startsWith('-') ? '-infinity' : 'infinity');

// Field by field: of fifty rows it is read all the time.
const shown = (row: Stored): CaseloadRow => ({
  caseId: row.caseId,
  revision: row.revision,
  status: row.status,
  office: row.office,
  assignedTo: row.assignedTo,
  openedAt: toInstant(row.openedAt.getTime()),
  country: row.country,
  holds: row.holds,
  dueAt: row.dueAt && toInstant(row.dueAt.getTime()),
  alienNumber: row.alienNumber,
  minorAtEncounter: row.minorAtEncounter,
  ageDisputed: row.ageDisputed,
  openAlerts: row.openAlerts,
  followUpOverdue: row.followUpOverdue,
  applicant: row.familyKey === null ? null : { givenNames: row.givenNames, familyName: row.familyName },
});
