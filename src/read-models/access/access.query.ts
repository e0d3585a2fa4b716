import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { READS, LISTINGS, unpacked, type AccessEvent, type WhatWasListed, type WhatWasRead } from '../../audit/access.events.js';
import { ShownActor } from '../../audit/audit.answers.js';
import { newestRevision } from '../../cases/case.stream.js';
import { EventStore, type Position } from '../../event-store/event-store.js';
import type { Recorded } from '../../event-store/stream-kind.js';
import { AnyFields, AnyText, Instant, Matching, Nested, Nullable, OneOf, Optional, Rows, Uuid, WholeNumber } from '../../fields/fields.js';
import { cursorOf, placeOf } from '../../http/cursor.js';
import { AccessIndex, type Found } from './access-index.js';

export class AccessPart {
  /** Records from then on. */
  @Instant({ example: '2020-01-13T00:00:00Z' }) @Optional() readonly from?: string;
  /** Records until then, and none of that instant. */
  @Instant({ example: '2020-01-14T00:00:00Z' }) @Optional() readonly to?: string;
  @WholeNumber({ min: 1, max: 200, example: 50 }) @Optional() readonly limit?: number;
  @Matching(/^[\w-]{1,500}$/, 'must be as this list returned it') @Optional() readonly cursor?: string;
}

export class AccessRow {
  @Nested(() => ShownActor) readonly actor!: ShownActor;
  @Uuid({ description: 'Null for a list or search that showed no case.' }) @Nullable() readonly caseId!: string | null;
  @OneOf([...READS, ...LISTINGS], { description: `What was opened, or which list or search the case was shown in.` }) readonly what!:
    | WhatWasRead
    | WhatWasListed;
  @WholeNumber({ min: -1, description: 'Of the case, as it was shown; null for lists, which show the newest.' })
  @Nullable()
  readonly revision!: number | null;
  @Instant() readonly at!: string;
  @AnyText({ personal: true, description: 'As stated; null where none was, or its key was destroyed.' })
  @Nullable()
  readonly purpose!: string | null;
  @AnyFields({ description: 'Of a list or search: what it was narrowed to.' }) @Nullable() readonly filters!: object | null;
  @Uuid({ description: 'The access record: the rows of one list have the same.' }) readonly record!: string;
}

export class AccessPage {
  @Rows(() => AccessRow) readonly rows!: AccessRow[];
  @AnyText() @Nullable() readonly nextCursor!: string | null;
}

/** Who saw a case, the newest first. */
export class WhoSawCase extends Query<{ readonly page: AccessPage; readonly revision: number }> {
  constructor(
    readonly caseId: string,
    readonly part: AccessPart,
    readonly token?: Position,
  ) {
    super();
  }
}

/** What somebody saw, the newest first: of a list a row for each case in it. */
export class WhatActorSaw extends Query<AccessPage> {
  constructor(
    readonly sub: string,
    readonly part: AccessPart,
    readonly token?: Position,
  ) {
    super();
  }
}

/** The last row that was given, by its record and its place in that. */
type Place = [position: Position, row: number];
const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === 'string' &&
  /^[\d/]{1,40}$/.test(value[0]) &&
  Number.isSafeInteger(value[1]) &&
  (value[1] as number) >= 0;

const FIRST_PAGE = 50;

@QueryHandler(WhoSawCase)
export class WhoSawCaseHandler implements IQueryHandler<WhoSawCase> {
  constructor(
    private readonly index: AccessIndex,
    private readonly store: EventStore,
  ) {}

  /** @throws DomainError `not-found`; ValidationFailed for a wrong cursor; ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  async execute({ caseId, part, token }: WhoSawCase): Promise<{ page: AccessPage; revision: number }> {
    const revision = await newestRevision(this.store, caseId);
    const { limit = FIRST_PAGE, cursor, ...period } = part;
    const place = placeOf(cursor, isPlace);
    const found = await this.index.ofCase(caseId, { ...period, upTo: place?.[0], limit: limit + 2 }, token);
    return { page: pageOf(found, place, limit, event => [rowOf(event, caseId)]), revision };
  }
}

@QueryHandler(WhatActorSaw)
export class WhatActorSawHandler implements IQueryHandler<WhatActorSaw> {
  constructor(private readonly index: AccessIndex) {}

  /** @throws ValidationFailed for a wrong cursor; ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  async execute({ sub, part: { limit = FIRST_PAGE, cursor, ...period }, token }: WhatActorSaw): Promise<AccessPage> {
    const place = placeOf(cursor, isPlace);
    const found = await this.index.ofActor(sub, { ...period, upTo: place?.[0], limit: limit + 2 }, token);
    return pageOf(found, place, limit, event => casesOf(event).map(caseId => rowOf(event, caseId)));
  }
}

/** Of as many records as a page with the first row of the next one may need, as each has a row at least. */
function pageOf(
  found: readonly Found[],
  after: Place | undefined,
  limit: number,
  rowsOf: (event: Recorded<AccessEvent>) => readonly AccessRow[],
): AccessPage {
  const rows = found
    .flatMap(({ event, position }) => rowsOf(event).map((row, at) => ({ row, place: [position, at] as Place })))
    .filter(({ place: [position, at] }) => !after || position !== after[0] || at > after[1])
    .slice(0, limit + 1);
  const last = rows.at(limit - 1);
  return { rows: rows.slice(0, limit).map(({ row }) => row), nextCursor: rows.length > limit && last ? cursorOf(last.place) : null };
}

/** Those that the record names, or none at all. */
function casesOf(event: Recorded<AccessEvent>): readonly (string | null)[] {
  if (event.type === 'CaseFileRead') return [event.stream.slice('access-'.length)];
  const cases = [...new Set(unpacked(event.data.cases))];
  return cases.length > 0 ? cases : [null];
}

const rowOf = (event: Recorded<AccessEvent>, caseId: string | null): AccessRow => ({
  actor: event.metadata.actor,
  caseId,
  ...(event.type === 'CaseFileRead'
    ? { what: event.data.what, revision: event.data.revision, filters: null }
    : { what: event.data.list, revision: null, filters: event.data.filters }),
  at: event.metadata.recordedAt,
  purpose: event.personal?.purpose ?? null,
  record: event.id,
});
