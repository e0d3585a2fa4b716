import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { STATUSES, UNDER_DETERMINATION, type Status } from '../../cases/case.status.js';
import type { Position } from '../../event-store/event-store.js';
import { OneOf, PARTNER_COUNTRIES, Rows, WholeNumber } from '../../fields/fields.js';
import { ReadModels } from '../../projecting/read-models.js';

type Partner = (typeof PARTNER_COUNTRIES)[number];

export class CountedCases {
  @OneOf(STATUSES) readonly status!: Status;
  @WholeNumber({ description: 'What a suspension would hold.' }) readonly cases!: number;
  @WholeNumber({ description: 'Of those, held for a suspension now; a reinstatement releases them.' }) readonly held!: number;
}

/** How many cases of all offices are under an agreement, from the screening to the scheduled transfer. */
export class CasesUnderAgreement {
  @OneOf(PARTNER_COUNTRIES) readonly country!: Partner;
  @Rows(() => CountedCases, { description: 'Of each status that has any.' }) readonly rows!: readonly CountedCases[];
}

export class CountCasesUnderAgreement extends Query<CasesUnderAgreement> {
  constructor(
    readonly country: Partner,
    readonly token?: Position,
  ) {
    super();
  }
}

const UNDER: readonly Status[] = ['screening', ...UNDER_DETERMINATION];
const SQL = `
  SELECT status, count(*)::int AS cases, count(*) FILTER (WHERE 'agreement-suspended' = ANY(holds))::int AS held
  FROM {caseload}.cases WHERE country = $1 AND status = ANY($2) GROUP BY status ORDER BY array_position($2, status)`;

@QueryHandler(CountCasesUnderAgreement)
export class CountCasesUnderAgreementHandler implements IQueryHandler<CountCasesUnderAgreement> {
  constructor(private readonly readModels: ReadModels) {}

  /** @throws ReadModelBehind, DatabaseUnavailable */
  async execute({ country, token }: CountCasesUnderAgreement): Promise<CasesUnderAgreement> {
    return { country, rows: await this.readModels.query<CountedCases>('caseload', SQL, [country, UNDER], { token }) };
  }
}
