import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PartnerCountry as PartnerOf } from '../../agreements/agreement.events.js';
import { HOLD_KINDS, type HoldKind } from '../../cases/case.events.js';
import { STATUSES, type Status } from '../../cases/case.state.js';
import type { Position } from '../../event-store/event-store.js';
import { toInstant } from '../../fields/time.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import {
  ANY_NUMBER,
  AnyText,
  Bool,
  DayOrInstant,
  Instant,
  Matching,
  Nested,
  Nullable,
  OneOf,
  OneOfList,
  Optional,
  PartnerCountry,
  Rows,
  ShortText,
  Uuid,
  WholeNumber,
} from '../../fields/fields.js';
import { isInstant, isUuid } from '../../fields/formats.js';
import { ReadModels } from '../../projecting/read-models.js';
import { search } from './searching.js';

interface Order {
  readonly by: string;
  readonly descending?: boolean;
  /** How a place in this order is written; a name is personal, and is looked up where a cursor goes on. */
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
const NEWEST_FIRST = '-openedAt';

export class CaseFilter {
  @OneOf(STATUSES) @Optional() readonly status?: Status;
  @ShortText({ example: 'cw-ana', description: 'The caseworker to whom the case is assigned.' }) @Optional() readonly assignee?: string;
  @ShortText({ example: 'ELP' }) @Optional() readonly office?: string;
  @PartnerCountry() @Optional() readonly country?: string;
  @OneOf(HOLD_KINDS, { description: 'A hold of this kind stands.' }) @Optional() readonly hold?: HoldKind;
  @DayOrInstant({ description: 'Something is due before.' }) @Optional() readonly dueBefore?: string;
  @ShortText({ example: 'hernandez', description: 'Parts of names, an alien number or a case id, or how they begin.' })
  @Optional()
  readonly q?: string;
  @OneOf(Object.keys(ORDERS), { example: NEWEST_FIRST, description: 'Newest first unless told.' }) @Optional() readonly sort?: string;
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Matching(/^[\w-]{1,500}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
}

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
}

export class CaseloadPage {
  @Rows(() => CaseloadRow) readonly rows!: CaseloadRow[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
  @WholeNumber({ min: 1, description: 'How many cases may be missing or out of date, if any.' }) @Optional() readonly parked?: number;
}

export class ListCases extends Query<CaseloadPage> {
  /** @param onlyOffice the office that the reader is confined to, if any */
  constructor(
    readonly filter: CaseFilter,
    readonly onlyOffice: string | null,
    readonly token?: Position,
  ) {
    super();
  }
}

type Stored = Omit<CaseloadRow, 'openedAt' | 'dueAt' | 'applicant'> & {
  readonly openedAt: Date;
  readonly dueAt: Date | null;
  readonly known: boolean;
  readonly givenNames: string | null;
  readonly familyName: string | null;
};

type Place = [sort: string, caseId: string, at: string];

@QueryHandler(ListCases)
export class ListCasesHandler implements IQueryHandler<ListCases> {
  constructor(private readonly readModels: ReadModels) {}

  async execute({ filter, onlyOffice, token }: ListCases): Promise<CaseloadPage> {
    const { sort = NEWEST_FIRST, limit = 50, cursor } = filter;
    const order = ORDERS[sort] as Order;
    const place = placeOf(cursor, (value): value is Place => isPlaceIn(value, sort, order));
    const sql = new Conditions();
    narrow(sql, filter, onlyOffice);
    if (place) goOn(sql, order, place);
    const direction = order.descending ? 'DESC' : 'ASC';
    const [found, parked] = await Promise.all([
      this.readModels.query<Stored>(
        'caseload',
        `SELECT case_id AS "caseId", revision, status, office, assigned_to AS "assignedTo", opened_at AS "openedAt", country, holds, due_at AS "dueAt",
           p.case_id IS NOT NULL AS known, given_names AS "givenNames", family_name AS "familyName", alien_number AS "alienNumber",
           minor_at_encounter AS "minorAtEncounter", age_disputed AS "ageDisputed", open_alerts AS "openAlerts"
         FROM (SELECT *, ${order.by} AS place FROM {caseload}.cases ${sql.where()} ORDER BY ${order.by} ${direction}, case_id ${direction} LIMIT ${limit + 1}) c
         LEFT JOIN {caseload}.people p USING (case_id) ORDER BY c.place ${direction}, case_id ${direction}`,
        sql.values,
        { token },
      ),
      this.readModels.parked('caseload'),
    ]);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      rows: rows.map(shown),
      nextCursor: found.length > limit && last ? cursorOf(placeOfRow(sort, last)) : null,
      ...(parked > 0 && { parked }),
    };
  }
}

/** What a WHERE clause is made of; values are only ever parameters. */
class Conditions {
  readonly values: unknown[] = [];
  private readonly all: string[] = [];

  /** A `?` in the condition stands for each of the values in turn. */
  add(condition: string, ...values: readonly unknown[]): void {
    const rest = [...values];
    this.all.push(condition.replaceAll('?', () => `$${this.values.push(rest.shift())}`));
  }

  where(): string {
    return this.all.length > 0 ? `WHERE ${this.all.join(' AND ')}` : '';
  }
}

function narrow(sql: Conditions, { status, assignee, office, country, hold, dueBefore, q }: CaseFilter, onlyOffice: string | null): void {
  if (onlyOffice !== null) sql.add('office = ?', onlyOffice);
  if (office !== undefined) sql.add('office = ?', office);
  if (status !== undefined) sql.add('status = ?', status);
  if (assignee !== undefined) sql.add('assigned_to = ?', assignee);
  if (country !== undefined) sql.add('country = ?', country);
  if (hold !== undefined) sql.add('? = ANY (holds)', hold);
  if (dueBefore !== undefined)
    sql.add("coalesce(due_at, 'infinity'::timestamptz) < ?::timestamptz", dueBefore.length === 10 ? `${dueBefore}T00:00:00Z` : dueBefore);
  if (q !== undefined) find(sql, q);
}

function find(sql: Conditions, q: string): void {
  const { grams, patterns, ids } = search(q);
  const byName = 'SELECT case_id FROM {caseload}.people WHERE grams @> ?::text[] AND words LIKE ALL (?::text[])';
  const byId = 'SELECT case_id FROM {caseload}.cases WHERE case_id BETWEEN ?::uuid AND ?::uuid';
  if (grams.length > 0 && ids) sql.add(`case_id IN (${byName} UNION ALL ${byId})`, grams, patterns, ...ids);
  else if (grams.length > 0) sql.add(`case_id IN (${byName})`, grams, patterns);
  else sql.add('false');
}

function goOn(sql: Conditions, { by, type, descending }: Order, [, caseId, at]: Place): void {
  const after = descending ? '<' : '>';
  if (type === 'name')
    sql.add(`(${by}, case_id) ${after} (SELECT family_key, case_id FROM {caseload}.cases WHERE case_id = ?::uuid)`, caseId);
  else sql.add(`(${by}, case_id) ${after} (?::timestamptz, ?::uuid)`, at, caseId);
}

function placeOfRow(sort: string, { caseId, openedAt, dueAt }: Stored): Place {
  if (sort.endsWith('openedAt')) return [sort, caseId, toInstant(openedAt.getTime())];
  if (sort.endsWith('dueAt')) return [sort, caseId, dueAt ? toInstant(dueAt.getTime()) : undated(sort)];
  return [sort, caseId, ''];
}

const undated = (sort: string): string => (sort.startsWith('-') ? '-infinity' : 'infinity');

function isPlaceIn(value: unknown, sort: string, { type }: Order): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [inSort, caseId, at] = value as unknown[];
  return inSort === sort && isUuid(caseId) && (type === 'name' ? at === '' : isInstant(at) || at === undated(sort));
}

const shown = ({ known, givenNames, familyName, ...row }: Stored): CaseloadRow => ({
  ...row,
  openedAt: toInstant(row.openedAt.getTime()),
  dueAt: row.dueAt && toInstant(row.dueAt.getTime()),
  applicant: known ? { givenNames, familyName } : null,
});
