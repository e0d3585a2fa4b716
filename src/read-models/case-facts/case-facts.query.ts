import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Queryable } from '../../database/database.js';
import { EventStore, START, type Position } from '../../event-store/event-store.js';
import { AnyText, Bool, Day, Matching, Nullable, Optional, WholeNumber } from '../../fields/fields.js';
import { cursorOf, placeOf, wrongCursor } from '../../http/cursor.js';
import { PersonalData } from '../../personal-data/personal-data.js';
import { ReadModelBehind, ReadModels } from '../../projecting/read-models.js';
import { AsOf } from '../../reporting/report.js';

export class CaseFactsAsked {
  @Matching(/^[\w-]{1,500}$/, 'must be as this feed returned it', {
    description: '`next` of an earlier answer; from the first fact without.',
  })
  @Optional()
  readonly after?: string;
  @WholeNumber({ min: 1, max: 1000, example: 200, description: '200 unless told.' }) @Optional() readonly limit?: number;
}

export class CaseFact {
  @AnyText({ description: 'The same whenever this fact is given: count each once.', example: '9f86d081884c7d659a2feaa0c55ad015' })
  readonly factId!: string;
  @AnyText({ description: 'The same in all facts of a case, and only there.', example: '60303ae22b998861bce3b28f33eec1be' })
  readonly caseKey!: string;
  @AnyText({ description: 'What happened, as the event is named.', example: 'TransferRequested' }) readonly type!: string;
  @AnyText({ description: 'The partner country that the procedure was about.', example: 'GT' }) @Nullable() readonly country!:
    | string
    | null;
  @AnyText({ description: 'Several join with `+`; `stateless`, `unknown`; null where the fact has none.', example: 'HN' })
  @Nullable()
  readonly nationality!: string | null;
  @Bool({ description: 'Whether the person counted as under 18.' }) readonly minor!: boolean;
  @AnyText({ description: 'Whose case it was.', example: 'ELP' }) readonly office!: string;
  @Day({ description: 'UTC.' }) readonly occurredOn!: string;
  @Day({ description: 'UTC.' }) readonly recordedOn!: string;
  @AnyText({ description: 'The reason that the event names, if it names one.', example: 'capacity' }) @Nullable() readonly reasonCode!:
    | string
    | null;
}

export interface CaseFactsFound extends Pick<AsOf, 'asOfPosition' | 'parked'> {
  readonly rows: CaseFact[];
  /** Where to go on, also at the end. */
  readonly next: string;
  /** Of the last row, or of what was asked for. */
  readonly end: Position;
}

/** Facts in the order in which they were recorded, so that those of a case are in theirs. */
export class ReadCaseFacts extends Query<CaseFactsFound> {
  constructor(
    readonly asked: CaseFactsAsked,
    readonly token?: Position,
  ) {
    super();
  }
}

type Place = readonly [position: Position, factId: string];
const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string');
const BEGINNING: Place = [START, ''];

interface Stored extends Omit<CaseFact, 'factId' | 'caseKey'> {
  readonly position: Position;
  readonly eventId: string;
  readonly caseId: string;
}

interface Found {
  readonly rows: readonly Stored[];
  readonly end: Position;
  readonly parked: number;
  /** What stands where the cursor points. */
  readonly at: string | undefined;
  /** Whether it may yet be shown there: the read model is not that far, or holds back from before it on. */
  readonly mayCome: 'later' | 'after-repair' | false;
}

const ROWS = `
  SELECT position, event_id AS "eventId", case_id AS "caseId", type, country, nationality, minor, office,
    occurred_on::text AS "occurredOn", recorded_on::text AS "recordedOn", reason_code AS "reasonCode"
  FROM {case-facts}.facts WHERE position > $1 AND position < $2 ORDER BY position LIMIT $3`;

@QueryHandler(ReadCaseFacts)
export class ReadCaseFactsHandler implements IQueryHandler<ReadCaseFacts> {
  constructor(
    private readonly readModels: ReadModels,
    private readonly personalData: PersonalData,
    @Inject(EventStore) private readonly store: EventStore,
  ) {}

  /** @throws ValidationFailed for a cursor that is not of this store; ReadModelBehind, StoreUnavailable, DatabaseUnavailable */
  async execute({ asked: { after, limit = 200 }, token }: ReadCaseFacts): Promise<CaseFactsFound> {
    const place = placeOf(after, isPlace, '/after') ?? BEGINNING;
    if (token !== undefined) await this.readModels.waitFor('case-facts', token);
    const found = await this.foundAfter(place, limit);
    const rows = await Promise.all(found.rows.map(row => this.shown(row)));
    const [last, lastShown] = [found.rows.at(-1), rows.at(-1)];
    const next: Place = last && lastShown ? [last.position, lastShown.factId] : place;
    return { rows, next: cursorOf(next), end: next[0], asOfPosition: found.end, ...(found.parked > 0 && { parked: found.parked }) };
  }

  /** What a cursor names must still be there: a store that was restored or exchanged has other facts at its positions. */
  private async foundAfter(place: Place, limit: number, again = false): Promise<Found> {
    const [position, factId] = place;
    if (position === START ? factId !== '' : !this.store.isPosition(position)) throw wrongCursor('/after');
    const found = await this.readModels.snapshot('case-facts', (tx, reached, generation) =>
      find(tx, { position, limit, reached, generation }),
    );
    if (position === START || (found.at !== undefined && (await this.factId(found.at)) === factId)) return found;
    if (found.mayCome === 'after-repair')
      throw new ReadModelBehind('The read model case-facts could not take an event before it; it waits for a repair.');
    if (found.mayCome === false || again || position > (await this.store.newest()))
      throw wrongCursor('/after', 'must be as this feed of this store returned it; begin again without it, and count each factId once');
    await this.readModels.waitFor('case-facts', position);
    return this.foundAfter(place, limit, true);
  }

  private async shown(stored: Stored): Promise<CaseFact> {
    const { position: _, eventId, caseId, ...fact } = stored;
    return { factId: await this.factId(eventId), caseKey: await this.pseudonym(`case ${caseId} in the feed`), ...fact };
  }

  private factId(eventId: string): Promise<string> {
    return this.pseudonym(`event ${eventId} in the feed`);
  }

  /** 32 hex digits, which nobody without the key leads back. */
  private async pseudonym(text: string): Promise<string> {
    return Buffer.from(await this.personalData.keyed(text), 'base64url')
      .toString('hex')
      .slice(0, 32);
  }
}

interface Asked {
  readonly position: Position;
  readonly limit: number;
  readonly reached: Position;
  readonly generation: number;
}

async function find(tx: Queryable, { position, limit, reached, generation }: Asked): Promise<Found> {
  const { horizon, parked, end } = await feedEnd(tx, generation);
  const { rows } = await tx.query<Stored>(ROWS, [position, horizon, limit]);
  const at = await tx.query<{ eventId: string }>('SELECT event_id AS "eventId" FROM {case-facts}.facts WHERE position = $1', [position]);
  const mayCome = position >= horizon ? 'after-repair' : position > reached ? 'later' : false;
  return { rows, end, parked, at: at.rows[0]?.eventId, mayCome };
}

/** Sorts after every position. */
const NOWHERE = '~';

/**
 * The newest fact that is given. What comes after an event that waits for a repair is held back:
 * given now, it would be passed by everybody whose cursor is beyond it once it is repaired.
 */
export async function feedEnd(
  tx: Queryable,
  generation: number,
): Promise<{ readonly horizon: Position; readonly parked: number; readonly end: Position }> {
  const waiting = await tx.query<{ horizon: Position; parked: number }>(
    `SELECT coalesce(min(position), '${NOWHERE}') AS horizon, count(DISTINCT stream) AS parked
     FROM ledger.parked_events WHERE read_model = 'case-facts' AND generation = $1`,
    [generation],
  );
  const { horizon, parked } = waiting.rows[0] ?? { horizon: NOWHERE, parked: 0 };
  const { rows } = await tx.query<{ end: Position | null }>('SELECT max(position) AS end FROM {case-facts}.facts WHERE position < $1', [
    horizon,
  ]);
  return { horizon, parked, end: rows[0]?.end ?? START };
}
