import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { PARTNER_COUNTRIES } from '../../agreements/agreement.events.js';
import { DomainError } from '../../event-store/domain-error.js';
import type { Position } from '../../event-store/event-store.js';
import { PartnerCountry, Rows, Week, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';
import { RECEPTION } from './reception.projection.js';

/** Places of one week, for people. */
export class ReceptionWeek {
  @Week() readonly week!: string;
  @WholeNumber() readonly declared!: number;
  @WholeNumber() readonly reserved!: number;
  @WholeNumber({ min: -Number.MAX_SAFE_INTEGER }) readonly free!: number;
}

export class ShownReception {
  @PartnerCountry() readonly country!: string;
  @WholeNumber({ min: -1, description: "Of the stream's newest event; -1 where there is none." }) readonly revision!: number;
  @Rows(() => ReceptionWeek) readonly weeks!: readonly ReceptionWeek[];
}

/** With a week that week alone, of no places where none were declared. */
export class ReadReception extends Query<ShownReception> {
  constructor(
    readonly country: string,
    readonly week?: string,
    readonly token?: Position,
  ) {
    super();
  }
}

interface Row {
  readonly revision: number;
  readonly week: string | null;
  readonly declared: number;
  readonly reserved: number;
}

const SQL = `
  SELECT revision, week, declared, reserved FROM {reception}.countries
  LEFT JOIN {reception}.weeks ON weeks.country = countries.country AND ($2::text IS NULL OR weeks.week = $2)
  WHERE countries.country = $1 ORDER BY week`;

@QueryHandler(ReadReception)
export class ReadReceptionHandler implements IQueryHandler<ReadReception> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws DomainError `not-found` for a country without an agreement; ReadModelBehind, DatabaseUnavailable */
  async execute({ country, week, token }: ReadReception): Promise<ShownReception> {
    if (!(PARTNER_COUNTRIES as readonly string[]).includes(country))
      throw new DomainError('not-found', 'There is no agreement with this country.');
    const rows = await this.readModels.query<Row>(RECEPTION, SQL, [country, week ?? null], { token });
    await this.readModels.assertNotParked(RECEPTION, `reception-${country}`);
    const weeks = rows.flatMap(({ week: of, declared, reserved }) =>
      of === null ? [] : [{ week: of, declared, reserved, free: declared - reserved }],
    );
    const undeclared = week === undefined ? [] : [{ week, declared: 0, reserved: 0, free: 0 }];
    return { country, revision: rows[0]?.revision ?? -1, weeks: weeks.length > 0 ? weeks : undeclared };
  }
}
