import { ApiPropertyOptional } from '@nestjs/swagger';
import { HOLD_KINDS, type HoldKind } from '../../cases/case.events.js';
import { STATUSES, type Status } from '../../cases/case.status.js';
import {
  Bool,
  Country,
  Day,
  DayOrInstant,
  Matching,
  OfficeList,
  OneOf,
  OneOfList,
  Optional,
  PartnerCountry,
  PersonId,
  Text,
  WholeNumber,
} from '../../fields/fields.js';
import { Conditions } from './conditions.js';
import { search } from './searching.js';

export const SORTS = ['openedAt', '-openedAt', 'dueAt', '-dueAt', 'familyName', '-familyName'] as const;
export const NEWEST_FIRST = '-openedAt';

const LONGEST_SEARCH = 2_000;
const Q = {
  max: LONGEST_SEARCH,
  personal: true,
  example: 'hernandez',
  description:
    'Words of names in any order, by beginnings and inside; alien numbers in any form or their last four digits or more; a birth ' +
    'date; a case id or how it begins. Where few fit, those follow that sound or look alike.',
};

/** Which cases; all that is asked must hold. No free text: what is asked stands in the open in the access records, for good. */
export class CaseNarrowing {
  @OneOfList(STATUSES, { description: 'One of these.' }) @Optional() readonly status?: Status[];
  @PersonId({ description: 'To whom the case is assigned: `me`, `none`, or a `sub`.' }) @Optional() readonly assignee?: string;
  @OfficeList({ description: 'One of these.' }) @Optional() readonly office?: string[];
  @PartnerCountry() @Optional() readonly country?: string;
  @OneOf(HOLD_KINDS, { description: 'A hold of this kind stands.' }) @Optional() readonly hold?: HoldKind;
  @DayOrInstant({ description: 'Something is due before.' }) @Optional() readonly dueBefore?: string;
  @Bool({ description: 'Whether the case is not closed.' }) @Optional() readonly open?: boolean;
  @Bool({ description: 'Whether the person counts as under 18; an open dispute does.' }) @Optional() readonly minor?: boolean;
  @Country({ description: 'One of the nationalities.' }) @Optional() readonly nationality?: string;
  @DayOrInstant({ description: 'Opened then or later.' }) @Optional() readonly openedFrom?: string;
  @DayOrInstant({ description: 'Opened then or earlier; a day is counted to its end.' }) @Optional() readonly openedTo?: string;
  @Day({ personal: true }) @Optional() readonly birthDate?: string;
  @OneOf(SORTS, { example: NEWEST_FIRST, description: 'Newest first unless told; what has no date comes last either way.' })
  @Optional()
  readonly sort?: (typeof SORTS)[number];
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Bool({ description: 'Whether `total` tells how many fit, without those that are alike.' }) @Optional() readonly count?: boolean;
  @Matching(/^[\w-]{1,2000}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
}

export class CaseSearch extends CaseNarrowing {
  @Text(Q) @Optional() readonly q?: string;
}

export class CaseFilter extends CaseNarrowing {
  @Text({ ...Q, description: `Names do not belong in addresses: use POST /v1/cases/search. ${Q.description}` })
  @Optional()
  @ApiPropertyOptional({ deprecated: true })
  readonly q?: string;
}

/** Who asks: whom `me` stands for, and the one office that the reader is confined to, if any. */
export interface Asker {
  readonly sub: string;
  readonly onlyOffice: string | null;
}

/** The conditions of a filter but for `q`, on `cases c` beside `people p`. */
export function narrowed(filter: CaseNarrowing, { sub, onlyOffice }: Asker): Conditions {
  const sql = new Conditions();
  const { status, assignee, office, country, hold, dueBefore, open, minor, nationality, openedFrom, openedTo, birthDate } = filter;
  among(sql, 'office', onlyOffice === null ? office : (office ?? [onlyOffice]).filter(one => one === onlyOffice));
  among(sql, 'status', open === undefined ? status : status?.filter(one => (one !== 'closed') === open));
  if (assignee === 'none') sql.add('assigned_to IS NULL');
  else if (assignee !== undefined) sql.add('assigned_to = ?', assignee === 'me' ? sub : assignee);
  if (country !== undefined) sql.add('country = ?', country);
  if (hold !== undefined) sql.add('holds @> ARRAY[?::text]', hold);
  if (dueBefore !== undefined) sql.add("coalesce(due_at, 'infinity'::timestamptz) < ?::timestamptz", beginning(dueBefore));
  if (open !== undefined) sql.add(open ? "status <> 'closed'" : "status = 'closed'");
  if (minor !== undefined) sql.add(minor ? 'minor' : 'NOT minor');
  if (nationality !== undefined) sql.add('nationalities @> ARRAY[?::text]', nationality);
  if (openedFrom !== undefined) sql.add('opened_at >= ?::timestamptz', beginning(openedFrom));
  if (openedTo?.length === DAY_LENGTH) sql.add("opened_at < ?::timestamptz + interval '1 day'", beginning(openedTo));
  else if (openedTo !== undefined) sql.add('opened_at <= ?::timestamptz', openedTo);
  if (birthDate !== undefined) sql.add('case_id IN (SELECT case_id FROM {caseload}.people WHERE birth_date = ?::date)', birthDate);
  return sql;
}

/** The database does not see that nothing can fit, and would go through all cases for it. */
function among(sql: Conditions, column: 'office' | 'status', values: readonly string[] | undefined): void {
  if (values?.length === 0) sql.add('false');
  else if (values?.length === 1) sql.add(`${column} = ?`, values[0]);
  else if (values) sql.add(`${column} = ANY (?::text[])`, values);
}

/** More terms than these only narrow what they have found. */
const LOOKED_UP = 8;

/** Narrows to what `q` finds as it is written. */
export function find(sql: Conditions, q: string): void {
  const { terms, birthDates, ids } = search(q);
  const byId = 'SELECT case_id FROM {caseload}.cases WHERE case_id BETWEEN ?::uuid AND ?::uuid';
  const conditions = terms.slice(0, LOOKED_UP).map(patterns => `(${patterns.map(() => 'words LIKE ledger.fold(?)').join(' OR ')})`);
  const values: unknown[] = terms.slice(0, LOOKED_UP).flat();
  const others = terms.slice(LOOKED_UP).map(([pattern]) => pattern);
  if (others.length > 0) {
    conditions.push('words LIKE ALL (ARRAY(SELECT ledger.fold(one) FROM unnest(?::text[]) AS one))');
    values.push(others);
  }
  if (birthDates.length > 0) {
    conditions.push('birth_date = ANY (?::date[])');
    values.push(birthDates);
  }
  const byPerson = `SELECT case_id FROM {caseload}.people WHERE ${conditions.join(' AND ')}`;
  const ways = [...(conditions.length > 0 ? [byPerson] : []), ...(ids ? [byId] : [])];
  if (ways.length === 0) sql.add('false');
  else sql.add(`case_id IN (${ways.join(' UNION ALL ')})`, ...values, ...(ids ?? []));
}

const DAY_LENGTH = 10;
const beginning = (dayOrInstant: string): string => (dayOrInstant.length === DAY_LENGTH ? `${dayOrInstant}T00:00:00Z` : dayOrInstant);
